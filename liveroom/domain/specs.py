"""Every command in one table: who may give it, in which states, with which fields, what makes it stale."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from liveroom.domain.complaint import State
from liveroom.domain.events import Kind
from liveroom.domain.fields import Field, choice, code, codes, media, moment, number, text
from liveroom.domain.names import Name, Role
from liveroom.domain.refusals import Code

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
# What a citizen does comes by the room's own page, which acts for them (docs/lapor.md).
CITIZEN = frozenset({Role.SYSTEM})

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
    """Who may give a command, in which states, with which fields; ``conflicts`` are the events that make it stale.

    ``refuses``: the codes it may be refused with beside role, not_your_complaint and state, which every command knows.
    """

    roles: frozenset[Role]
    states: frozenset[State]
    fields: tuple[Field, ...] = ()
    conflicts: frozenset[Kind] = frozenset()
    pause: Pause = Pause.NONE
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

SPECS: Mapping[Name, Spec] = {
    Name.TRIAGE: Spec(
        roles=DESK,
        states=OPEN,
        fields=_TRIAGE,
        conflicts=PLACED | {Kind.TRIAGED},
        pause=Pause.ANY,
        refuses=frozenset({Code.FIELD, Code.UNKNOWN_CATEGORY, Code.UNKNOWN_AGENCY}),
    ),
    Name.FORWARD: Spec(
        roles=DESK,
        states=WAITING | HANDLED,
        fields=(code("agency", required=True), codes("agencies")),
        conflicts=MOVES,
        refuses=frozenset({Code.UNKNOWN_AGENCY}),
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
        conflicts=PLACED | {Kind.STARTED},
    ),
    Name.ASK: Spec(roles=STAFF, states=OPEN, fields=(text("text", required=True),), conflicts=PLACED | PAUSES),
    Name.ANSWER: Spec(
        roles=STAFF | CITIZEN,
        states=OPEN,
        fields=(text("text"),),
        conflicts=PLACED | PAUSES,
        pause=Pause.CITIZEN,
    ),
    Name.HOLD: Spec(
        roles=LEADERS,
        states=OPEN,
        fields=(_REASON, moment("until")),
        conflicts=MOVES,
        refuses=frozenset({Code.PAST, Code.FIELD}),
    ),
    Name.RESUME: Spec(roles=DESK, states=OPEN, conflicts=PLACED | PAUSES, pause=Pause.PAUSED),
    Name.COORDINATE: Spec(
        roles=DESK,
        states=HANDLED | {State.FORWARDED},
        fields=(codes("agencies", required=True),),
        conflicts=PLACED | {Kind.DECLINED, Kind.COORDINATED, Kind.TRIAGED},
        refuses=frozenset({Code.UNKNOWN_AGENCY}),
    ),
    Name.SUBMIT_PROOF: Spec(
        roles=AGENCY,
        states=HANDLED,
        fields=(text("note"), media("media")),
        conflicts=PLACED | {Kind.TRIAGED, Kind.SENT_BACK},
    ),
    Name.VALIDATE: Spec(
        roles=JUDGES,
        states=PROVED,
        conflicts=PLACED | {Kind.PROOF_SUBMITTED, Kind.SENT_BACK, Kind.TRIAGED},
        refuses=frozenset({Code.SAME_PERSON}),
    ),
    Name.SEND_BACK: Spec(
        roles=JUDGES,
        states=PROVED,
        fields=(_REASON,),
        conflicts=PLACED | {Kind.PROOF_SUBMITTED, Kind.SENT_BACK},
    ),
    Name.RELEASE_PROOF: Spec(
        roles=LEADERS,
        states=frozenset({State.DONE}),
        fields=(code("after"), code("before")),
        conflicts=PLACED,
        pause=Pause.ANY,
        refuses=frozenset({Code.FIELD}),
    ),
    Name.WITHDRAW_PROOF: Spec(roles=LEADERS, states=frozenset(State), pause=Pause.ANY),
    Name.CLOSE: Spec(roles=LEADERS, states=OPEN, fields=(_REASON,), conflicts=MOVES, pause=Pause.ANY),
    Name.REOPEN: Spec(
        roles=DESK | CITIZEN,
        states=ENDED,
        fields=(_REASON,),
        conflicts=PLACED,
        pause=Pause.ANY,
        refuses=frozenset({Code.WINDOW}),
    ),
    Name.MERGE: Spec(
        roles=DESK,
        states=OPEN,
        fields=(code("into", required=True),),
        conflicts=MOVES | {Kind.ABSORBED, Kind.RELEASED},
        pause=Pause.ANY,
        refuses=frozenset({Code.CYCLE, Code.UNKNOWN_COMPLAINT, Code.DRILL}),
    ),
    Name.SPLIT: Spec(
        roles=DESK,
        states=OPEN | {State.MERGED},
        fields=(code("child"),),
        conflicts=PLACED | {Kind.RELEASED},
        pause=Pause.ANY,
        refuses=frozenset({Code.FIELD, Code.UNKNOWN_COMPLAINT}),
    ),
    Name.REFER_OUTSIDE: Spec(
        roles=DESK,
        states=WAITING | HANDLED,
        fields=(code("outside", required=True), _REASON),
        conflicts=MOVES,
        pause=Pause.ANY,
        refuses=frozenset({Code.UNKNOWN_AGENCY}),
    ),
    Name.REJECT: Spec(roles=DESK, states=WAITING, fields=(_REASON,), conflicts=MOVES, pause=Pause.ANY),
    Name.COMMENT: Spec(
        roles=EVERYBODY,
        states=frozenset(State),
        fields=(text("text", required=True), moment("answer_by", required=False)),
        pause=Pause.ANY,
        refuses=frozenset({Code.PAST, Code.FIELD}),
    ),
    Name.REPLY: Spec(roles=STAFF, states=frozenset(State), fields=(text("text", required=True),), pause=Pause.ANY),
    Name.CLAIM: Spec(
        roles=DESK,
        states=OPEN,
        pause=Pause.ANY,
        refuses=frozenset({Code.CLAIMED}),
    ),
    Name.RELEASE: Spec(
        roles=DESK,
        states=frozenset(State),
        pause=Pause.ANY,
        refuses=frozenset({Code.CLAIMED}),
    ),
    Name.EXTEND: Spec(
        roles=LEADERS,
        states=OPEN,
        fields=(moment("due_at"), _REASON),
        conflicts=PLACED | PAUSES | {Kind.EXTENDED, Kind.TRIAGED},
        refuses=frozenset({Code.PAST, Code.FIELD}),
    ),
    Name.RATE: Spec(
        roles=CITIZEN,
        states=frozenset({State.DONE}),
        fields=(Field(name="score", read=choice("score", "1", "2", "3", "4", "5").read, required=True), text("text")),
        pause=Pause.ANY,
    ),
}
