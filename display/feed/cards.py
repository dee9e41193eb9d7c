"""The allow-list of the feed: which fields of a complaint, an alarm and a notice each audience may see.

Nothing else turns a complaint into a card, so a field that is not named here reaches no screen; docs/feed.md has all.
An audience is `wall`, `visit`, `desk`, `lead`, `agency:KEY` or `room:FIELDS`, another room that follows this one and
sees what its key allows; an unknown one is served as `wall`. While guests are in the room, walls are served as `visit`
(CR-81).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol

import msgspec

from liveroom.city.city import City
from liveroom.domain.alarms.commands import allowed as allowed_on_alarm
from liveroom.domain.alarms.model import Alarm, AlarmKind, AlarmState
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


# Another room that follows this one. Its key names the fields that it may see; all else that the protocol needs (which
# card, its status, the day it counts for, whether it is practice) comes with every key. What is private has neither
# category nor a place nearer than a kilometre, and free text, people and sources are no field of it at all.

ROOM_ALWAYS = ("id", "seq", "status", "received_day", "drill")
# `place` is two columns, `lat` and `lon`, rounded for every complaint.
ROOM_FIELDS: Mapping[str, tuple[str, ...]] = {
    "agency": ("agency",),
    "area": ("area",),
    "category": ("category",),
    "district": ("district",),
    "due_at": ("due_at",),
    "escalation": ("escalation",),
    "overdue": ("overdue",),
    "place": ("lat", "lon"),
    "priority": ("priority",),
    "received_at": ("received_at",),
    "state": ("state",),
}
# What a province's wall shows of a city (docs/province.md).
USUAL_ROOM_FIELDS = ("agency", "area", "category", "district", "due_at", "overdue")
ROOM_MASK = Mask(decimals=2, private=False, handling=False)
ROOM_ALARM_ALWAYS = ("id", "seq", "kind", "priority", "state", "active", "complaint", "count", "raised_at")
# Of the alarms about complaints; that a source or a screen is silent concerns the city alone.
ROOM_ALARMS = frozenset(AlarmKind) - {AlarmKind.LOST}
ROOM = "room:"


def room_audience(fields: Iterable[str]) -> str:
    """The audience of a key that allows these of ROOM_FIELDS."""
    return ROOM + ",".join(sorted(set(fields) & ROOM_FIELDS.keys()))


def room_fields_of(audience: str) -> tuple[str, ...] | None:
    """The fields that an audience of another room may see; None for every other audience."""
    if not audience.startswith(ROOM):
        return None
    return tuple(name for name in audience[len(ROOM) :].split(",") if name)


def known_audience(wanted: object, agencies: Collection[str]) -> str:
    """``wanted`` if it is an audience of a city with these agencies, else the most masked one."""
    if not isinstance(wanted, str):
        return MOST_MASKED
    if (fields := room_fields_of(wanted)) is not None:
        return room_audience(fields)
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

# Of a hazard, for everybody who is sent any; and what a desk reads besides. The words are a service's own, plain text.
HAZARD_FIELDS = (
    *("id", "event", "headline", "severity", "urgency", "certainty", "onset", "expires", "sender_name", "area"),
    *("areas", "polygons"),
)
DESK_HAZARD_FIELDS = (*HAZARD_FIELDS, "sent", "sender", "source", "language", "description", "instruction")
# Characters that a screen has room for, of words that a service may write at any length.
HAZARD_WORDS = {"event": 80, "headline": 160, "sender_name": 60, "area": 200}

# Complaints.
#
# A snapshot makes 100,000 cards at once. So of a complaint's row only what cards need is decoded, in an eighth of the
# time of a whole `Complaint`, and times stay the text that they are in the row: what the wire needs.


# As text and as plain names: a row asks several times, and to ask an enumeration takes a third of a microsecond.
_STATE = {state: state.value for state in State}
_STATUS = {state: status.value for state, status in STATUS.items()}
_STAGE = {state: stage.value if stage else None for state, stage in STAGE.items()}
_RECEIVED, _FORWARDED, _FINISH = State.RECEIVED, State.FORWARDED, Stage.FINISH.value
_SUPERVISOR, _AGENCY_HEAD = Role.SUPERVISOR, Role.AGENCY_HEAD


class _MultipleRow(msgspec.Struct, gc=False):
    percent: int


_multiples = msgspec.json.Decoder(list[_MultipleRow])


class DeadlineRow(msgspec.Struct, gc=False):
    """A `Deadline` as it stands in a row, times as RFC 3339 text; multiples stay text, for few rows have had one."""

    start: str
    due: str
    clock: str
    passed: bool = False
    multiples: msgspec.Raw = msgspec.Raw(b"[]")
    multiplied: int = 0

    @property
    def escalation(self) -> int:
        """As ``Deadline.escalation``."""
        return _multiples.decode(self.multiples)[self.multiplied - 1].percent if self.multiplied else 0


class _QuestionRow(msgspec.Struct, gc=False):
    answer_by: str


class CardRow(msgspec.Struct, gc=False):
    """What cards need of a `Complaint`, decoded from the same text; times are RFC 3339 text in UTC."""

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

    @property
    def open(self) -> bool:
        """As ``Complaint.open``."""
        return STATUS[self.state] in OPEN


# What follows from the deadlines that run, of each row at once: when the running stage began, when it is due and on
# which clock, and which deadline says so (``Complaint.first_due``); ``overdue`` and ``escalation`` as there.
_PROMISE = ("stage_from", "due_at", "stage_clock", "due_stage", "overdue", "escalation")
_NO_PROMISE = (None, None, None, None, False, 0)


def _promise(row: CardRow) -> tuple[str | None, str | None, str | None, str | None, bool, int]:
    state, finish = row.state, row.finish
    own = row.forward if state is _RECEIVED else row.accept if state is _FORWARDED else None
    if own is None:
        if finish is None or _STAGE[state] is None:
            return _NO_PROMISE
        overdue, escalation = finish.passed, finish.escalation if finish.multiplied else 0
        return finish.start, finish.due, finish.clock, _FINISH, overdue, escalation
    overdue, escalation = own.passed, own.escalation if own.multiplied else 0
    if finish is None:
        return own.start, own.due, own.clock, _STAGE[state], overdue, escalation
    overdue = overdue or finish.passed
    if finish.multiplied:
        escalation = max(escalation, finish.escalation)
    # Compared without the Z, which sorts after the fraction of a second.
    if own.due[:-1] <= finish.due[:-1]:
        return own.start, own.due, own.clock, _STAGE[state], overdue, escalation
    return finish.start, finish.due, finish.clock, _FINISH, overdue, escalation


_decoder = msgspec.json.Decoder(CardRow)


def card_row(body: str | msgspec.Raw) -> CardRow:
    """The row of a complaint's ``body``, the text in which the projection keeps it."""
    return _decoder.decode(body)


def _answer_by(row: CardRow) -> str | None:
    return min((one.answer_by for one in row.questions), key=lambda moment: moment[:-1], default=None)


# A field of many cards at once: a call for each card would cost more than the field.
Column = Callable[[Sequence[CardRow]], Iterable[Any]]


def _plain(name: str) -> Column:
    read = attrgetter(name)
    return lambda rows: map(read, rows)


def _of_state(values: Mapping[State, str | None]) -> Column:
    return lambda rows: [values[row.state] for row in rows]


# The fields of every card but what follows from its deadlines. Of each audience `Cards` masks category and place.
FIELDS: Mapping[str, Column | None] = {
    "id": _plain("id"),
    "seq": _plain("seq"),
    "state": _of_state(_STATE),
    "status": _of_state(_STATUS),
    "overdue": None,
    "paused": _plain("paused"),
    "source": _plain("source"),
    "category": _plain("category"),
    "agency": _plain("agency"),
    "agencies": _plain("agencies"),
    "area": _plain("area"),
    "in_city": _plain("in_city"),
    "lat": _plain("lat"),
    "lon": _plain("lon"),
    "received_at": _plain("received_at"),
    "received_day": _plain("day"),
    "closed_at": _plain("closed_at"),
    "stage": _of_state(_STAGE),
    "stage_from": None,
    "stage_clock": None,
    "due_at": None,
    "priority": _plain("priority"),
    "escalation": None,
    "drill": _plain("drill"),
}
MORE_FIELDS: Mapping[str, Column | None] = {
    "source_id": _plain("source_id"),
    "channel": _plain("channel"),
    # A channel may be anybody's own words; that it is a sensor is none of them.
    "sensor": lambda rows: [row.channel == SENSOR for row in rows],
    "class": _plain("class_"),
    "claimed_by": _plain("claimed_by"),
    "claimed_until": _plain("claimed_until"),
    "returned": lambda rows: [row.state is _RECEIVED and row.accept is not None for row in rows],
    "due_stage": None,
    "answer_by": lambda rows: map(_answer_by, rows),
    "merged": lambda rows: [len(row.children) for row in rows],
    # Of everybody at a desk a supervisor gives the most; each page knows which of them its own role gives.
    "allowed": lambda rows: [allowed(row, _SUPERVISOR) for row in rows],
}


class Cards:
    """Makes the cards of one city for one audience; an unknown audience gets the most masked one.

    ``city``: what another room is told of the city beside its cards; without it a room is told no names.
    """

    def __init__(self, policy: Policy, audience: str, city: "CityNames | None" = None) -> None:
        self.audience = known_audience(audience, policy.agencies)
        self.agency = agency_of(self.audience)
        self.room = room_fields_of(self.audience)
        self._names = city
        self._policy = policy
        if self.room is not None:
            self._mask = ROOM_MASK
            self._columns = self._columns_of_room(self.room)
        else:
            self._mask = AGENCY_MASK if self.agency is not None else MASKS[self.audience]
            more = MORE_FIELDS if self.agency is None else {**MORE_FIELDS, **_agency_progress(self.agency)}
            self._columns = {**FIELDS, **{name: more[name] for name in self._mask.more}, **self._masked()}
        self.fields = tuple(self._columns)

    @property
    def outside(self) -> bool:
        """Whether it is no business of this audience which sources there are and what this control room does."""
        return self.agency is not None or self.room is not None

    def sees(self, alarm: Alarm) -> bool:
        """Whether the audience is told of this alarm; for an agency its complaint decides, elsewhere."""
        return self.room is None or alarm.kind in ROOM_ALARMS

    def _columns_of_room(self, allowed_fields: Sequence[str]) -> dict[str, Column | None]:
        """How the columns are read that a key allows, in the order of all columns."""
        districts = {} if self._names is None else self._names.district_of
        known: dict[str, Column | None] = {
            **FIELDS,
            **self._masked(),
            "district": lambda rows: [districts.get(row.area or "") for row in rows],
        }
        if "lat" in known:  # no place of another city is exact, whatever it is about
            known["lat"] = lambda rows: [_blurred(row.lat, 2) for row in rows]
            known["lon"] = lambda rows: [_blurred(row.lon, 2) for row in rows]
        named = {*ROOM_ALWAYS, *(column for name in allowed_fields for column in ROOM_FIELDS[name])}
        return {name: column for name, column in known.items() if name in named}

    def city(self) -> dict[str, Any] | None:
        """What the snapshot of another room says of the city: names for the keys that its cards have; else None."""
        return None if self.room is None or self._names is None else self._names.said(self.room)

    def of(self, complaint: Complaint) -> Card:
        """The card of a complaint, masked for this audience."""
        return self.of_row(card_row(encode(complaint)))

    def of_row(self, row: CardRow) -> Card:
        """The card of a complaint's row, masked for this audience."""
        return {name: column[0] for name, column in self.columns_of((row,)).items()}

    def columns_of(self, rows: Sequence[CardRow]) -> dict[str, list[Any]]:
        """The cards of many rows, at least one: a column a field, all of one length."""
        promised = dict(zip(_PROMISE, zip(*map(_promise, rows), strict=True), strict=True))
        return {
            name: list(column(rows) if column is not None else promised[name]) for name, column in self._columns.items()
        }

    def _masked(self) -> Mapping[str, Column]:
        """How the fields are read that this audience may not see as they are."""
        rules, decimals = self._policy.categories, self._mask.decimals
        masked: dict[str, Column] = {}
        if not self._mask.own_words:
            shown = {key: key for key in rules if not self._hides(key)}
            masked["category"] = lambda rows: [shown.get(row.category) for row in rows]
        if decimals is not None:
            exact = frozenset(key for key in rules if not self._policy.is_private(key))
            masked["lat"] = lambda rows: [
                row.lat if row.category in exact else _blurred(row.lat, decimals) for row in rows
            ]
            masked["lon"] = lambda rows: [
                row.lon if row.category in exact else _blurred(row.lon, decimals) for row in rows
            ]
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
        if self.room is not None:
            return {name: card[name] for name in (*ROOM_ALARM_ALWAYS, *self.room) if name in card}
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

    def shown_category(self, category: str | None) -> str | None:
        """The category of an alarm as this audience may see it; None for one that the pack does not know."""
        return (
            None if category is None or category not in self._policy.categories or self._hides(category) else category
        )

    def of_lines(self, lines: Iterable[Mapping[str, Any]]) -> list[Card]:
        """The notices in force that are for this audience."""
        if self.room is not None:
            return []
        if self.agency is None:
            return [self._notice_card(line) for line in lines]
        return [{name: line.get(name) for name in AGENCY_NOTICE_FIELDS} for line in lines if self._own_surge(line)]

    def of_hazards(self, hazards: Iterable[Mapping[str, Any]]) -> list[Card]:
        """The hazards in force, their words cut for a screen; none for an agency, whose feed is of its own work, or for
        another room, whose key names no free text."""
        if self.outside:
            return []
        names = DESK_HAZARD_FIELDS if self._mask.commands else HAZARD_FIELDS
        return [{name: _fitting(name, one[name]) for name in names if name in one} for one in hazards]

    def of_sources(self, sources: list[Card]) -> list[Card]:
        """The sources; none for an agency or another room, which could not act on a silent one."""
        return [] if self.outside else sources

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


def _fitting(name: str, value: Any) -> Any:
    """The value of a hazard's field, words cut to what a screen has room for."""
    most = HAZARD_WORDS.get(name)
    return value if most is None or len(value) <= most else f"{value[: most - 1].rstrip()}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class CityNames:
    """What another room needs to show the keys of this city's cards to people; no contact and no outline is in it.

    ``names``: of the city's parts by ROOM_FIELDS and key. ``district_of``: the district of each area.
    """

    name: str
    zone: str
    language: str
    drill: bool
    names: Mapping[str, Mapping[str, str]]
    district_of: Mapping[str, str]

    def said(self, fields: Collection[str]) -> dict[str, Any]:
        """As JSON, with the names of what these fields hold."""
        head = {"name": self.name, "zone": self.zone, "language": self.language, "drill": self.drill}
        return {**head, "names": {field: names for field, names in self.names.items() if field in fields}}


def city_names(city: City, *, drill: bool) -> CityNames:
    """Those of a city; ``drill``: its room is a practice."""
    bodies = {**city.agencies, **city.outside}
    return CityNames(
        name=city.name,
        zone=city.zone.key,
        language=city.languages[0],
        drill=drill,
        names={
            "agency": {key: one.short for key, one in bodies.items()},
            "area": {code: one.name for code, one in city.areas.items()},
            "category": {key: one.short or one.label for key, one in city.categories.items() if not one.private},
            "district": {code: one.name for code, one in city.districts.items()},
        },
        district_of={code: one.district for code, one in city.areas.items()},
    )


class CardsByAudience(dict[str, Cards]):
    """The cards of every audience of a city. Those of another room's key are made when they are first asked for."""

    def __init__(self, policy: Policy, city: CityNames | None = None) -> None:
        super().__init__({audience: Cards(policy, audience) for audience in all_audiences(policy.agencies)})
        self._policy, self._city = policy, city

    def __missing__(self, audience: str) -> Cards:
        """Raises KeyError for what is no audience of another room."""
        if room_fields_of(audience) is None or known_audience(audience, self._policy.agencies) != audience:
            raise KeyError(audience)
        made = self[audience] = Cards(self._policy, audience, self._city)
        return made


def cards_of(policy: Policy, city: CityNames | None = None) -> CardsByAudience:
    """The cards of every audience of a city; ``city``: what another room is told of it."""
    return CardsByAudience(policy, city)


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


def _agency_progress(agency: str) -> Mapping[str, Column]:
    """How far this agency is with its own part, whichever agency leads, and which commands its head could give now."""
    return {
        "accepted": lambda rows: [agency in row.accepted_by for row in rows],
        "proved": lambda rows: [agency in row.proved_by for row in rows],
        "allowed": lambda rows: [allowed(row, _AGENCY_HEAD, agency) for row in rows],
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
