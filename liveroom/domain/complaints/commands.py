"""The table of commands on a complaint: who may give each, in which states, with which fields, what makes it stale.

`parse` reads the fields of a command, `allowed` says which commands somebody could give now (desks show their buttons
by it), `refusal` why one cannot be given. What a command does is in `decide`; docs/commands.md is made from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from liveroom.domain.complaints.model import Complaint, State
from liveroom.domain.events import Kind
from liveroom.domain.fields import Field, choice, code, codes, media, moment_field, number, read, text
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
class CommandSpec:
    """One row of the table; ``conflicts`` are the events that make the command stale.

    ``refuses``: the codes it may be refused with beside role, not_your_complaint and state, which every command knows.
    """

    roles: frozenset[Role]
    states: frozenset[State]
    fields: tuple[Field, ...] = ()
    conflicts: frozenset[Kind] = frozenset()
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

SPECS: Mapping[CommandName, CommandSpec] = {
    CommandName.TRIAGE: CommandSpec(
        roles=DESK,
        states=OPEN,
        fields=_TRIAGE,
        conflicts=PLACED | {Kind.TRIAGED},
        pause=PauseRule.ANY,
        refuses=frozenset({Code.FIELD, Code.UNKNOWN_CATEGORY, Code.UNKNOWN_AGENCY}),
    ),
    CommandName.FORWARD: CommandSpec(
        roles=DESK,
        states=WAITING | HANDLED,
        fields=(code("agency", required=True), codes("agencies")),
        conflicts=MOVES,
        refuses=frozenset({Code.UNKNOWN_AGENCY}),
    ),
    CommandName.ACCEPT: CommandSpec(
        roles=AGENCY, states=HANDLED | {State.FORWARDED}, conflicts=PLACED | {Kind.TRIAGED}
    ),
    CommandName.DECLINE: CommandSpec(
        roles=AGENCY,
        states=HANDLED | {State.FORWARDED},
        fields=(_REASON,),
        conflicts=PLACED | {Kind.TRIAGED, Kind.ACCEPTED, Kind.STARTED, Kind.PROOF_SUBMITTED},
    ),
    CommandName.START: CommandSpec(
        roles=AGENCY,
        states=frozenset({State.ACCEPTED}),
        conflicts=PLACED | {Kind.STARTED},
    ),
    CommandName.ASK: CommandSpec(
        roles=STAFF, states=OPEN, fields=(text("text", required=True),), conflicts=PLACED | PAUSES
    ),
    CommandName.ANSWER: CommandSpec(
        roles=STAFF | CITIZEN,
        states=OPEN,
        fields=(text("text"),),
        conflicts=PLACED | PAUSES,
        pause=PauseRule.CITIZEN,
    ),
    CommandName.HOLD: CommandSpec(
        roles=LEADERS,
        states=OPEN,
        fields=(_REASON, moment_field("until")),
        conflicts=MOVES,
        refuses=frozenset({Code.PAST, Code.FIELD}),
    ),
    CommandName.RESUME: CommandSpec(roles=DESK, states=OPEN, conflicts=PLACED | PAUSES, pause=PauseRule.PAUSED),
    CommandName.COORDINATE: CommandSpec(
        roles=DESK,
        states=HANDLED | {State.FORWARDED},
        fields=(codes("agencies", required=True),),
        conflicts=PLACED | {Kind.DECLINED, Kind.COORDINATED, Kind.TRIAGED},
        refuses=frozenset({Code.UNKNOWN_AGENCY}),
    ),
    CommandName.SUBMIT_PROOF: CommandSpec(
        roles=AGENCY,
        states=HANDLED,
        fields=(text("note"), media("media")),
        conflicts=PLACED | {Kind.TRIAGED, Kind.SENT_BACK},
    ),
    CommandName.VALIDATE: CommandSpec(
        roles=JUDGES,
        states=PROVED,
        conflicts=PLACED | {Kind.PROOF_SUBMITTED, Kind.SENT_BACK, Kind.TRIAGED},
        refuses=frozenset({Code.SAME_PERSON}),
    ),
    CommandName.SEND_BACK: CommandSpec(
        roles=JUDGES,
        states=PROVED,
        fields=(_REASON,),
        conflicts=PLACED | {Kind.PROOF_SUBMITTED, Kind.SENT_BACK},
    ),
    CommandName.RELEASE_PROOF: CommandSpec(
        roles=LEADERS,
        states=frozenset({State.DONE}),
        fields=(code("after"), code("before")),
        conflicts=PLACED,
        pause=PauseRule.ANY,
        refuses=frozenset({Code.FIELD}),
    ),
    CommandName.WITHDRAW_PROOF: CommandSpec(roles=LEADERS, states=frozenset(State), pause=PauseRule.ANY),
    CommandName.CLOSE: CommandSpec(roles=LEADERS, states=OPEN, fields=(_REASON,), conflicts=MOVES, pause=PauseRule.ANY),
    CommandName.REOPEN: CommandSpec(
        roles=DESK | CITIZEN,
        states=ENDED,
        fields=(_REASON,),
        conflicts=PLACED,
        pause=PauseRule.ANY,
        refuses=frozenset({Code.WINDOW}),
    ),
    CommandName.MERGE: CommandSpec(
        roles=DESK,
        states=OPEN,
        fields=(code("into", required=True),),
        conflicts=MOVES | {Kind.ABSORBED, Kind.RELEASED},
        pause=PauseRule.ANY,
        refuses=frozenset({Code.CYCLE, Code.UNKNOWN_COMPLAINT, Code.DRILL}),
    ),
    CommandName.SPLIT: CommandSpec(
        roles=DESK,
        states=OPEN | {State.MERGED},
        fields=(code("child"),),
        conflicts=PLACED | {Kind.RELEASED},
        pause=PauseRule.ANY,
        refuses=frozenset({Code.FIELD, Code.UNKNOWN_COMPLAINT}),
    ),
    CommandName.REFER_OUTSIDE: CommandSpec(
        roles=DESK,
        states=WAITING | HANDLED,
        fields=(code("outside", required=True), _REASON),
        conflicts=MOVES,
        pause=PauseRule.ANY,
        refuses=frozenset({Code.UNKNOWN_AGENCY}),
    ),
    CommandName.REJECT: CommandSpec(
        roles=DESK, states=WAITING, fields=(_REASON,), conflicts=MOVES, pause=PauseRule.ANY
    ),
    CommandName.COMMENT: CommandSpec(
        roles=EVERYBODY,
        states=frozenset(State),
        fields=(text("text", required=True), moment_field("answer_by", required=False)),
        pause=PauseRule.ANY,
        refuses=frozenset({Code.PAST, Code.FIELD}),
    ),
    CommandName.REPLY: CommandSpec(
        roles=STAFF, states=frozenset(State), fields=(text("text", required=True),), pause=PauseRule.ANY
    ),
    CommandName.CLAIM: CommandSpec(
        roles=DESK,
        states=OPEN,
        pause=PauseRule.ANY,
        refuses=frozenset({Code.CLAIMED}),
    ),
    CommandName.RELEASE: CommandSpec(
        roles=DESK,
        states=frozenset(State),
        pause=PauseRule.ANY,
        refuses=frozenset({Code.CLAIMED}),
    ),
    CommandName.EXTEND: CommandSpec(
        roles=LEADERS,
        states=OPEN,
        fields=(moment_field("due_at"), _REASON),
        conflicts=PLACED | PAUSES | {Kind.EXTENDED, Kind.TRIAGED},
        refuses=frozenset({Code.PAST, Code.FIELD}),
    ),
    CommandName.RATE: CommandSpec(
        roles=CITIZEN,
        states=frozenset({State.DONE}),
        fields=(Field(name="score", read=choice("score", "1", "2", "3", "4", "5").read, required=True), text("text")),
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


_NAMES = frozenset(name.value for name in CommandName)


def parse(name: str, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The command's own fields, typed and bounded (times aware UTC). Raises Malformed naming the first bad field."""
    if name not in _NAMES:
        raise Malformed("command", "is not a command")
    fields = read(SPECS[CommandName(name)].fields, raw)
    if name == CommandName.TRIAGE:
        _check_triage(fields)
    return fields


def _check_triage(fields: Mapping[str, Any]) -> None:
    if not fields:
        raise Malformed("category", "give at least one of category, class, agency, priority, area, lat and lon")
    for one, other in (("lat", "lon"), ("lon", "lat")):
        if one in fields and other not in fields:
            raise Malformed(other, "is required beside " + one)


def text_fields(name: str) -> tuple[str, ...]:
    """Which fields are free text: the room keeps each as a row, and ``decide`` gets its id instead."""
    return tuple(field.name for field in SPECS[CommandName(name)].fields if field.text)


def media_fields(name: str) -> tuple[str, ...]:
    """Which fields are lists of links: the room keeps each link as a row, and ``decide`` gets the ids instead."""
    return tuple(field.name for field in SPECS[CommandName(name)].fields if field.media)


def conflicts(name: str) -> frozenset[Kind]:
    """The events that make the command stale when logged on its complaint after the sequence number its giver saw."""
    return SPECS[CommandName(name)].conflicts


def needs(name: str, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of other complaints ``decide`` must be given in ``others``."""
    wanted = {CommandName.MERGE: "into", CommandName.SPLIT: "child"}.get(CommandName(name), "")
    return (fields[wanted],) if wanted in fields else ()


def may(name: str, role: Role) -> bool:
    """Whether the role gives this command at all; ``refusal`` says on which complaints."""
    return role in SPECS[CommandName(name)].roles


def allowed(complaint: Complaint, role: Role, actor_agency: str | None = None) -> tuple[CommandName, ...]:
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


def given_by(role: Role) -> tuple[CommandName, ...]:
    """The commands that this role gives at all, in the order of CommandName; ``allowed`` says which of them now."""
    return tuple(name for name in CommandName if role in SPECS[name].roles)


def permission_refusal(
    complaint: Complaint, name: CommandName, role: Role, *, actor_agency: str | None
) -> Refused | None:
    """Why the role or the agency may not, whatever the state; None when it may.

    Asked before the state, so that somebody without permission does not learn it.
    """
    if role not in SPECS[name].roles:
        return Refused(Code.ROLE, f"{name} is not for {role}")
    if role in AGENCY and (actor_agency is None or actor_agency not in complaint.agencies):
        return Refused(Code.NOT_YOUR_COMPLAINT, "the complaint is not with your agency")
    return None


def refusal(complaint: Complaint, name: CommandName, role: Role, *, actor_agency: str | None) -> Refused | None:
    """Why the command is not possible now whatever its fields, or None."""
    if (no := permission_refusal(complaint, name, role, actor_agency=actor_agency)) is not None:
        return no
    spec = SPECS[name]
    if complaint.state not in spec.states:
        return Refused(Code.STATE, f"{name} is not possible while {complaint.state}")
    return _pause_refusal(complaint, name, spec.pause) or _state_refusal(complaint, name, actor_agency)


def _pause_refusal(complaint: Complaint, name: CommandName, pause: PauseRule) -> Refused | None:
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


def _state_refusal(complaint: Complaint, name: CommandName, agency: str | None) -> Refused | None:
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
