"""The table of commands on a complaint: who may give each, in which states, with which fields, what makes it stale.

`allowed` says which commands somebody could give now (desks show their buttons by it), `refusal` why one cannot be
given. What a command does is in `decide`; docs/commands.md is made from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from liveroom.domain.complaints.model import State
from liveroom.domain.events import Kind
from liveroom.domain.fields import CommandSpec, choice, code, codes, media, moment_field, number, text
from liveroom.domain.requests import Code, CommandName, Malformed, Refused, Role

DESK = frozenset({Role.DUTY, Role.SUPERVISOR, Role.ADMIN})
LEADERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
AGENCY = frozenset({Role.AGENCY, Role.AGENCY_HEAD})
JUDGES = DESK | {Role.AGENCY_HEAD}
STAFF = DESK | AGENCY
EVERYBODY = STAFF | {Role.LEADERSHIP}
# Whose comment may be a question with a time to answer by.
ASKERS = LEADERS | {Role.LEADERSHIP, Role.AGENCY_HEAD}

WAITING = frozenset({State.RECEIVED, State.FORWARDED})
HANDLED = frozenset({State.ACCEPTED, State.WORKING})
PROVED = frozenset({State.PROOF_SUBMITTED})
OPEN = WAITING | HANDLED | PROVED
# A citizen acts through the room's own page, in this role (docs/lapor.md).
CITIZEN = frozenset({Role.SYSTEM})

ENDED = frozenset({State.DONE, State.NOT_OURS, State.REJECTED})

# The events that make a command stale, by what they do to the complaint.
ENDINGS = frozenset({Kind.VALIDATED, Kind.CLOSED, Kind.MERGED, Kind.REFERRED, Kind.REJECTED})
PLACED = ENDINGS | {Kind.FORWARDED, Kind.REOPENED, Kind.SPLIT}
PAUSES = frozenset({Kind.ASKED, Kind.ANSWERED, Kind.HELD})
ACTED = frozenset({Kind.ACCEPTED, Kind.DECLINED, Kind.STARTED, Kind.PROOF_SUBMITTED, Kind.SENT_BACK})
MOVES = PLACED | PAUSES | ACTED | {Kind.TRIAGED, Kind.COORDINATED}


class PauseRule(StrEnum):
    """What a command asks of the pause flag."""

    ANY = "any"
    NONE = "none"
    PAUSED = "paused"
    CITIZEN = "citizen"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintSpec(CommandSpec):
    """One row of the table: in which ``states``, and whether while paused.

    ``refuses``: the codes it may be refused with beside role, not_your_complaint and state, which every command knows.
    """

    states: frozenset[State]
    pause: PauseRule = PauseRule.NONE
    refuses: frozenset[Code] = frozenset()


_REASON = text("reason", required=True)
_TRIAGE = (
    code("category"),
    code("class"),
    code("agency"),
    choice("priority", "critical", "urgent", "normal"),
    code("area"),
    number("lat", 90),
    number("lon", 180),
)


def _check_triage(fields: dict[str, Any]) -> dict[str, Any]:
    if not fields:
        raise Malformed("category", "give at least one of category, class, agency, priority, area, lat and lon")
    for one, other in (("lat", "lon"), ("lon", "lat")):
        if one in fields and other not in fields:
            raise Malformed(other, "is required beside " + one)
    return fields


SPECS: Mapping[CommandName, ComplaintSpec] = {
    CommandName.TRIAGE: ComplaintSpec(
        roles=DESK,
        states=OPEN,
        fields=_TRIAGE,
        check=_check_triage,
        conflicts=PLACED | {Kind.TRIAGED},
        pause=PauseRule.ANY,
        refuses=frozenset({Code.FIELD, Code.UNKNOWN_CATEGORY, Code.UNKNOWN_AGENCY}),
    ),
    CommandName.FORWARD: ComplaintSpec(
        roles=DESK,
        states=WAITING | HANDLED,
        fields=(code("agency", required=True), codes("agencies")),
        conflicts=MOVES,
        refuses=frozenset({Code.UNKNOWN_AGENCY}),
    ),
    CommandName.ACCEPT: ComplaintSpec(
        roles=AGENCY, states=HANDLED | {State.FORWARDED}, conflicts=PLACED | {Kind.TRIAGED}
    ),
    CommandName.DECLINE: ComplaintSpec(
        roles=AGENCY,
        states=HANDLED | {State.FORWARDED},
        fields=(_REASON,),
        conflicts=PLACED | {Kind.TRIAGED, Kind.ACCEPTED, Kind.STARTED, Kind.PROOF_SUBMITTED},
    ),
    CommandName.START: ComplaintSpec(
        roles=AGENCY,
        states=frozenset({State.ACCEPTED}),
        conflicts=PLACED | {Kind.STARTED},
    ),
    CommandName.ASK: ComplaintSpec(
        roles=STAFF, states=OPEN, fields=(text("text", required=True),), conflicts=PLACED | PAUSES
    ),
    CommandName.ANSWER: ComplaintSpec(
        roles=STAFF | CITIZEN,
        states=OPEN,
        fields=(text("text"),),
        conflicts=PLACED | PAUSES,
        pause=PauseRule.CITIZEN,
    ),
    CommandName.HOLD: ComplaintSpec(
        roles=LEADERS,
        states=OPEN,
        fields=(_REASON, moment_field("until")),
        conflicts=MOVES,
        refuses=frozenset({Code.PAST, Code.FIELD}),
    ),
    CommandName.RESUME: ComplaintSpec(roles=DESK, states=OPEN, conflicts=PLACED | PAUSES, pause=PauseRule.PAUSED),
    CommandName.COORDINATE: ComplaintSpec(
        roles=DESK,
        states=HANDLED | {State.FORWARDED},
        fields=(codes("agencies", required=True),),
        conflicts=PLACED | {Kind.DECLINED, Kind.COORDINATED, Kind.TRIAGED},
        refuses=frozenset({Code.UNKNOWN_AGENCY}),
    ),
    CommandName.SUBMIT_PROOF: ComplaintSpec(
        roles=AGENCY,
        states=HANDLED,
        fields=(text("note"), media("media")),
        conflicts=PLACED | {Kind.TRIAGED, Kind.SENT_BACK},
    ),
    CommandName.VALIDATE: ComplaintSpec(
        roles=JUDGES,
        states=PROVED,
        conflicts=PLACED | {Kind.PROOF_SUBMITTED, Kind.SENT_BACK, Kind.TRIAGED},
        refuses=frozenset({Code.SAME_PERSON}),
    ),
    CommandName.SEND_BACK: ComplaintSpec(
        roles=JUDGES,
        states=PROVED,
        fields=(_REASON,),
        conflicts=PLACED | {Kind.PROOF_SUBMITTED, Kind.SENT_BACK},
    ),
    CommandName.RELEASE_PROOF: ComplaintSpec(
        roles=LEADERS,
        states=frozenset({State.DONE}),
        fields=(code("after"), code("before")),
        conflicts=PLACED,
        pause=PauseRule.ANY,
        refuses=frozenset({Code.FIELD}),
    ),
    CommandName.WITHDRAW_PROOF: ComplaintSpec(roles=LEADERS, states=frozenset(State), pause=PauseRule.ANY),
    CommandName.CLOSE: ComplaintSpec(
        roles=LEADERS, states=OPEN, fields=(_REASON,), conflicts=MOVES, pause=PauseRule.ANY
    ),
    CommandName.REOPEN: ComplaintSpec(
        roles=DESK | CITIZEN,
        states=ENDED,
        fields=(_REASON,),
        conflicts=PLACED,
        pause=PauseRule.ANY,
        refuses=frozenset({Code.WINDOW}),
    ),
    CommandName.MERGE: ComplaintSpec(
        roles=DESK,
        states=OPEN,
        fields=(code("into", required=True),),
        conflicts=MOVES | {Kind.ABSORBED, Kind.RELEASED},
        pause=PauseRule.ANY,
        refuses=frozenset({Code.CYCLE, Code.UNKNOWN_COMPLAINT, Code.DRILL}),
    ),
    CommandName.SPLIT: ComplaintSpec(
        roles=DESK,
        states=OPEN | {State.MERGED},
        fields=(code("child"),),
        conflicts=PLACED | {Kind.RELEASED},
        pause=PauseRule.ANY,
        refuses=frozenset({Code.FIELD, Code.UNKNOWN_COMPLAINT}),
    ),
    CommandName.REFER_OUTSIDE: ComplaintSpec(
        roles=DESK,
        states=WAITING | HANDLED,
        fields=(code("outside", required=True), _REASON),
        conflicts=MOVES,
        pause=PauseRule.ANY,
        refuses=frozenset({Code.UNKNOWN_AGENCY}),
    ),
    CommandName.REJECT: ComplaintSpec(
        roles=DESK, states=WAITING, fields=(_REASON,), conflicts=MOVES, pause=PauseRule.ANY
    ),
    CommandName.COMMENT: ComplaintSpec(
        roles=EVERYBODY,
        states=frozenset(State),
        fields=(text("text", required=True), moment_field("answer_by", required=False)),
        pause=PauseRule.ANY,
        refuses=frozenset({Code.PAST, Code.FIELD}),
    ),
    CommandName.REPLY: ComplaintSpec(
        roles=STAFF, states=frozenset(State), fields=(text("text", required=True),), pause=PauseRule.ANY
    ),
    CommandName.CLAIM: ComplaintSpec(
        roles=DESK,
        states=OPEN,
        pause=PauseRule.ANY,
        refuses=frozenset({Code.CLAIMED}),
    ),
    CommandName.RELEASE: ComplaintSpec(
        roles=DESK,
        states=frozenset(State),
        pause=PauseRule.ANY,
        refuses=frozenset({Code.CLAIMED}),
    ),
    CommandName.EXTEND: ComplaintSpec(
        roles=LEADERS,
        states=OPEN,
        fields=(moment_field("due_at"), _REASON),
        conflicts=PLACED | PAUSES | {Kind.EXTENDED, Kind.TRIAGED},
        refuses=frozenset({Code.PAST, Code.FIELD}),
    ),
    CommandName.RATE: ComplaintSpec(
        roles=CITIZEN,
        states=frozenset({State.DONE}),
        fields=(choice("score", "1", "2", "3", "4", "5", required=True), text("text")),
        pause=PauseRule.ANY,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintCommand:
    """One command, fields already parsed: times aware UTC, free texts replaced by text ids (none reaches an event).

    ``bulk``: given to many at once, so its giver may not have seen who looks into this one.
    """

    name: CommandName
    complaint: str
    actor: str
    role: Role
    actor_agency: str | None = None
    bulk: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)


def needs(name: str, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of other complaints ``decide`` must be given in ``others``."""
    wanted = {CommandName.MERGE: "into", CommandName.SPLIT: "child"}.get(CommandName(name), "")
    return (fields[wanted],) if wanted in fields else ()


class CommandBasis(Protocol):
    """What of a complaint decides whether a command is possible: a `Complaint`, or as much of it as a card needs."""

    @property
    def state(self) -> State:
        """The detailed state."""

    @property
    def paused(self) -> str | None:
        """By whom it is paused."""

    @property
    def agencies(self) -> tuple[str, ...]:
        """Those that have it."""

    @property
    def accepted_by(self) -> tuple[str, ...]:
        """Those of them that have accepted it."""

    @property
    def children(self) -> tuple[str, ...]:
        """What was merged into it."""

    @property
    def finish(self) -> object | None:
        """The deadline to finish."""


def allowed(complaint: CommandBasis, role: Role, actor_agency: str | None = None) -> tuple[CommandName, ...]:
    """The commands that somebody in this role could give now, in the order of CommandName.

    One may still be refused for its fields. Asked for every card of a snapshot, so it is worked out once for all
    complaints that stand alike in what ``refusal`` looks at.
    """
    alike = (
        role,
        complaint.state,
        complaint.paused,
        complaint.finish is None,
        bool(complaint.children),
        actor_agency in complaint.agencies,
        actor_agency in complaint.accepted_by,
    )
    found = _ALLOWED.get(alike)
    if found is None:
        names = (name for name in CommandName if refusal(complaint, name, role, actor_agency=actor_agency) is None)
        found = _ALLOWED[alike] = tuple(names)
    return found


_ALLOWED: dict[tuple[object, ...], tuple[CommandName, ...]] = {}


def agency_refusal(complaint: CommandBasis, role: Role, actor_agency: str | None) -> Refused | None:
    """Why an agency gives no command on this complaint, whatever the state; None when it may.

    Asked before the state, so that somebody without permission does not learn it.
    """
    if role in AGENCY and (actor_agency is None or actor_agency not in complaint.agencies):
        return Refused(Code.NOT_YOUR_COMPLAINT, "the complaint is not with your agency")
    return None


def refusal(complaint: CommandBasis, name: CommandName, role: Role, *, actor_agency: str | None) -> Refused | None:
    """Why the command is not possible now whatever its fields, or None."""
    spec = SPECS[name]
    no = spec.role_refusal(name, role) or agency_refusal(complaint, role, actor_agency)
    if no is not None:
        return no
    if complaint.state not in spec.states:
        return Refused(Code.STATE, f"{name} is not possible while {complaint.state}")
    return _pause_refusal(complaint, name, spec.pause) or _state_refusal(complaint, name, actor_agency)


def _pause_refusal(complaint: CommandBasis, name: CommandName, pause: PauseRule) -> Refused | None:
    match pause:
        case PauseRule.ANY:
            fits = True
        case PauseRule.NONE:
            fits = complaint.paused is None
        case PauseRule.PAUSED:
            fits = complaint.paused is not None
        case PauseRule.CITIZEN:
            fits = complaint.paused == PauseRule.CITIZEN
    if fits:
        return None
    return Refused(Code.STATE, f"{name} is not possible while {complaint.paused or 'not'} paused")


def _state_refusal(complaint: CommandBasis, name: CommandName, agency: str | None) -> Refused | None:
    """What the state alone does not say: the agency's own progress, and what there is to extend or split."""
    match name:
        case CommandName.ACCEPT if agency in complaint.accepted_by:
            return Refused(Code.STATE, "your agency has accepted already")
        case CommandName.START | CommandName.SUBMIT_PROOF if agency not in complaint.accepted_by:
            return Refused(Code.STATE, "your agency has not accepted yet")
        case CommandName.EXTEND if complaint.finish is None:
            return Refused(Code.STATE, "there is no deadline to extend")
        case CommandName.SPLIT if complaint.state is not State.MERGED and not complaint.children:
            return Refused(Code.STATE, "there is nothing to split")
        case _:
            return None
