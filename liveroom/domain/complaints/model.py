"""A complaint as its events left it: states, status, stages, deadlines, and the payload form of deadlines.

Flat, so that a row of the projection is exactly this. Nothing here knows how long anything may take: that is
``policy`` and ``deadlines``. docs/commands.md has the table of states and commands.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import UnsetType

from liveroom.domain.events.complaint_payloads import DeadlineRows
from liveroom.domain.timestamps import read, read_or_none


class State(StrEnum):
    """The detailed state."""

    RECEIVED = "received"
    FORWARDED = "forwarded"
    ACCEPTED = "accepted"
    WORKING = "working"
    PROOF_SUBMITTED = "proof_submitted"
    DONE = "done"
    NOT_OURS = "not_ours"
    REJECTED = "rejected"
    MERGED = "merged"


class Status(StrEnum):
    """The four that the public sees and that have a colour: red, yellow, green, grey."""

    WAITING = "waiting"
    IN_PROCESS = "in_process"
    DONE = "done"
    ELSEWHERE = "elsewhere"


class Stage(StrEnum):
    """What a deadline is for; ``reply`` runs beside the others and never makes a complaint overdue."""

    FORWARD = "forward"
    ACCEPT = "accept"
    FINISH = "finish"
    REPLY = "reply"


class DeadlineClock(StrEnum):
    """Whether time counts always or only while offices are open."""

    WORKING = "working"
    CALENDAR = "calendar"


STATUS: dict[State, Status] = {
    State.RECEIVED: Status.WAITING,
    State.FORWARDED: Status.WAITING,
    State.ACCEPTED: Status.IN_PROCESS,
    State.WORKING: Status.IN_PROCESS,
    State.PROOF_SUBMITTED: Status.IN_PROCESS,
    State.DONE: Status.DONE,
    State.NOT_OURS: Status.ELSEWHERE,
    State.REJECTED: Status.ELSEWHERE,
    State.MERGED: Status.ELSEWHERE,
}
# Somebody still has to do something.
OPEN = frozenset({Status.WAITING, Status.IN_PROCESS})
# The stage that runs in each state; None once done or elsewhere.
STAGE: dict[State, Stage | None] = {
    State.RECEIVED: Stage.FORWARD,
    State.FORWARDED: Stage.ACCEPT,
    State.ACCEPTED: Stage.FINISH,
    State.WORKING: Stage.FINISH,
    State.PROOF_SUBMITTED: Stage.FINISH,
    State.DONE: None,
    State.NOT_OURS: None,
    State.REJECTED: None,
    State.MERGED: None,
}


class Multiple(msgspec.Struct, frozen=True, kw_only=True):
    """The moment ``at`` which ``percent`` of the allowed time have run, and the office of the pack that hears of it."""

    percent: int
    at: datetime
    recipient: str | None


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """A promise: ``due`` (aware UTC), the clock it is counted on and the moment it is counted from.

    ``warned`` and ``passed`` become true with their event and stay so, ``multiplied`` is how many of the ``multiples``
    are logged; each is logged once. ``warn_at`` None: nobody is warned.
    """

    start: datetime
    due: datetime
    clock: DeadlineClock
    passed: bool = False
    warn_at: datetime | None = None
    warned: bool = False
    multiples: tuple[Multiple, ...] = ()
    multiplied: int = 0

    @property
    def next_mark(self) -> datetime | None:
        """The next moment the clock must judge: the warning, the end, then its multiples; None after the last."""
        if self.passed:
            return self.multiples[self.multiplied].at if self.multiplied < len(self.multiples) else None
        return self.due if self.warned or self.warn_at is None else self.warn_at

    @property
    def escalation(self) -> int:
        """The highest percentage logged, 0 for none."""
        return self.multiples[self.multiplied - 1].percent if self.multiplied else 0


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question of leadership that is still open: ``id`` of its text, who asked, when, and by when to answer (UTC)."""

    id: str
    by: str
    at: datetime
    answer_by: datetime


class Complaint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One complaint folded up to ``seq``; places and codes only, texts and people live in their own tables.

    ``lat``/``lon`` WGS 84 degrees; ``area`` a kelurahan code or None; ``day`` the city's date of receipt and
    ``closed_day`` of being done or elsewhere (ISO dates); all times aware UTC. ``forward`` and ``finish`` count
    from ``received_at``, ``accept`` from the last forward, ``reply`` from receipt. While ``received`` the ``agency`` is
    only the intended one and ``agencies`` is empty; from ``forwarded`` on it leads them. ``stopped_at`` is since when
    the deadlines stand still, because the complaint is paused or has ended (None: they run); ``stops`` holds every
    past (from, to) of that kind. ``handler`` is the agency that it was last forwarded to, whatever became of that, and
    ``moves`` how often it changed hands from one agency to another. As text it leaves out what stands at its default: a
    sixth of it, and of what it takes.
    """

    id: str
    seq: int
    state: State
    source: str
    source_id: str
    channel: str | None
    report_hash: str
    updated_at: datetime | None
    category: str
    class_: str
    priority: str
    agency: str | None
    agencies: tuple[str, ...]
    accepted_by: tuple[str, ...]
    proved_by: tuple[str, ...]
    area: str | None
    lat: float | None
    lon: float | None
    in_city: bool
    drill: bool
    day: str
    received_at: datetime
    reported_at: datetime | None
    officer_set: frozenset[str]  # without a default, since one set without members is not another
    closed_at: datetime | None = None
    closed_day: str | None = None
    forward: Deadline | None = None
    accept: Deadline | None = None
    finish: Deadline | None = None
    reply: Deadline | None = None
    paused: str | None = None
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    stopped_at: datetime | None = None
    stops: tuple[tuple[datetime, datetime], ...] = ()
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    submitted_by: str | None = None
    merged_into: str | None = None
    children: tuple[str, ...] = ()
    followers: tuple[str, ...] = ()
    outside: str | None = None
    reopened: int = 0
    without_proof: bool = False
    questions: tuple[Question, ...] = ()
    handler: str | None = None
    moves: int = 0

    @property
    def status(self) -> Status:
        """The one derivation of colour from the detailed state."""
        return STATUS[self.state]

    @property
    def open(self) -> bool:
        """True while somebody still has to do something."""
        return self.status in OPEN

    @property
    def stage(self) -> Stage | None:
        """The running stage; None once done or elsewhere."""
        return STAGE[self.state]

    @property
    def running(self) -> tuple[tuple[Stage, Deadline], ...]:
        """The deadlines that make this complaint overdue: of the running stage and of finish, while open."""
        stage = STAGE[self.state]
        if stage is None:
            return ()
        own = {Stage.FORWARD: self.forward, Stage.ACCEPT: self.accept}.get(stage)
        first = () if own is None else ((stage, own),)
        return first if self.finish is None else (*first, (Stage.FINISH, self.finish))

    @property
    def first_due(self) -> tuple[Stage, Deadline] | None:
        """The earlier of the running stage's and finish's deadline."""
        return min(self.running, key=lambda pair: pair[1].due, default=None)

    @property
    def overdue(self) -> bool:
        """True when ``deadline.passed`` is logged for one of the deadlines now running; design section 3."""
        return any(deadline.passed for _, deadline in self.running)

    @property
    def escalation(self) -> int:
        """The highest percentage of its time that a running deadline is logged to have taken; 0 below the first."""
        return max((deadline.escalation for _, deadline in self.running), default=0)

    @property
    def unfired(self) -> tuple[tuple[Stage, Deadline], ...]:
        """The deadlines with a mark to judge: running ones and the reply's; none while they stand still."""
        if self.stage is None or self.stopped_at is not None:
            return ()
        reply = () if self.reply is None else ((Stage.REPLY, self.reply),)
        return tuple((s, d) for s, d in (*self.running, *reply) if d.next_mark is not None)

    @property
    def answer_by(self) -> datetime | None:
        """When the first of the open questions is to be answered; it moves no deadline of the complaint."""
        return min((one.answer_by for one in self.questions), default=None)

    @property
    def next_due(self) -> datetime | None:
        """The next moment the clock must judge: the earliest mark of a deadline or the end of a hold."""
        moments = [mark for _, deadline in self.unfired if (mark := deadline.next_mark) is not None]
        if self.paused_until is not None:
            moments.append(self.paused_until)
        return min(moments, default=None)


Deadlines = Mapping[Stage, Deadline | None]


def all_of(complaint: Complaint) -> dict[Stage, Deadline]:
    """Every deadline of the complaint, running or not."""
    pairs = {
        Stage.FORWARD: complaint.forward,
        Stage.ACCEPT: complaint.accept,
        Stage.FINISH: complaint.finish,
        Stage.REPLY: complaint.reply,
    }
    return {stage: deadline for stage, deadline in pairs.items() if deadline is not None}


def running(complaint: Complaint) -> dict[Stage, Deadline]:
    """The deadlines whose time counts now, the reply's too: a pause moves these and no others."""
    now_running = dict(complaint.running)
    if complaint.stage is not None and complaint.reply is not None:
        now_running[Stage.REPLY] = complaint.reply
    return now_running


def as_payload(deadlines: Deadlines) -> dict[str, dict[str, Any] | None]:
    """Deadlines as an event keeps them.

    ``{stage: {start, due, clock, passed, warn_at, warned, multiples, multiplied} | null}``, times as RFC 3339 text.

    ``multiples`` is a list of ``[percent, at, recipient]``.
    """
    return {str(stage): None if deadline is None else _payload_row(deadline) for stage, deadline in deadlines.items()}


def _payload_row(deadline: Deadline) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(deadline)
    row["multiples"] = [list(one.values()) for one in row["multiples"]]
    return row


def from_payload(deadlines: DeadlineRows | UnsetType) -> dict[str, Any]:
    """The ``deadlines`` of a payload (Deadline or None) by the name of their field; only those the event changed."""
    return {Stage(stage).value: row and _deadline(row) for stage, row in (deadlines or {}).items()}


def _deadline(row: Mapping[str, Any]) -> Deadline:
    """Events written before there were warnings lack their keys: such a deadline is never warned of."""
    return Deadline(
        start=read(row["start"]),
        due=read(row["due"]),
        clock=DeadlineClock(row["clock"]),
        passed=row["passed"],
        warn_at=read_or_none(row.get("warn_at")),
        warned=row.get("warned", False),
        multiples=tuple(Multiple(percent=p, at=read(at), recipient=to) for p, at, to in row.get("multiples", ())),
        multiplied=row.get("multiplied", 0),
    )
