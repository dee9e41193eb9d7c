"""One complaint in the hands of the drill's staff: how far its plan has come, and what may be done with it next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest.drill.programme import Draft
from ingest.drill.steps import Step
from liveroom.domain.complaints.model import STATUS, Complaint, State, Status
from liveroom.domain.requests import Name, Role

_IN_WORK = frozenset({State.ACCEPTED, State.WORKING})
_NEW = frozenset({State.RECEIVED})
_FORWARDED = frozenset({State.FORWARDED})
_PROVED = frozenset({State.PROOF_SUBMITTED})
_OPEN = frozenset(state for state, status in STATUS.items() if status in (Status.WAITING, Status.IN_PROCESS))
# Narrower than the domain's own table: staff here does only what makes sense next.
SENSIBLE: Mapping[Name, frozenset[State]] = {
    Name.FORWARD: _NEW,
    Name.REJECT: _NEW,
    Name.REFER_OUTSIDE: _NEW,
    Name.MERGE: _NEW | _FORWARDED,
    Name.DECLINE: _FORWARDED,
    Name.ACCEPT: _FORWARDED,
    Name.START: frozenset({State.ACCEPTED}),
    Name.ASK: _IN_WORK,
    Name.HOLD: _IN_WORK,
    Name.ANSWER: _OPEN,
    Name.RESUME: _OPEN,
    Name.REPLY: _OPEN,
    Name.CLOSE: _IN_WORK,
    Name.SUBMIT_PROOF: _IN_WORK,
    Name.SEND_BACK: _PROVED,
    Name.VALIDATE: _PROVED,
    Name.REOPEN: frozenset({State.DONE}),
}
_ENDS = {Name.ANSWER: "citizen", Name.RESUME: "hold"}
_NEXT = {
    State.FORWARDED: (Name.ACCEPT, Role.AGENCY),
    State.ACCEPTED: (Name.START, Role.AGENCY),
    State.WORKING: (Name.SUBMIT_PROOF, Role.AGENCY),
    State.PROOF_SUBMITTED: (Name.VALIDATE, Role.DUTY),
}
TOO_LATE, AGAIN, UNPLANNED = timedelta(minutes=30), timedelta(minutes=2), timedelta(minutes=40)
LONG_AGO, FOREVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Case:
    """What the staff knows of a complaint; it may be behind, then the room says so.

    ``place``: the plan's next step; ``rest_until``: not to be touched before; ``refused``: how often the room said no.
    """

    draft: Draft
    source: str
    steps: tuple[Step, ...]
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
        ahead = self.place < len(self.steps) and self.steps[self.place].name is Name.REOPEN
        return self.state not in _OPEN and not (ahead and self.state is State.DONE)

    def next_step(self, now: datetime) -> Step | None:
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

    def waits(self, step: Step) -> bool:
        """Whether a pause that the drill did not plan keeps the step from being done."""
        return self.paused is not None and step.name not in (*_ENDS, Name.REPLY, Name.MERGE, Name.CLOSE)

    def improvise(self, now: datetime, words: str, agency: str) -> None:
        """When the plan has run out, because somebody from outside took a hand: what comes next, in a while."""
        name, role = _NEXT.get(self.state, (Name.FORWARD, Role.DUTY))
        fields = {Name.FORWARD: {"agency": agency}, Name.SUBMIT_PROOF: {"note": words}}.get(name, {})
        step = Step(at=now + UNPLANNED, name=name, role=role, fields=fields)
        self.steps = (*self.steps, step)

    def done(self, step: Step, seq: int, state: State) -> None:
        """A step was done."""
        self.place, self.refused, self.seq, self.state = self.place + 1, 0, seq, state
        match step.name:
            case Name.ASK:
                self.paused = "citizen"
            case Name.HOLD:
                self.paused = "hold"
            case Name.ANSWER | Name.RESUME:
                self.paused = None
            case Name.FORWARD:
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

    def _passed(self, step: Step, now: datetime) -> bool:
        """Whether the time for a step is over."""
        if self.state not in SENSIBLE[step.name]:
            return True
        if step.name in _ENDS and self.paused != _ENDS[step.name]:
            return True
        return step.fleeting and now - step.at > TOO_LATE
