"""The simulated staff of a drill: the plan of each complaint, its next command when that is due, and alarms.

- `plan`: draft -> every step of its handling, a pure function of the drill's seed and the draft.
- `Staff`: gives each case of the drill its next command, and touches no other complaint.
- `Operator`: acknowledges the alarms of the drill's complaints after some seconds.

Moments are aware UTC at room time; only the operator works by real seconds. A life is squeezed into a day but judged by
the pack's real deadlines. Most complaints are handled well; the rest is what a control room is there for: late,
declined, doubled, in question, come back. The shares are guesses that keep every colour and a few overdue on the wall;
docs/drill.md lists them. Above 500 lines, since plan, case and staff are read together.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Protocol

from ingest.drill.programme import Draft, Programme, WorkingHours, log_normal, seeded_random
from ingest.drill.script import Script
from liveroom.city.city import City
from liveroom.domain.alarms.model import Alarm, AlarmKind, AlarmState
from liveroom.domain.complaints.model import STATUS, Complaint, Stage, State, Status
from liveroom.domain.requests import (
    Command,
    CommandName,
    CommandResult,
    IntakeResult,
    Malformed,
    Refused,
    Role,
    Stale,
    Unknown,
)
from liveroom.domain.timestamps import to_text
from liveroom.runtime.time import monotonic

# Working seconds in which a complaint of rank 1, 2, ... ends in the drill, and the median share of it that is used.
ALLOWED = (7200, 10800, 18000, 25200, 36000)
USED = (0.45, 0.30, 0.28, 0.36, 0.50)
SLOWEST = timedelta(days=9)

# What becomes of a complaint, with its share; the rest is "plain".
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
# How slow an agency is, from its seed: a factor on how long it works, and its square on how often it is late.
SLOWNESS, SLOWEST_AGENCY, MOST_USED = 0.45, 2.4, 1.6
LATE = frozenset({"unaccepted", "slow"})
# Shares: forwarded late, critical and late, doubles that are merged, answered while in work.
SLIPPED, CRITICAL_LATE, MERGED, REPLIED = 0.03, 0.15, 0.85, 0.6
_MINUTE = timedelta(minutes=1)

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
# The steps that end a complaint well.
ENDINGS = (CommandName.VALIDATE, CommandName.CLOSE)
# What a step ends: a pause by its reason.
_ENDS = {CommandName.ANSWER: "citizen", CommandName.RESUME: "hold"}
# What comes next where the plan has run out.
_NEXT = {
    State.FORWARDED: (CommandName.ACCEPT, Role.AGENCY),
    State.ACCEPTED: (CommandName.START, Role.AGENCY),
    State.WORKING: (CommandName.SUBMIT_PROOF, Role.AGENCY),
    State.PROOF_SUBMITTED: (CommandName.VALIDATE, Role.DUTY),
}
# When a fleeting step is left out, a case looked at again, an unplanned step due.
TOO_LATE, AGAIN, UNPLANNED = timedelta(minutes=30), timedelta(minutes=2), timedelta(minutes=40)
LONG_AGO, FOREVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
# Complaints of about a month: alarms of a case that is over may still wait for somebody.
REMEMBERED = 20_000

# Real seconds that an operator takes by priority (median); the room's speed does not hurry people.
TAKES_S = {1: 5.0, 2: 9.0, 3: 14.0}
SPREAD, LEAST_S, MOST_S = 0.5, 2.0, 45.0
ACKNOWLEDGED_AT_ONCE = 20
WAITING = (AlarmState.UNACKED, AlarmState.RETURNED)


# Plans.


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkStep:
    """One command of a plan; ``role`` AGENCY acts for the agency that leads at that time.

    ``into``: source_id of the complaint to merge into. ``fleeting``: no longer worth doing when late.
    """

    at: datetime
    name: CommandName
    role: Role
    fields: Mapping[str, Any] = field(default_factory=dict)
    into: str | None = None
    fleeting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillSetup:
    """What all plans of one drill have in common."""

    script: Script
    city: City
    hours: WorkingHours
    seed: int


class PlanWriter:
    """Writes the steps of one plan in order; ``now`` is the moment of the last one, ``rng`` the complaint's own."""

    def __init__(self, draft: Draft, setup: DrillSetup, rng: Random) -> None:
        """The plan begins at the moment of receipt."""
        self.draft, self.setup, self.rng = draft, setup, rng
        self.city, self.policy, self.words = setup.city, setup.city.policy, setup.script.staff
        self.class_ = self.policy.class_of(draft.category, "normal")
        self.critical = self.class_ == self.policy.critical_class
        self.agency = agency_of(draft, setup)
        self.slowness = slowness(self.agency, setup.seed)
        self.now = draft.at
        self.steps: list[WorkStep] = []

    @property
    def around_the_clock(self) -> bool:
        """Whether its handlers work at night."""
        return self.critical or self.draft.burst or self.city.agencies[self.agency].hours == "always"

    def later(self, seconds: float, *, since: datetime | None = None) -> datetime:
        """``seconds`` of the handlers' working time after ``since`` (else after the last step)."""
        start = since or self.now
        if self.around_the_clock:
            return start + timedelta(seconds=seconds)
        return self.setup.hours.after(start, seconds)

    def duration(self, median: float, low: float, high: float) -> float:
        """Seconds that a step takes, log-normal."""
        return log_normal(self.rng, median, 0.6, low, high)

    def add_duty(self, seconds: float, name: CommandName, **fields: Any) -> None:
        """A step of the duty room, which never closes, ``seconds`` after the last one."""
        self.add(self.now + timedelta(seconds=seconds), name, Role.DUTY, **fields)

    def add_agency(self, seconds: float, name: CommandName, **fields: Any) -> None:
        """A step of the agency, ``seconds`` of its working time after the last one."""
        self.add(self.later(seconds), name, Role.AGENCY, **fields)

    def add(self, at: datetime, name: CommandName, role: Role, **fields: Any) -> None:
        """Append a step and go on from its moment."""
        fleeting = name in (CommandName.ASK, CommandName.HOLD, CommandName.REPLY)
        into = fields.pop("into_draft", None)
        self.steps.append(WorkStep(at=at, name=name, role=role, fields=fields, into=into, fleeting=fleeting))
        self.now = at

    def phrase(self, occasion: str) -> str:
        """One of the script's phrases for an occasion."""
        return str(self.rng.choice(getattr(self.words, occasion)))


def plan(draft: Draft, setup: DrillSetup) -> tuple[WorkStep, ...]:
    """Every step of a complaint's handling, in order of time."""
    writer = PlanWriter(draft, setup, seeded_random(setup.seed, draft.source_id, "plan"))
    drawn, merged = writer.rng.random(), writer.rng.random() < MERGED
    if draft.first is not None and merged:
        # Should the first be over by then, the rest of the plan is there to handle it alone.
        writer.add_duty(
            _seconds_to_forward(writer) + writer.duration(400, 120, 1800), CommandName.MERGE, into_draft=draft.first
        )
        drawn = 1.0
    _write_plan(writer, "plain" if writer.critical else _fate(drawn, writer.slowness))
    return tuple(writer.steps)


def may_run_for_days(draft: Draft, setup: DrillSetup) -> bool:
    """Whether the plan may run for days; costs a tenth of the plan itself. The others are over within two."""
    drawn = seeded_random(setup.seed, draft.source_id, "plan").random()
    return _fate(drawn, slowness(agency_of(draft, setup), setup.seed)) in LATE


def agency_of(draft: Draft, setup: DrillSetup) -> str:
    """The agency that handles a draft in the end."""
    return setup.city.policy.agency_for(draft.category, draft.area) or next(iter(setup.city.agencies))


@cache
def slowness(agency: str, seed: int) -> float:
    """How slow an agency is in this drill, 1 for an ordinary one: some are good, some are not."""
    return log_normal(seeded_random(seed, agency, "slowness"), 1, SLOWNESS, 1 / SLOWEST_AGENCY, SLOWEST_AGENCY)


def _fate(drawn: float, slow: float) -> str:
    """One of FATES, or plain, by a draw from 0 to 1, at an agency that is as ``slow`` as that."""
    for name, usual in FATES:
        share = usual * slow * slow if name in LATE else usual
        if drawn < share:
            return name
        drawn -= share
    return "plain"


def _write_plan(writer: PlanWriter, fate: str) -> None:
    """Write the whole handling of a complaint with this fate."""
    outside = writer.city.categories[writer.draft.category].outside
    if fate == "prank":
        writer.add_duty(_seconds_to_forward(writer), CommandName.REJECT, reason=writer.phrase("reject"))
        return
    if fate == "referred" and outside:
        writer.add_duty(
            _seconds_to_forward(writer),
            CommandName.REFER_OUTSIDE,
            outside=writer.rng.choice(outside),
            reason=writer.phrase("refer"),
        )
        return
    _write_acceptance(writer, fate)
    if fate == "closed":
        writer.add(
            writer.later(writer.duration(3000, 600, 9000)),
            CommandName.CLOSE,
            Role.SUPERVISOR,
            reason=writer.phrase("close"),
        )
        return
    _write_work(writer, fate)
    _write_proof(writer, _finish_time(writer, fate), fate)


def _seconds_to_forward(writer: PlanWriter) -> float:
    """Seconds until the duty room forwards it: within 2 minutes in an emergency, 30 otherwise; some are late."""
    if writer.critical:
        late = writer.rng.random() < CRITICAL_LATE
        return writer.rng.uniform(130, 420) if late else log_normal(writer.rng, 32, 0.3, 12, 110)
    if writer.draft.burst:
        return log_normal(writer.rng, 700, 0.55, 120, 2700)
    slipped = writer.rng.random() < SLIPPED
    return writer.rng.uniform(1900, 4500) if slipped else log_normal(writer.rng, 330, 0.75, 45, 1750)


def _write_acceptance(writer: PlanWriter, fate: str) -> None:
    """Forward it, perhaps to the wrong agency first, accept it and start work."""
    forward = _seconds_to_forward(writer)
    if fate == "declined":
        wrong = writer.rng.choice([key for key in writer.city.agencies if key != writer.agency] or [writer.agency])
        writer.add_duty(forward, CommandName.FORWARD, agency=wrong)
        writer.add_agency(writer.duration(1500, 300, 5400), CommandName.DECLINE, reason=writer.phrase("decline"))
        forward = writer.duration(300, 60, 1200)
    writer.add_duty(forward, CommandName.FORWARD, agency=writer.agency)
    writer.add_agency(_seconds_to_accept(writer, fate), CommandName.ACCEPT)
    writer.add_agency(
        writer.duration(150, 60, 300) if writer.critical else writer.duration(400, 60, 3600), CommandName.START
    )


def _seconds_to_accept(writer: PlanWriter, fate: str) -> float:
    """Working seconds until the agency accepts; the fate `unaccepted` waits past the deadline."""
    if writer.critical:
        return writer.duration(150, 40, 540)
    promised = writer.policy.deadline(writer.class_, Stage.ACCEPT, writer.now) if fate == "unaccepted" else None
    if promised is not None:
        overrun = writer.rng.uniform(2, 20) * 3600
        writer.now = max(writer.now, promised.due)
        return overrun
    return writer.duration(1500, 180, 5400)


def _write_work(writer: PlanWriter, fate: str) -> None:
    """The steps while it is in work: replies, questions, pauses."""
    if writer.rng.random() < REPLIED:
        writer.add_duty(writer.duration(200, 60, 900), CommandName.REPLY, text=writer.phrase("reply"))
    if fate == "asked":
        writer.add_agency(writer.duration(600, 120, 1800), CommandName.ASK, text=writer.phrase("ask"))
        writer.add_duty(writer.duration(3600, 600, 10800), CommandName.ANSWER, text=writer.phrase("answer"))
    if fate == "held":
        until = writer.later(writer.duration(7200, 1800, 14400))
        begin = writer.later(writer.duration(600, 120, 1800))
        until = max(until, begin + _MINUTE)
        reason = writer.phrase("hold")
        writer.add(begin, CommandName.HOLD, Role.SUPERVISOR, reason=reason, until=to_text(until))
        writer.add(until, CommandName.RESUME, Role.DUTY)


def _finish_time(writer: PlanWriter, fate: str) -> datetime:
    """When the agency has finished its work."""
    rank = min(writer.policy.classes[writer.class_].rank, len(ALLOWED)) - 1
    used = log_normal(writer.rng, USED[rank], 0.55, 0.05, 0.95)
    if not writer.critical:
        used = min(used * writer.slowness, MOST_USED)
    if writer.critical and writer.rng.random() < CRITICAL_LATE:
        used = writer.rng.uniform(1.05, 1.9)
    usual = max(writer.later(used * ALLOWED[rank], since=writer.draft.at), writer.later(300))
    if fate != "slow":
        return usual
    promised = writer.policy.deadline(writer.class_, Stage.FINISH, writer.draft.at)
    if promised is None or promised.due - writer.draft.at > SLOWEST:
        return usual
    return max(usual, writer.later(writer.rng.uniform(3, 28) * writer.slowness * 3600, since=promised.due))


def _write_proof(writer: PlanWriter, at: datetime, fate: str) -> None:
    """Proof at ``at`` and its validation by somebody else, perhaps sent back or reopened."""
    done = writer.setup.script.categories[writer.draft.category].done or writer.words.note
    writer.add(at, CommandName.SUBMIT_PROOF, Role.AGENCY, note=writer.rng.choice(done))
    if fate == "sent_back":
        writer.add_duty(writer.duration(600, 120, 1800), CommandName.SEND_BACK, reason=writer.phrase("send_back"))
        writer.add_agency(writer.duration(2400, 600, 7200), CommandName.SUBMIT_PROOF, note=writer.rng.choice(done))
    writer.add_duty(writer.duration(600, 120, 2400), CommandName.VALIDATE)
    if fate == "reopened":
        writer.add_duty(writer.duration(5400, 1800, 14400), CommandName.REOPEN, reason=writer.phrase("reopen"))
        writer.add_agency(writer.duration(1200, 180, 3600), CommandName.ACCEPT)
        writer.add_agency(writer.duration(400, 60, 1800), CommandName.START)
        writer.add_agency(writer.duration(5400, 1200, 14400), CommandName.SUBMIT_PROOF, note=writer.rng.choice(done))
        writer.add_duty(writer.duration(600, 120, 2400), CommandName.VALIDATE)


# Cases.


@dataclass(slots=True, kw_only=True)
class StaffCase:
    """What the staff knows about a complaint of the drill; it may be behind, then the room answers Stale.

    ``place``: index of the next step; ``rest_until``: not touched before; ``refused``: how often the room refused it.
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
        """Take over the room's state of the complaint."""
        self.seq, self.state = complaint.seq, complaint.state
        self.paused, self.agency = complaint.paused, complaint.agency

    @property
    def over(self) -> bool:
        """Whether nothing more will be done with it."""
        ahead = self.place < len(self.steps) and self.steps[self.place].name is CommandName.REOPEN
        return self.state not in _OPEN and not (ahead and self.state is State.DONE)

    def next_step(self, now: datetime) -> WorkStep | None:
        """The next sensible step, due or not; steps that make no sense any more are skipped."""
        while self.place < len(self.steps):
            step = self.steps[self.place]
            if not self._is_past(step, now):
                return step
            self.place += 1
        return None

    def due(self, now: datetime) -> datetime:
        """When the next step is due; FOREVER when only people from outside can move it."""
        step = self.next_step(now)
        return FOREVER if step is None else max(step.at, self.rest_until)

    def is_paused_for(self, step: WorkStep) -> bool:
        """Whether a pause that the drill did not plan keeps the step from being done."""
        possible = (*_ENDS, CommandName.REPLY, CommandName.MERGE, CommandName.CLOSE)
        return self.paused is not None and step.name not in possible

    def actor(self, step: WorkStep) -> str:
        """Who takes a step."""
        agency = self.agency if step.role is Role.AGENCY else None
        return f"drill-{agency or step.role.value}-{1 + self.place % 2}"

    def improvise(self, now: datetime, setup: DrillSetup) -> None:
        """Add the usual next step when the plan has run out, because people from outside worked on it too."""
        words = setup.script.staff.note[0]
        agency = setup.city.policy.agency_for(self.draft.category, self.draft.area) or next(iter(setup.city.agencies))
        name, role = _NEXT.get(self.state, (CommandName.FORWARD, Role.DUTY))
        fields = {CommandName.FORWARD: {"agency": agency}, CommandName.SUBMIT_PROOF: {"note": words}}.get(name, {})
        step = WorkStep(at=now + UNPLANNED, name=name, role=role, fields=fields)
        self.steps = (*self.steps, step)

    def note_done(self, step: WorkStep, seq: int, state: State) -> None:
        """Note that a step was done."""
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
        """Leave it alone for a while."""
        self.rest_until = now + AGAIN

    def note_refusal(self, now: datetime) -> None:
        """Note that the room refused a step: it is tried once more in a while, then skipped."""
        self.refused += 1
        self.wait(now)
        if self.refused > 1:
            self.place, self.refused = self.place + 1, 0

    def _is_past(self, step: WorkStep, now: datetime) -> bool:
        """Whether a step makes no sense any more."""
        if self.state not in SENSIBLE[step.name]:
            return True
        if step.name in _ENDS and self.paused != _ENDS[step.name]:
            return True
        return step.fleeting and now - step.at > TOO_LATE


# Staff.


class StaffRoom(Protocol):
    """The room as the staff uses it."""

    def execute(self, command: Command) -> CommandResult:
        """Execute a command. Raises Unknown, Refused, Malformed or Stale."""

    def open_of(self, source: str) -> Sequence[Complaint]:
        """The open complaints of a source."""


class Staff:
    """Duty room, supervisor and agencies of one drill."""

    def __init__(self, room: StaffRoom, setup: DrillSetup, programme: Programme) -> None:
        """No case is open at first."""
        self._room, self._setup, self._programme = room, setup, programme
        self._cases: dict[str, StaffCase] = {}
        self._made: dict[str, None] = {}

    def __len__(self) -> int:
        """Open cases."""
        return len(self._cases)

    def look(self, sources: Iterable[str]) -> datetime | None:
        """Read the drill's open complaints of these sources (ids); the moment of the newest, None without any."""
        newest = None
        for source in sources:
            for complaint in self._room.open_of(source):
                draft = self._programme.draft(complaint.source_id) if complaint.drill else None
                if draft is None:
                    continue
                self._case(draft, source, complaint.id).learn(complaint)
                newest = draft.at if newest is None else max(newest, draft.at)
        return newest

    def take(self, draft: Draft, source: str, accepted: IntakeResult) -> None:
        """Open a case for a new complaint."""
        if accepted.created and accepted.status == "waiting":
            self._case(draft, source, accepted.id).seq = accepted.seq

    def _case(self, draft: Draft, source: str, id_: str) -> StaffCase:
        """The case of a draft, opened if need be."""
        case = self._cases.get(draft.source_id)
        if case is None:
            steps = plan(draft, self._setup)
            case = StaffCase(draft=draft, source=source, steps=steps, id=id_, seq=0, state=State.RECEIVED)
            self._cases[draft.source_id] = case
            self._made[id_] = None
            if len(self._made) > REMEMBERED:
                del self._made[next(iter(self._made))]
        return case

    def made(self, complaint: str) -> bool:
        """Whether the drill made this complaint, among the last REMEMBERED; its case may be over."""
        return complaint in self._made

    def work(self, now: datetime, at_most: int) -> bool:
        """Give the commands that are due at ``now``, the longest due first; true when none is left."""
        for case in tuple(self._cases.values()):
            self._after(case, now)
        due = sorted((case for case in self._cases.values() if case.due(now) <= now), key=lambda case: case.due(now))
        for case in due[:at_most]:
            self._advance(case, now)
        return len(due) <= at_most and not any(case.due(now) <= now for case in due)

    def next_due(self, now: datetime) -> datetime:
        """The moment of the next step of any case."""
        return min((case.due(now) for case in self._cases.values()), default=FOREVER)

    def _advance(self, case: StaffCase, now: datetime) -> None:
        """Take one step of one case."""
        step = case.next_step(now)
        if step is None or case.is_paused_for(step):
            case.wait(now)
            return
        command = self._command(case, step)
        if command is None:
            case.place += 1
        else:
            self._execute(case, step, command, now)
        self._after(case, now)

    def _after(self, case: StaffCase, now: datetime) -> None:
        """Close a case that is over; improvise where the plan has run out."""
        if case.over:
            self._cases.pop(case.draft.source_id, None)
        elif case.next_step(now) is None:
            case.improvise(now, self._setup)

    def _execute(self, case: StaffCase, step: WorkStep, command: Command, now: datetime) -> None:
        """Give the command and learn from the answer; a refusal is no fault: people work on these complaints too."""
        try:
            done = self._room.execute(command)
        except Stale as error:
            if isinstance(error.current, Complaint):
                case.learn(error.current)
        except Malformed:
            case.place += 1
        except Refused:
            case.note_refusal(now)
        except Unknown:
            self._cases.pop(case.draft.source_id, None)
        else:
            case.note_done(step, done.seq, State(done.state))

    def _command(self, case: StaffCase, step: WorkStep) -> Command | None:
        """The command of a step; None when its object is gone.

        Its id makes a repeat after a restart harmless: the room knows the command already.
        """
        fields = dict(step.fields)
        if step.name is CommandName.MERGE:
            target = self._cases.get(step.into or "")
            if target is None or target.over:
                return None
            fields["into"] = target.id
        return Command(
            command_id=f"{case.draft.source_id}.{case.place}.{step.at:%H%M%S}",
            name=step.name.value,
            subject=case.id,
            actor=case.actor(step),
            role=step.role.value,
            actor_agency=case.agency if step.role is Role.AGENCY else None,
            seen_seq=case.seq,
            fields=fields,
        )


# The operator.


class OperatorRoom(Protocol):
    """The room as the operator uses it."""

    def alarms_standing(self, limit: int) -> tuple[Alarm, ...]:
        """Alarms that are not normal."""

    def execute(self, command: Command) -> CommandResult:
        """Execute a command. Raises Unknown, Refused, Malformed or Stale."""


class Operator:
    """Acknowledges alarms of complaints that the drill made (``owns`` by complaint id); others are left to people."""

    def __init__(self, room: OperatorRoom, owns: Callable[[str], bool], clock: Callable[[], float] = monotonic) -> None:
        self._room, self._owns, self._clock = room, owns, clock
        self._seen: dict[tuple[str, int], float] = {}

    def step(self, limit: int = 500) -> int:
        """Acknowledge the alarms that have stood long enough; returns how many. Raises Unavailable."""
        now, waiting = self._clock(), [alarm for alarm in self._room.alarms_standing(limit) if self._is_ours(alarm)]
        self._seen = {(a.id, a.rearmed): self._seen.get((a.id, a.rearmed), now) for a in waiting}
        ready = [alarm for alarm in waiting if now - self._seen[alarm.id, alarm.rearmed] >= self._delay(alarm)]
        for alarm in ready[:ACKNOWLEDGED_AT_ONCE]:
            self._acknowledge(alarm)
        return len(ready[:ACKNOWLEDGED_AT_ONCE])

    def _is_ours(self, alarm: Alarm) -> bool:
        if alarm.state not in WAITING or alarm.kind is AlarmKind.LOST:
            return False
        return alarm.grouped or (alarm.complaint is not None and self._owns(alarm.complaint))

    @staticmethod
    def _delay(alarm: Alarm) -> float:
        rng = seeded_random("operator", alarm.id, alarm.rearmed)
        return log_normal(rng, TAKES_S[alarm.priority], SPREAD, LEAST_S, MOST_S)

    def _acknowledge(self, alarm: Alarm) -> None:
        overdue = alarm.kind is AlarmKind.PASSED
        command = Command(
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
            self._room.execute(command)
        except (Stale, Refused, Malformed, Unknown):
            # Somebody else was faster, or it is over: the next step looks again.
            return
