"""The commands people give: who may give them, which fields they carry, and with which events they conflict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from liveroom.domain.complaint import State
from liveroom.domain.events import Kind
from liveroom.domain.fields import Field, choice, code, codes, media, moment, number, read, text
from liveroom.domain.refusals import Malformed


class Role(StrEnum):
    """Who acts; agency roles act for one agency, ``system`` is the clock and the importer."""

    DUTY = "duty"
    SUPERVISOR = "supervisor"
    AGENCY = "agency"
    AGENCY_HEAD = "agency_head"
    LEADERSHIP = "leadership"
    ADMIN = "admin"
    SYSTEM = "system"


class Name(StrEnum):
    """Every command on a complaint."""

    TRIAGE = "triage"
    FORWARD = "forward"
    ACCEPT = "accept"
    DECLINE = "decline"
    START = "start"
    ASK = "ask"
    ANSWER = "answer"
    HOLD = "hold"
    RESUME = "resume"
    COORDINATE = "coordinate"
    SUBMIT_PROOF = "submit_proof"
    VALIDATE = "validate"
    SEND_BACK = "send_back"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    SPLIT = "split"
    REFER_OUTSIDE = "refer_outside"
    REJECT = "reject"
    COMMENT = "comment"
    REPLY = "reply"
    CLAIM = "claim"
    EXTEND = "extend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command, fields already parsed: times aware UTC, free texts replaced by text ids (none reaches an event)."""

    name: Name
    complaint: str
    actor: str
    role: Role
    actor_agency: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


DESK = frozenset({Role.DUTY, Role.SUPERVISOR, Role.ADMIN})
LEADERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
AGENCY = frozenset({Role.AGENCY, Role.AGENCY_HEAD})
JUDGES = DESK | {Role.AGENCY_HEAD}
STAFF = DESK | AGENCY
EVERYBODY = STAFF | {Role.LEADERSHIP}

WAITING = frozenset({State.RECEIVED, State.FORWARDED})
HANDLED = frozenset({State.ACCEPTED, State.WORKING})
PROVED = frozenset({State.PROOF_SUBMITTED})
OPEN = WAITING | HANDLED | PROVED
ENDED = frozenset({State.DONE, State.NOT_OURS, State.REJECTED})

ENDINGS = frozenset({Kind.VALIDATED, Kind.CLOSED, Kind.MERGED, Kind.REFERRED, Kind.REJECTED})
PLACED = ENDINGS | {Kind.FORWARDED, Kind.REOPENED, Kind.SPLIT}
PAUSES = frozenset({Kind.ASKED, Kind.ANSWERED, Kind.HELD})
ACTED = frozenset({Kind.ACCEPTED, Kind.DECLINED, Kind.STARTED, Kind.PROOF_SUBMITTED, Kind.SENT_BACK})
MOVES = PLACED | PAUSES | ACTED | {Kind.TRIAGED, Kind.COORDINATED}


class Pause(StrEnum):
    """What a command asks of the pause flag."""

    ANY = "any"
    NONE = "none"
    PAUSED = "paused"
    CITIZEN = "citizen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Who may give a command, in which states, with which fields; ``conflicts`` are the events that make it stale."""

    roles: frozenset[Role]
    states: frozenset[State]
    fields: tuple[Field, ...] = ()
    conflicts: frozenset[Kind] = frozenset()
    pause: Pause = Pause.NONE


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

SPECS: Mapping[Name, Spec] = {
    Name.TRIAGE: Spec(
        roles=DESK,
        states=OPEN,
        fields=_TRIAGE,
        conflicts=PLACED | {Kind.TRIAGED},
        pause=Pause.ANY,
    ),
    Name.FORWARD: Spec(
        roles=DESK,
        states=WAITING | HANDLED,
        fields=(code("agency", required=True), codes("agencies")),
        conflicts=MOVES,
    ),
    Name.ACCEPT: Spec(roles=AGENCY, states=HANDLED | {State.FORWARDED}, conflicts=PLACED | {Kind.TRIAGED}),
    Name.DECLINE: Spec(
        roles=AGENCY,
        states=HANDLED | {State.FORWARDED},
        fields=(_REASON,),
        conflicts=PLACED | {Kind.TRIAGED, Kind.ACCEPTED, Kind.STARTED, Kind.PROOF_SUBMITTED},
    ),
    Name.START: Spec(
        roles=AGENCY,
        states=frozenset({State.ACCEPTED}),
        conflicts=PLACED | {Kind.DECLINED, Kind.STARTED},
    ),
    Name.ASK: Spec(roles=STAFF, states=OPEN, fields=(text("text", required=True),), conflicts=PLACED | PAUSES),
    Name.ANSWER: Spec(
        roles=STAFF,
        states=OPEN,
        fields=(text("text"),),
        conflicts=PLACED | PAUSES,
        pause=Pause.CITIZEN,
    ),
    Name.HOLD: Spec(roles=LEADERS, states=OPEN, fields=(_REASON, moment("until")), conflicts=MOVES),
    Name.RESUME: Spec(roles=DESK, states=OPEN, conflicts=PLACED | PAUSES, pause=Pause.PAUSED),
    Name.COORDINATE: Spec(
        roles=DESK,
        states=HANDLED | {State.FORWARDED},
        fields=(codes("agencies", required=True),),
        conflicts=PLACED | {Kind.DECLINED, Kind.COORDINATED, Kind.TRIAGED},
    ),
    Name.SUBMIT_PROOF: Spec(
        roles=AGENCY,
        states=HANDLED,
        fields=(text("note"), media("media")),
        conflicts=PLACED | {Kind.DECLINED, Kind.TRIAGED, Kind.SENT_BACK},
    ),
    Name.VALIDATE: Spec(
        roles=JUDGES,
        states=PROVED,
        conflicts=PLACED | {Kind.PROOF_SUBMITTED, Kind.SENT_BACK, Kind.TRIAGED},
    ),
    Name.SEND_BACK: Spec(
        roles=JUDGES,
        states=PROVED,
        fields=(_REASON,),
        conflicts=PLACED | {Kind.PROOF_SUBMITTED, Kind.SENT_BACK},
    ),
    Name.CLOSE: Spec(roles=LEADERS, states=OPEN, fields=(_REASON,), conflicts=MOVES, pause=Pause.ANY),
    Name.REOPEN: Spec(roles=DESK, states=ENDED, fields=(_REASON,), conflicts=PLACED, pause=Pause.ANY),
    Name.MERGE: Spec(
        roles=DESK,
        states=OPEN,
        fields=(code("into", required=True),),
        conflicts=MOVES | {Kind.ABSORBED, Kind.RELEASED},
        pause=Pause.ANY,
    ),
    Name.SPLIT: Spec(
        roles=DESK,
        states=OPEN | {State.MERGED},
        fields=(code("child"),),
        conflicts=PLACED | {Kind.RELEASED},
        pause=Pause.ANY,
    ),
    Name.REFER_OUTSIDE: Spec(
        roles=DESK,
        states=WAITING | HANDLED,
        fields=(code("outside", required=True), _REASON),
        conflicts=MOVES,
        pause=Pause.ANY,
    ),
    Name.REJECT: Spec(roles=DESK, states=WAITING, fields=(_REASON,), conflicts=MOVES, pause=Pause.ANY),
    Name.COMMENT: Spec(
        roles=EVERYBODY, states=frozenset(State), fields=(text("text", required=True),), pause=Pause.ANY
    ),
    Name.REPLY: Spec(roles=STAFF, states=frozenset(State), fields=(text("text", required=True),), pause=Pause.ANY),
    Name.CLAIM: Spec(roles=DESK, states=OPEN, pause=Pause.ANY),
    Name.EXTEND: Spec(
        roles=LEADERS,
        states=OPEN,
        fields=(moment("due_at"), _REASON),
        conflicts=PLACED | PAUSES | {Kind.EXTENDED, Kind.TRIAGED},
    ),
}


NAMES = frozenset(name.value for name in Name)


def parse(name: str, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The command's own fields, typed and bounded (times aware UTC). Raises Malformed naming the first bad field."""
    if name not in NAMES:
        raise Malformed("command", "is not a command")
    fields = read(SPECS[Name(name)].fields, raw)
    if name == Name.TRIAGE:
        _check_triage(fields)
    return fields


def _check_triage(fields: Mapping[str, Any]) -> None:
    if not fields:
        raise Malformed("category", "give at least one of category, class, agency, priority, area, lat and lon")
    for one, other in (("lat", "lon"), ("lon", "lat")):
        if one in fields and other not in fields:
            raise Malformed(other, "is required beside " + one)


def text_fields(name: str) -> tuple[str, ...]:
    """Which fields are free text: the room keeps each as a row and hands its id to ``decide`` instead."""
    return tuple(field.name for field in SPECS[Name(name)].fields if field.text)


def media_fields(name: str) -> tuple[str, ...]:
    """Which fields are lists of links: the room keeps each link as a row and hands the ids to ``decide`` instead."""
    return tuple(field.name for field in SPECS[Name(name)].fields if field.media)


def conflicts(name: str) -> frozenset[Kind]:
    """The events that make the command stale when logged on its complaint after the sequence number its giver saw."""
    return SPECS[Name(name)].conflicts


def needs(name: str, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of other complaints ``decide`` must be given in ``others``."""
    wanted = {Name.MERGE: "into", Name.SPLIT: "child"}.get(Name(name), "")
    return (fields[wanted],) if wanted in fields else ()
