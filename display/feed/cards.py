"""The allow-list of the feed: which fields of a complaint, an alarm and a notice each audience may see.

Nothing else turns a complaint into a card, so a field that is not named here reaches no screen; docs/feed.md has all.
An audience is `wall`, `visit`, `desk`, `lead` or `agency:KEY`; an unknown one is served as `wall`. While guests are in
the room, walls are served as `visit` (CR-81).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol

import msgspec

from liveroom.domain.alarms.commands import allowed as allowed_on_alarm
from liveroom.domain.alarms.model import Alarm, AlarmState
from liveroom.domain.complaints.commands import allowed
from liveroom.domain.complaints.intake import SENSOR
from liveroom.domain.complaints.model import OPEN, STAGE, STATUS, Complaint, Stage, State
from liveroom.domain.policy import Policy
from liveroom.domain.requests import Role
from liveroom.domain.room import LineName, in_force
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection
from liveroom.log.event_log import database_now, encode
from liveroom.projection.notices import notice

Card = dict[str, Any]


# Audiences and their masks.


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """What an audience sees beyond, or short of, the fields of every card.

    ``decimals``: how many decimals of a degree are kept of the place of a private complaint, None for all.
    ``private``: whether the category of a private complaint is shown.
    ``own_words``: whether a category that the city pack does not know is shown; it is a source's own text.
    ``people``: whether an alarm names who acknowledged, owns and shelved it.
    ``givers``: whether a notice names who gave its command.
    ``commands``: whether an alarm says which commands each role at a desk could give on it now.
    ``handling``: whether an alarm says when it was acknowledged, shelved, suppressed or paged, and until when.
    ``more``: names of further fields, from ``MORE_FIELDS``.
    """

    decimals: int | None = 3
    private: bool = True
    own_words: bool = False
    people: bool = False
    givers: bool = False
    commands: bool = False
    handling: bool = True
    more: tuple[str, ...] = ()


# Three decimals of a degree are about 110 m: a neighbourhood, not a door (CR-80). Two are about a kilometre (CR-81).
MASKS: Mapping[str, Mask] = {
    "wall": Mask(people=True, more=("sensor",)),
    "visit": Mask(decimals=2, private=False, handling=False),
    "desk": Mask(
        decimals=None,
        own_words=True,
        people=True,
        givers=True,
        commands=True,
        more=(
            *("source_id", "channel", "class", "claimed_by", "claimed_until", "returned", "answer_by", "due_stage"),
            *("merged", "allowed"),
        ),
    ),
    "lead": Mask(more=("channel", "class", "answer_by")),
}
AGENCY_MASK = Mask(decimals=None, more=("source_id", "channel", "class", "accepted", "proved", "answer_by", "allowed"))
AUDIENCES = tuple(MASKS)
MOST_MASKED = "wall"
AGENCY = "agency:"


def agency_of(audience: str) -> str | None:
    """The key of the agency whose own feed this audience is; None for every other audience."""
    return audience[len(AGENCY) :] if audience.startswith(AGENCY) else None


def audience_of(agency: str) -> str:
    """The audience of an agency's own feed."""
    return AGENCY + agency


def known_audience(wanted: object, agencies: Collection[str]) -> str:
    """``wanted`` if it is an audience of a city with these agencies, else the most masked one."""
    if not isinstance(wanted, str):
        return MOST_MASKED
    return wanted if wanted in AUDIENCES or agency_of(wanted) in agencies else MOST_MASKED


def all_audiences(agencies: Collection[str]) -> tuple[str, ...]:
    """All audiences of a city with these agencies."""
    return (*AUDIENCES, *(audience_of(agency) for agency in sorted(agencies)))


# Alarms: codes, times and who has it; free text, such as the reason for shelving, stays at the desk.

ALARM_TIMES = ("due_at", "raised_at", "activated_at", "acked_at", "expires_at", "shelved_until", "suppressed_until")
HANDLING_TIMES = ("review_at", "paged_at")
ALARM_CODES = (
    *("id", "seq", "priority", "complaint", "source", "agency", "area", "category"),
    *("count", "active", "rearmed"),
)
ALARM_HANDLING = (
    *("acked_at", "expires_at", "shelved_until", "suppressed_until", "review_at"),
    *("paged_at", "unpaged_at", "rule"),
)
ALARM_PEOPLE = ("acked_by", "owner", "shelved_by")
# Priorities make roles differ, so each has a list of its own; an admin gives what a supervisor gives.
_AT_DESK = (Role.DUTY, Role.SUPERVISOR)


def alarm_card(alarm: Alarm) -> dict[str, Any]:
    """An alarm with every field that the feed has for it, before an audience's mask."""
    card: dict[str, Any] = {name: getattr(alarm, name) for name in (*ALARM_CODES, *ALARM_PEOPLE)}
    moments = {name: getattr(alarm, name) for name in (*ALARM_TIMES, *HANDLING_TIMES)}
    card.update({name: to_text(moment) if moment is not None else None for name, moment in moments.items()})
    card["kind"], card["state"] = alarm.kind.value, alarm.state.value
    card["stage"] = alarm.stage.value if alarm.stage else None
    card["rule"] = alarm.rule.value if alarm.rule else None
    card["chattering"] = alarm.chattering
    # A page that had nobody to go to is no page: a reader must not believe that somebody was called (CR-18).
    card["unpaged_at"] = card["paged_at"] if alarm.unreached else None
    if alarm.unreached:
        card["paged_at"] = None
    return card


def ended_card(alarm: Alarm) -> dict[str, Any]:
    """The alarm as ended, all fields None but id, seq, kind and priority: it takes the alarm away from an agency."""
    kept = {"id": alarm.id, "seq": alarm.seq, "kind": alarm.kind.value, "priority": alarm.priority}
    return {**dict.fromkeys(alarm_card(alarm)), **kept, "state": AlarmState.NORMAL.value, "active": False}


# Notices.

# Of a notice, for audiences that see no people: `by` of a command, `from` and `to` of a handover are left out.
NOTICE_FIELDS = (
    *("id", "kind", "state", "category", "area", "areas", "n", "count", "counts", "agency", "agencies", "shift"),
    *("since", "at", "until", "until_real", "scene", "complaint", "welcome"),
)
# An agency gets the surges of its own matters and no other notice: floods and commands concern the control room alone.
AGENCY_NOTICE_FIELDS = ("id", "kind", "category", "area", "areas", "n", "since")


# Complaints.
#
# A snapshot makes 100,000 cards at once. So of a complaint's row only what cards need is decoded, in an eighth of the
# time of a whole `Complaint`, and times stay the text that they are in the row: what the wire needs.


# As text and as plain names: a row asks several times, and to ask an enumeration takes a third of a microsecond.
_STATE = {state: state.value for state in State}
_STATUS = {state: status.value for state, status in STATUS.items()}
_STAGE = {state: stage.value if stage else None for state, stage in STAGE.items()}
_FORWARD, _ACCEPT, _FINISH = Stage.FORWARD.value, Stage.ACCEPT.value, Stage.FINISH.value
_RECEIVED, _SUPERVISOR, _AGENCY_HEAD = State.RECEIVED, Role.SUPERVISOR, Role.AGENCY_HEAD


class _MultipleRow(msgspec.Struct, gc=False):
    percent: int


class DeadlineRow(msgspec.Struct, gc=False):
    """A `Deadline` as it stands in a row, times as RFC 3339 text."""

    start: str
    due: str
    clock: str
    passed: bool = False
    multiples: tuple[_MultipleRow, ...] = ()
    multiplied: int = 0

    @property
    def escalation(self) -> int:
        """As ``Deadline.escalation``."""
        return self.multiples[self.multiplied - 1].percent if self.multiplied else 0


class _QuestionRow(msgspec.Struct, gc=False):
    answer_by: str


class CardRow(msgspec.Struct, gc=False):
    """What cards need of a `Complaint`, decoded from the same text; times are RFC 3339 text in UTC.

    The last six are derived: when the running stage began, when it is due and on which clock, and which deadline says
    so (``Complaint.first_due``); ``overdue`` and ``escalation`` as there.
    """

    id: str
    seq: int
    state: State
    source: str
    source_id: str
    channel: str | None
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
    received_at: str
    closed_at: str | None = None
    closed_day: str | None = None
    forward: DeadlineRow | None = None
    accept: DeadlineRow | None = None
    finish: DeadlineRow | None = None
    paused: str | None = None
    claimed_by: str | None = None
    claimed_until: str | None = None
    children: tuple[str, ...] = ()
    questions: tuple[_QuestionRow, ...] = ()
    stage_from: str | None = None
    due_at: str | None = None
    stage_clock: str | None = None
    due_stage: str | None = None
    overdue: bool = False
    escalation: int = 0

    def __post_init__(self) -> None:
        """Derive what follows from the deadlines that run."""
        stage = _STAGE[self.state]
        if stage is None:
            return
        first, finish, name = self.finish, self.finish, _FINISH
        own = self.forward if stage == _FORWARD else self.accept if stage == _ACCEPT else None
        if own is not None:
            # Compared without the Z, which sorts after the fraction of a second.
            if finish is None or own.due[:-1] <= finish.due[:-1]:
                first, name = own, stage
            self.overdue, self.escalation = own.passed, own.escalation
        if first is None:
            return
        self.stage_from, self.due_at, self.stage_clock, self.due_stage = first.start, first.due, first.clock, name
        if finish is not None and (finish.passed or finish.multiplied):
            self.overdue = self.overdue or finish.passed
            self.escalation = max(self.escalation, finish.escalation)

    @property
    def open(self) -> bool:
        """As ``Complaint.open``."""
        return STATUS[self.state] in OPEN


_decoder = msgspec.json.Decoder(CardRow)


def card_row(body: str) -> CardRow:
    """The row of a complaint's ``body``, the text in which the projection keeps it."""
    return _decoder.decode(body)


def _answer_by(row: CardRow) -> str | None:
    return min((one.answer_by for one in row.questions), key=lambda moment: moment[:-1], default=None)


Read = Callable[[CardRow], Any]
# The fields of every card. Of each audience `Cards` masks the category and the place.
FIELDS: Mapping[str, Read] = {
    "id": attrgetter("id"),
    "seq": attrgetter("seq"),
    "state": lambda c: _STATE[c.state],
    "status": lambda c: _STATUS[c.state],
    "overdue": attrgetter("overdue"),
    "paused": attrgetter("paused"),
    "source": attrgetter("source"),
    "category": attrgetter("category"),
    "agency": attrgetter("agency"),
    "agencies": attrgetter("agencies"),
    "area": attrgetter("area"),
    "in_city": attrgetter("in_city"),
    "lat": attrgetter("lat"),
    "lon": attrgetter("lon"),
    "received_at": attrgetter("received_at"),
    "received_day": attrgetter("day"),
    "closed_at": attrgetter("closed_at"),
    "stage": lambda c: _STAGE[c.state],
    "stage_from": attrgetter("stage_from"),
    "stage_clock": attrgetter("stage_clock"),
    "due_at": attrgetter("due_at"),
    "priority": attrgetter("priority"),
    "escalation": attrgetter("escalation"),
    "drill": attrgetter("drill"),
}
# Those that follow from the state alone: a column of them needs no call for each card.
_OF_STATE: Mapping[str, Mapping[State, str | None]] = {"state": _STATE, "status": _STATUS, "stage": _STAGE}
MORE_FIELDS: Mapping[str, Read] = {
    "source_id": attrgetter("source_id"),
    "channel": attrgetter("channel"),
    # A channel may be anybody's own words; that it is a sensor is none of them.
    "sensor": lambda c: c.channel == SENSOR,
    "class": attrgetter("class_"),
    "claimed_by": attrgetter("claimed_by"),
    "claimed_until": attrgetter("claimed_until"),
    "returned": lambda c: c.state is _RECEIVED and c.accept is not None,
    "due_stage": attrgetter("due_stage"),
    "answer_by": _answer_by,
    "merged": lambda c: len(c.children),
    # Of everybody at a desk a supervisor gives the most; each page knows which of them its own role gives.
    "allowed": lambda c: allowed(c, _SUPERVISOR),
}


class Cards:
    """Makes the cards of one city for one audience; an unknown audience gets the most masked one."""

    def __init__(self, policy: Policy, audience: str) -> None:
        self.audience = known_audience(audience, policy.agencies)
        self.agency = agency_of(self.audience)
        self._mask = AGENCY_MASK if self.agency is not None else MASKS[self.audience]
        self._policy = policy
        more = MORE_FIELDS if self.agency is None else {**MORE_FIELDS, **_agency_progress(self.agency)}
        self._reads = {**FIELDS, **{name: more[name] for name in self._mask.more}, **self._masked()}
        self.fields = tuple(self._reads)

    def of(self, complaint: Complaint) -> Card:
        """The card of a complaint, masked for this audience."""
        return self.of_row(card_row(encode(complaint)))

    def of_row(self, row: CardRow) -> Card:
        """The card of a complaint's row, masked for this audience."""
        return {name: read(row) for name, read in self._reads.items()}

    def columns_of(self, rows: Sequence[CardRow]) -> dict[str, list[Any]]:
        """The cards of many rows, a column a field, all of one length."""
        states = [row.state for row in rows]
        return {
            name: list(map(_OF_STATE[name].__getitem__, states)) if name in _OF_STATE else list(map(read, rows))
            for name, read in self._reads.items()
        }

    def _masked(self) -> Mapping[str, Read]:
        """How the fields are read that this audience may not see as they are."""
        rules, decimals = self._policy.categories, self._mask.decimals
        masked: dict[str, Read] = {}
        if not self._mask.own_words:
            shown = {key: key for key in rules if not self._hides(key)}
            masked["category"] = lambda row: shown.get(row.category)
        if decimals is not None:
            exact = frozenset(key for key in rules if not self._policy.is_private(key))
            masked["lat"] = lambda row: row.lat if row.category in exact else _blurred(row.lat, decimals)
            masked["lon"] = lambda row: row.lon if row.category in exact else _blurred(row.lon, decimals)
        return masked

    def _hides(self, category: str) -> bool:
        """Whether a category is a source's own text, or too private for this audience."""
        rule = self._policy.categories.get(category)
        return not self._mask.own_words and (rule is None or (rule.private and not self._mask.private))

    def of_alarm(self, alarm: Alarm) -> Card:
        """The card of an alarm, masked for this audience; for an agency, without the key of another agency.

        A category that the pack does not know is left out for everybody: it stands on the complaint's card, from
        where it goes when the complaint is erased.
        """
        card = self._without_hidden_category(alarm_card(alarm))
        if card["category"] not in self._policy.categories:
            card["category"] = None
        if self.agency is not None and card["agency"] != self.agency:
            card["agency"] = None
        if not self._mask.handling:
            card = card | dict.fromkeys(ALARM_HANDLING)
        if self._mask.commands:
            card["allowed"] = {role.value: allowed_on_alarm(alarm, role) for role in _AT_DESK}
        return card if self._mask.people else self._without_people(card)

    def _without_people(self, card: Card) -> Card:
        """The card without log-in names; an owner that is an agency is no person and stays."""
        owner = card["owner"] if card["owner"] in self._policy.agencies else None
        return card | dict.fromkeys(ALARM_PEOPLE) | {"owner": owner}

    def of_lines(self, lines: Iterable[Mapping[str, Any]]) -> list[Card]:
        """The notices in force that are for this audience."""
        if self.agency is None:
            return [self._notice_card(line) for line in lines]
        return [{name: line.get(name) for name in AGENCY_NOTICE_FIELDS} for line in lines if self._own_surge(line)]

    def of_sources(self, sources: list[Card]) -> list[Card]:
        """The sources; none for an agency, which could not act on a silent one."""
        return sources if self.agency is None else []

    def _notice_card(self, line: Mapping[str, Any]) -> Card:
        card = self._without_hidden_category(dict(line))
        return card if self._mask.givers else {name: card[name] for name in NOTICE_FIELDS if name in card}

    def _own_surge(self, line: Mapping[str, Any]) -> bool:
        category = line.get("category")
        return line["kind"] == "surge" and self._policy.agency_for(category or "", line.get("area")) == self.agency

    def _without_hidden_category(self, card: Card) -> Card:
        if (category := card.get("category")) is not None and self._hides(category):
            card["category"] = None
        return card


def cards_of(policy: Policy) -> dict[str, Cards]:
    """The cards of every audience of a city."""
    return {audience: Cards(policy, audience) for audience in all_audiences(policy.agencies)}


class Closable(Protocol):
    """A complaint, or its row: whether it is open, and else the city's date on which it was closed."""

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something."""

    @property
    def closed_day(self) -> str | None:
        """An ISO date."""


def visible(complaint: Closable, today: str) -> bool:
    """Whether screens show it: open, or closed on the open day ``today`` (an ISO date) or later."""
    return complaint.open or (complaint.closed_day or "") >= today


def _agency_progress(agency: str) -> Mapping[str, Read]:
    """How far this agency is with its own part, whichever agency leads, and which commands its head could give now."""
    return {
        "accepted": lambda c: agency in c.accepted_by,
        "proved": lambda c: agency in c.proved_by,
        "allowed": lambda c: allowed(c, _AGENCY_HEAD, agency),
    }


def _blurred(degrees: float | None, decimals: int) -> float | None:
    return None if degrees is None else round(degrees, decimals)


# Guests in the room (CR-81): while a visit is in force, every wall is served the audience `visit`.
#
# Whether one is in force is read in the transaction that reads what is sent, and is never cached: a client that comes
# back is masked by the read that answers it, and when the database cannot be read nothing is sent at all.

WALLS, GUESTS = "wall", "visit"


def visit_in_force(lines: Iterable[Mapping[str, Any]], real: datetime) -> Mapping[str, Any] | None:
    """The notice of the visit in force at ``real``, among these notices; None without one."""
    return next((line for line in lines if line["id"] == LineName.VISIT and in_force(line, real)), None)


def served_audience(audience: str, lines: Iterable[Mapping[str, Any]], real: datetime) -> str:
    """The audience whose cards a client of ``audience`` gets at ``real``: `visit` for walls while guests are there."""
    return GUESTS if audience == WALLS and visit_in_force(lines, real) is not None else audience


def visit_now(connection: Connection) -> Mapping[str, Any] | None:
    """The notice of the visit in force now, by the database's clock; None without one."""
    line = notice(connection, LineName.VISIT)
    return visit_in_force(() if line is None else (line,), database_now(connection))


def served_audience_now(connection: Connection, audience: str) -> str:
    """As ``served_audience``, now by the database's clock."""
    return GUESTS if audience == WALLS and visit_now(connection) is not None else audience
