"""Simulated staff."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Protocol

from ingest.drill.programme import Draft, Programme, WorkingHours, about, chance
from ingest.drill.script import Script
from liveroom.city.city import City
from liveroom.domain.alarms.model import Alarm, AlarmKind, AlarmState
from liveroom.domain.complaints.model import STATUS, Complaint, Stage, State, Status
from liveroom.domain.requests import Accepted, Command, CommandName, Done, Malformed, Refused, Role, Stale, Unknown
from liveroom.domain.timestamps import to_text
from liveroom.runtime.time import monotonic

# What simulated staff will do with one complaint and when: a list of steps, written in order by a pen.


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkStep:
    """One command. ``role`` AGENCY acts for whichever agency leads then.

    ``into``: source_id of the complaint to merge into. ``fleeting``: no longer worth doing when late.
    """

    at: datetime
    name: CommandName
    role: Role
    fields: Mapping[str, Any] = field(default_factory=dict)
    into: str | None = None
    fleeting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What every plan of one drill has in common."""

    script: Script
    city: City
    hours: WorkingHours
    seed: int


class Pen:
    """Writes a plan: knows the complaint, the time it is at, and draws from the complaint's own chance."""

    def __init__(self, draft: Draft, setting: Setting, rng: Random) -> None:
        """Begin at the moment of receipt."""
        self.draft, self.setting, self.rng = draft, setting, rng
        self.city, self.policy, self.words = setting.city, setting.city.policy, setting.script.staff
        self.class_ = self.policy.class_of(draft.category, "normal")
        self.critical = self.class_ == self.policy.critical_class
        self.agency = self.policy.agency_for(draft.category, draft.area) or next(iter(setting.city.agencies))
        self.now = draft.at
        self.steps: list[WorkStep] = []

    @property
    def around_the_clock(self) -> bool:
        """Whether those who handle it work at night."""
        return self.critical or self.draft.burst or self.city.agencies[self.agency].hours == "always"

    def later(self, seconds: float, *, since: datetime | None = None) -> datetime:
        """``seconds`` of the handlers' working time after ``since`` (else after the last step)."""
        start = since or self.now
        if self.around_the_clock:
            return start + timedelta(seconds=seconds)
        return self.setting.hours.after(start, seconds)

    def some(self, median: float, low: float, high: float) -> float:
        """Seconds that something takes."""
        return about(self.rng, median, 0.6, low, high)

    def desk(self, seconds: float, name: CommandName, **fields: Any) -> None:
        """The duty room, which never closes, does something ``seconds`` after the last step."""
        self.add(self.now + timedelta(seconds=seconds), name, Role.DUTY, **fields)

    def theirs(self, seconds: float, name: CommandName, **fields: Any) -> None:
        """The agency does something."""
        self.add(self.later(seconds), name, Role.AGENCY, **fields)

    def add(self, at: datetime, name: CommandName, role: Role, **fields: Any) -> None:
        """Write a step down and go on from it."""
        fleeting = name in (CommandName.ASK, CommandName.HOLD, CommandName.REPLY)
        into = fields.pop("into_draft", None)
        self.steps.append(WorkStep(at=at, name=name, role=role, fields=fields, into=into, fleeting=fleeting))
        self.now = at

    def say(self, occasion: str) -> str:
        """What somebody writes on an occasion."""
        return str(self.rng.choice(getattr(self.words, occasion)))


# One complaint in the hands of the drill's staff: how far its plan has come, and what may be done with it next.

_IN_WORK = frozenset({State.ACCEPTED, State.WORKING})
_NEW = frozenset({State.RECEIVED})
_FORWARDED = frozenset({State.FORWARDED})
_PROVED = frozenset({State.PROOF_SUBMITTED})
_OPEN = frozenset(state for state, status in STATUS.items() if status in (Status.WAITING, Status.IN_PROCESS))
# Narrower than the domain's own table: staff here does only what makes sense next.
SENSIBLE: Mapping[CommandName, frozenset[State]] = {
    CommandName.FORWARD: _NEW,
    CommandName.REJECT: _NEW,
    CommandName.REFER_OUTSIDE: _NEW,
    CommandName.MERGE: _NEW | _FORWARDED,
    CommandName.DECLINE: _FORWARDED,
    CommandName.ACCEPT: _FORWARDED,
    CommandName.START: frozenset({State.ACCEPTED}),
    CommandName.ASK: _IN_WORK,
    CommandName.HOLD: _IN_WORK,
    CommandName.ANSWER: _OPEN,
    CommandName.RESUME: _OPEN,
    CommandName.REPLY: _OPEN,
    CommandName.CLOSE: _IN_WORK,
    CommandName.SUBMIT_PROOF: _IN_WORK,
    CommandName.SEND_BACK: _PROVED,
    CommandName.VALIDATE: _PROVED,
    CommandName.REOPEN: frozenset({State.DONE}),
}
_ENDS = {CommandName.ANSWER: "citizen", CommandName.RESUME: "hold"}
_NEXT = {
    State.FORWARDED: (CommandName.ACCEPT, Role.AGENCY),
    State.ACCEPTED: (CommandName.START, Role.AGENCY),
    State.WORKING: (CommandName.SUBMIT_PROOF, Role.AGENCY),
    State.PROOF_SUBMITTED: (CommandName.VALIDATE, Role.DUTY),
}
TOO_LATE, AGAIN, UNPLANNED = timedelta(minutes=30), timedelta(minutes=2), timedelta(minutes=40)
LONG_AGO, FOREVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class StaffCase:
    """What the staff knows of a complaint; it may be behind, then the room says so.

    ``place``: the plan's next step; ``rest_until``: not to be touched before; ``refused``: how often the room said no.
    """

    draft: Draft
    source: str
    steps: tuple[WorkStep, ...]
    id: str
    seq: int
    state: State
    paused: str | None = None
    agency: str | None = None
    place: int = 0
    refused: int = 0
    rest_until: datetime = LONG_AGO

    def learn(self, complaint: Complaint) -> None:
        """Take over what the room says."""
        self.seq, self.state, self.paused, self.agency = (
            complaint.seq,
            complaint.state,
            complaint.paused,
            complaint.agency,
        )

    @property
    def over(self) -> bool:
        """Nothing more will be done with it."""
        ahead = self.place < len(self.steps) and self.steps[self.place].name is CommandName.REOPEN
        return self.state not in _OPEN and not (ahead and self.state is State.DONE)

    def next_step(self, now: datetime) -> WorkStep | None:
        """The next sensible step, due or not; steps that make no sense any more are passed over."""
        while self.place < len(self.steps):
            step = self.steps[self.place]
            if not self._passed(step, now):
                return step
            self.place += 1
        return None

    def due(self, now: datetime) -> datetime:
        """When the next step is due; FOREVER when only people from outside can move it."""
        step = self.next_step(now)
        return FOREVER if step is None else max(step.at, self.rest_until)

    def waits(self, step: WorkStep) -> bool:
        """Whether a pause that the drill did not plan keeps the step from being done."""
        return self.paused is not None and step.name not in (
            *_ENDS,
            CommandName.REPLY,
            CommandName.MERGE,
            CommandName.CLOSE,
        )

    def improvise(self, now: datetime, words: str, agency: str) -> None:
        """When the plan has run out, because somebody from outside took a hand: what comes next, in a while."""
        name, role = _NEXT.get(self.state, (CommandName.FORWARD, Role.DUTY))
        fields = {CommandName.FORWARD: {"agency": agency}, CommandName.SUBMIT_PROOF: {"note": words}}.get(name, {})
        step = WorkStep(at=now + UNPLANNED, name=name, role=role, fields=fields)
        self.steps = (*self.steps, step)

    def done(self, step: WorkStep, seq: int, state: State) -> None:
        """A step was done."""
        self.place, self.refused, self.seq, self.state = self.place + 1, 0, seq, state
        match step.name:
            case CommandName.ASK:
                self.paused = "citizen"
            case CommandName.HOLD:
                self.paused = "hold"
            case CommandName.ANSWER | CommandName.RESUME:
                self.paused = None
            case CommandName.FORWARD:
                self.agency = step.fields["agency"]
            case _:
                pass

    def wait(self, now: datetime) -> None:
        """Look at it again in a while."""
        self.rest_until = now + AGAIN

    def turned_down(self, now: datetime) -> None:
        """The room said no: once more in a while, then the next step."""
        self.refused += 1
        self.wait(now)
        if self.refused > 1:
            self.place, self.refused = self.place + 1, 0

    def _passed(self, step: WorkStep, now: datetime) -> bool:
        """Whether the time for a step is over."""
        if self.state not in SENSIBLE[step.name]:
            return True
        if step.name in _ENDS and self.paused != _ENDS[step.name]:
            return True
        return step.fleeting and now - step.at > TOO_LATE


# The life of a complaint in the drill, squeezed into a day but judged by the pack's real deadlines.
#
# Most are handled well; the rest is what a control room is there for: late, declined, doubled, in question, come back.
# The shares are guesses that keep every colour and a few overdue on the wall; docs/drill.md lists them.

# Working seconds in which a complaint of rank 1, 2, ... ends in the drill, and the median share of it that is used.
ALLOWED = (7200, 10800, 18000, 25200, 36000)
USED = (0.45, 0.30, 0.28, 0.36, 0.50)
SLOWEST = timedelta(days=9)

FATES = (
    ("prank", 0.02),
    ("referred", 0.02),
    ("declined", 0.04),
    ("unaccepted", 0.02),
    ("slow", 0.018),
    ("asked", 0.05),
    ("held", 0.04),
    ("sent_back", 0.04),
    ("closed", 0.03),
    ("reopened", 0.015),
)
SLIPPED, CRITICAL_LATE, MERGED, REPLIED = 0.03, 0.15, 0.85, 0.6


def plan(draft: Draft, setting: Setting) -> tuple[WorkStep, ...]:
    """Every step of a complaint's handling in order of time; a pure function of the drill's seed and the draft."""
    pen = Pen(draft, setting, chance(setting.seed, draft.source_id, "plan"))
    drawn, merged = pen.rng.random(), pen.rng.random() < MERGED
    if draft.first is not None and merged:
        # Should the first be over by then, the rest of the plan is there to handle it alone.
        pen.desk(_to_forward(pen) + pen.some(400, 120, 1800), CommandName.MERGE, into_draft=draft.first)
        drawn = 1.0
    _write(pen, "plain" if pen.critical else _fate(drawn))
    return tuple(pen.steps)


def lingers(draft: Draft, setting: Setting) -> bool:
    """Whether the plan may run for days; costs a tenth of the plan itself. The others are over within two."""
    return _fate(chance(setting.seed, draft.source_id, "plan").random()) in ("slow", "unaccepted")


def _fate(drawn: float) -> str:
    """Which of the FATES a draw means; the rest is plain."""
    for name, share in FATES:
        if drawn < share:
            return name
        drawn -= share
    return "plain"


def _write(pen: Pen, fate: str) -> None:
    """A whole life with its fate in its place."""
    outside = pen.city.categories[pen.draft.category].outside
    if fate == "prank":
        pen.desk(_to_forward(pen), CommandName.REJECT, reason=pen.say("reject"))
        return
    if fate == "referred" and outside:
        pen.desk(_to_forward(pen), CommandName.REFER_OUTSIDE, outside=pen.rng.choice(outside), reason=pen.say("refer"))
        return
    _taken_on(pen, fate)
    if fate == "closed":
        pen.add(pen.later(pen.some(3000, 600, 9000)), CommandName.CLOSE, Role.SUPERVISOR, reason=pen.say("close"))
        return
    _under_way(pen, fate)
    _finished(pen, _finish(pen, fate), fate)


def _to_forward(pen: Pen) -> float:
    """Seconds until the duty room has looked at it: two minutes in an emergency, thirty otherwise, with slips."""
    if pen.critical:
        late = pen.rng.random() < CRITICAL_LATE
        return pen.rng.uniform(130, 420) if late else about(pen.rng, 32, 0.3, 12, 110)
    if pen.draft.burst:
        return about(pen.rng, 700, 0.55, 120, 2700)
    slipped = pen.rng.random() < SLIPPED
    return pen.rng.uniform(1900, 4500) if slipped else about(pen.rng, 330, 0.75, 45, 1750)


def _taken_on(pen: Pen, fate: str) -> None:
    """Forwarded, perhaps to the wrong agency first, accepted and begun."""
    forward = _to_forward(pen)
    if fate == "declined":
        wrong = pen.rng.choice([key for key in pen.city.agencies if key != pen.agency] or [pen.agency])
        pen.desk(forward, CommandName.FORWARD, agency=wrong)
        pen.theirs(pen.some(1500, 300, 5400), CommandName.DECLINE, reason=pen.say("decline"))
        forward = pen.some(300, 60, 1200)
    pen.desk(forward, CommandName.FORWARD, agency=pen.agency)
    pen.theirs(_to_accept(pen, fate), CommandName.ACCEPT)
    pen.theirs(pen.some(150, 60, 300) if pen.critical else pen.some(400, 60, 3600), CommandName.START)


def _to_accept(pen: Pen, fate: str) -> float:
    """Working seconds until the agency accepts; an unaccepted one waits past its deadline."""
    if pen.critical:
        return pen.some(150, 40, 540)
    promised = pen.policy.deadline(pen.class_, Stage.ACCEPT, pen.now) if fate == "unaccepted" else None
    if promised is not None:
        overrun = pen.rng.uniform(2, 20) * 3600
        pen.now = max(pen.now, promised.due)
        return overrun
    return pen.some(1500, 180, 5400)


def _under_way(pen: Pen, fate: str) -> None:
    """What happens while it is in work."""
    if pen.rng.random() < REPLIED:
        pen.desk(pen.some(200, 60, 900), CommandName.REPLY, text=pen.say("reply"))
    if fate == "asked":
        pen.theirs(pen.some(600, 120, 1800), CommandName.ASK, text=pen.say("ask"))
        pen.desk(pen.some(3600, 600, 10800), CommandName.ANSWER, text=pen.say("answer"))
    if fate == "held":
        until = pen.later(pen.some(7200, 1800, 14400))
        begin = pen.later(pen.some(600, 120, 1800))
        pen.add(
            begin, CommandName.HOLD, Role.SUPERVISOR, reason=pen.say("hold"), until=to_text(max(until, begin + _MINUTE))
        )
        pen.add(max(until, begin + _MINUTE), CommandName.RESUME, Role.DUTY)


_MINUTE = timedelta(minutes=1)


def _finish(pen: Pen, fate: str) -> datetime:
    """When the agency has done its part."""
    rank = min(pen.policy.classes[pen.class_].rank, len(ALLOWED)) - 1
    used = about(pen.rng, USED[rank], 0.55, 0.05, 0.95)
    if pen.critical and pen.rng.random() < CRITICAL_LATE:
        used = pen.rng.uniform(1.05, 1.9)
    usual = max(pen.later(used * ALLOWED[rank], since=pen.draft.at), pen.later(300))
    if fate != "slow":
        return usual
    promised = pen.policy.deadline(pen.class_, Stage.FINISH, pen.draft.at)
    if promised is None or promised.due - pen.draft.at > SLOWEST:
        return usual
    return max(usual, pen.later(pen.rng.uniform(3, 28) * 3600, since=promised.due))


def _finished(pen: Pen, at: datetime, fate: str) -> None:
    """Proof and its judgement by somebody else, with what may go wrong there."""
    done = pen.setting.script.categories[pen.draft.category].done or pen.words.note
    pen.add(at, CommandName.SUBMIT_PROOF, Role.AGENCY, note=pen.rng.choice(done))
    if fate == "sent_back":
        pen.desk(pen.some(600, 120, 1800), CommandName.SEND_BACK, reason=pen.say("send_back"))
        pen.theirs(pen.some(2400, 600, 7200), CommandName.SUBMIT_PROOF, note=pen.rng.choice(done))
    pen.desk(pen.some(600, 120, 2400), CommandName.VALIDATE)
    if fate == "reopened":
        pen.desk(pen.some(5400, 1800, 14400), CommandName.REOPEN, reason=pen.say("reopen"))
        pen.theirs(pen.some(1200, 180, 3600), CommandName.ACCEPT)
        pen.theirs(pen.some(400, 60, 1800), CommandName.START)
        pen.theirs(pen.some(5400, 1200, 14400), CommandName.SUBMIT_PROOF, note=pen.rng.choice(done))
        pen.desk(pen.some(600, 120, 2400), CommandName.VALIDATE)


# The simulated staff: gives each complaint of the drill its next command when that is due, and touches no others.

# Complaints of about a month: alarms of a case that is over may still wait for somebody.
REMEMBERED = 20_000


class Desk(Protocol):
    """The room as the staff uses it."""

    def execute(self, order: Command) -> Done:
        """Do what is ordered. Raises Unknown, Refused, Malformed or Stale."""

    def open_of(self, source: str) -> Sequence[Complaint]:
        """The open complaints of a source."""


class Staff:
    """Everybody who works in the drill."""

    def __init__(self, desk: Desk, setting: Setting, programme: Programme) -> None:
        """Begin without a case."""
        self._desk, self._setting, self._programme = desk, setting, programme
        self._cases: dict[str, StaffCase] = {}
        self._made: dict[str, None] = {}

    def __len__(self) -> int:
        """How many cases are in hand."""
        return len(self._cases)

    def look(self, sources: Iterable[str]) -> datetime | None:
        """Look at everything open that the drill made, by source id; the moment of the newest, None without any."""
        newest = None
        for source in sources:
            for complaint in self._desk.open_of(source):
                draft = self._programme.draft(complaint.source_id) if complaint.drill else None
                if draft is None:
                    continue
                self._case(draft, source, complaint.id).learn(complaint)
                newest = draft.at if newest is None else max(newest, draft.at)
        return newest

    def take(self, draft: Draft, source: str, accepted: Accepted) -> None:
        """A new complaint came in."""
        if accepted.created and accepted.status == "waiting":
            self._case(draft, source, accepted.id).seq = accepted.seq

    def _case(self, draft: Draft, source: str, id_: str) -> StaffCase:
        """The case of a draft, opened if need be."""
        case = self._cases.get(draft.source_id)
        if case is None:
            steps = plan(draft, self._setting)
            case = StaffCase(draft=draft, source=source, steps=steps, id=id_, seq=0, state=State.RECEIVED)
            self._cases[draft.source_id] = case
            self._made[id_] = None
            if len(self._made) > REMEMBERED:
                del self._made[next(iter(self._made))]
        return case

    def made(self, complaint: str) -> bool:
        """Whether the drill made this complaint, as far back as it remembers; its case may be over."""
        return complaint in self._made

    def work(self, now: datetime, at_most: int) -> bool:
        """Give what is due at ``now``, the longest due first; true when nothing due is left."""
        for case in tuple(self._cases.values()):
            self._after(case, now)
        due = sorted((case for case in self._cases.values() if case.due(now) <= now), key=lambda case: case.due(now))
        for case in due[:at_most]:
            self._advance(case, now)
        return len(due) <= at_most and not any(case.due(now) <= now for case in due)

    def next_due(self, now: datetime) -> datetime:
        """When somebody has to do something again."""
        return min((case.due(now) for case in self._cases.values()), default=FOREVER)

    def _advance(self, case: StaffCase, now: datetime) -> None:
        """One step of one case."""
        step = case.next_step(now)
        if step is None or case.waits(step):
            case.wait(now)
            return
        order = self._order(case, step)
        if order is None:
            case.place += 1
        else:
            self._give(case, step, order, now)
        self._after(case, now)

    def _after(self, case: StaffCase, now: datetime) -> None:
        """Put a case aside that is over; go on by sense where the plan has nothing more to say."""
        if case.over:
            self._cases.pop(case.draft.source_id, None)
        elif case.next_step(now) is None:
            agency = self._setting.city.policy.agency_for(case.draft.category, case.draft.area)
            case.improvise(now, self._setting.script.staff.note[0], agency or next(iter(self._setting.city.agencies)))

    def _give(self, case: StaffCase, step: WorkStep, order: Command, now: datetime) -> None:
        """Give the order and learn from the answer; a no is no fault here, people from outside work on these too."""
        try:
            done = self._desk.execute(order)
        except Stale as error:
            if isinstance(error.current, Complaint):
                case.learn(error.current)
        except Malformed:
            case.place += 1
        except Refused:
            case.turned_down(now)
        except Unknown:
            self._cases.pop(case.draft.source_id, None)
        else:
            case.done(step, done.seq, State(done.state))

    def _order(self, case: StaffCase, step: WorkStep) -> Command | None:
        """The command of a step; None when it has lost its object.

        The id makes a repeat after a restart harmless: the room knows the command and says so.
        """
        fields = dict(step.fields)
        if step.name is CommandName.MERGE:
            target = self._cases.get(step.into or "")
            if target is None or target.over:
                return None
            fields["into"] = target.id
        agency = case.agency if step.role is Role.AGENCY else None
        return Command(
            command_id=f"{case.draft.source_id}.{case.place}.{step.at:%H%M%S}",
            name=step.name.value,
            subject=case.id,
            actor=f"drill-{agency or step.role.value}-{1 + case.place % 2}",
            role=step.role.value,
            actor_agency=agency,
            seen_seq=case.seq,
            fields=fields,
        )


# The drill's operator at the alarm desk: sees what flashes, takes some seconds, acknowledges what the drill made.

# Real seconds an operator takes by priority (median); the room's own speed does not hurry people.
TAKES_S = {1: 5.0, 2: 9.0, 3: 14.0}
SPREAD, LEAST_S, MOST_S = 0.5, 2.0, 45.0
AT_ONCE = 20
WAITING = (AlarmState.UNACKED, AlarmState.RETURNED)


class AlarmDesk(Protocol):
    """The room as an operator sees it."""

    def alarms_standing(self, limit: int) -> tuple[Alarm, ...]:
        """Alarms that are not normal."""

    def execute(self, order: Command) -> Done:
        """Do what a person ordered."""


class Operator:
    """``owns(complaint id)`` says whether the drill made that complaint; alarms of others are left to people."""

    def __init__(self, desk: AlarmDesk, owns: Callable[[str], bool], clock: Callable[[], float] = monotonic) -> None:
        self._desk, self._owns, self._clock = desk, owns, clock
        self._seen: dict[tuple[str, int], float] = {}

    def step(self, limit: int = 500) -> int:
        """Acknowledge what has been seen long enough; returns how many. Raises Unavailable."""
        now, waiting = self._clock(), [alarm for alarm in self._desk.alarms_standing(limit) if self._mine(alarm)]
        self._seen = {(a.id, a.rearmed): self._seen.get((a.id, a.rearmed), now) for a in waiting}
        ready = [alarm for alarm in waiting if now - self._seen[alarm.id, alarm.rearmed] >= self._takes(alarm)]
        for alarm in ready[:AT_ONCE]:
            self._acknowledge(alarm)
        return len(ready[:AT_ONCE])

    def _mine(self, alarm: Alarm) -> bool:
        if alarm.state not in WAITING or alarm.kind is AlarmKind.LOST:
            return False
        return alarm.grouped or (alarm.complaint is not None and self._owns(alarm.complaint))

    @staticmethod
    def _takes(alarm: Alarm) -> float:
        rng = chance("operator", alarm.id, alarm.rearmed)
        return about(rng, TAKES_S[alarm.priority], SPREAD, LEAST_S, MOST_S)

    def _acknowledge(self, alarm: Alarm) -> None:
        overdue = alarm.kind is AlarmKind.PASSED
        order = Command(
            command_id=f"drill-ack:{alarm.id}:{alarm.seq}"[:128],
            name="acknowledge",
            subject=alarm.id,
            about="alarm",
            actor="latihan-1",
            role="duty",
            seen_seq=alarm.seq,
            fields={"owner": alarm.agency or "latihan-1"} if overdue else {},
        )
        try:
            self._desk.execute(order)
        except (Stale, Refused, Malformed, Unknown):
            # Somebody else was faster, or it is over: what stands is looked at again at the next step.
            return
