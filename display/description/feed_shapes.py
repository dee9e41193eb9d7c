"""The shapes of what the feed and the figures say, as types: cards, alarms, notices, batches, beats, the snapshot.

Cards and alarms are made of the types of the rows that they are read from and of the allow-lists in `feed/cards.py`, so
a field that is added there has its schema here or fails a test. docs/feed.md and docs/figures.md say what they mean.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypedDict, get_type_hints

from msgspec import Meta

from display.feed import cards as feed_cards
from display.feed.cards import (
    AGENCY_MASK,
    DESK_HAZARD_FIELDS,
    FIELDS,
    HAZARD_FIELDS,
    MASKS,
    MORE_FIELDS,
    ROOM_ALARM_ALWAYS,
    ROOM_ALWAYS,
    ROOM_FIELDS,
    CardRow,
)
from display.feed.presence import PageReport
from liveroom.domain.alarms.commands import AlarmCommandName
from liveroom.domain.alarms.model import Alarm, AlarmKind, AlarmState
from liveroom.domain.complaints.model import DeadlineClock, Stage, State, Status
from liveroom.domain.hazards.cap_alert import HazardSeverity
from liveroom.domain.requests import CommandName
from liveroom.interface import Day, Moment, Seq, Share

Lat = Annotated[float, Meta(ge=-90, le=90)]
Lon = Annotated[float, Meta(ge=-180, le=180)]
Priority = Literal["critical", "urgent", "normal"]
Count = Annotated[int, Meta(ge=0)]
# Two numbers. Not a tuple: makers of clients stumble over its schema.
Pair = Annotated[list[int], Meta(min_length=2, max_length=2)]

# ---- cards ----

# Of a card's fields those whose type is not that of the row.
_CARD_TYPES: Mapping[str, Any] = {
    "seq": Seq,
    "state": State,
    "status": Status,
    "overdue": bool,
    "category": str | None,
    "priority": Priority,
    "paused": Literal["citizen", "hold"] | None,
    "agencies": list[str],
    "lat": Lat | None,
    "lon": Lon | None,
    "received_at": Moment,
    "received_day": Day,
    "closed_at": Moment | None,
    "stage": Stage | None,
    "stage_from": Moment | None,
    "stage_clock": DeadlineClock | None,
    "due_at": Moment | None,
    "due_stage": Stage | None,
    "escalation": Literal[0, 150, 200, 300],
    "sensor": bool,
    "class": str,
    "claimed_until": Moment | None,
    "returned": bool,
    "answer_by": Moment | None,
    "merged": Count,
    "accepted": bool,
    "proved": bool,
    "district": str | None,
    "allowed": list[CommandName],
}


def _shape(name: str, doc: str, types: Mapping[str, Any], optional: Iterable[str] = ()) -> Any:
    """A TypedDict of these fields; the others than ``optional`` are always there."""
    make: Any = TypedDict
    shape = make(name, {field: NotRequired[type_] if field in optional else type_ for field, type_ in types.items()})
    shape.__doc__ = doc
    return shape


def card_types(fields: Iterable[str]) -> dict[str, Any]:
    """The types of these fields of a card. Raises KeyError for a field that has none."""
    of_row = get_type_hints(CardRow)
    return {name: _CARD_TYPES[name] if name in _CARD_TYPES else of_row[name] for name in fields}


# Every field that any audience has; which of those beyond the common ones are there depends on who asks.
_MORE = tuple(dict.fromkeys((*MORE_FIELDS, *AGENCY_MASK.more)))
CARDS: Mapping[str, Any] = {
    audience: _shape(
        f"{audience.title()}Card", f"A complaint as the audience {audience} sees it.", card_types((*FIELDS, *mask.more))
    )
    for audience, mask in {**MASKS, "agency": AGENCY_MASK}.items()
}
# What another room's key may allow, as columns; the rest of its cards comes with every key.
_ALLOWED = tuple(dict.fromkeys(column for columns in ROOM_FIELDS.values() for column in columns))
_OF_ROOM = card_types((*ROOM_ALWAYS, *_ALLOWED))
RoomCard: Any = _shape(
    "RoomCard", "A complaint as another room sees it; which of the last fields are there depends on its key.", _OF_ROOM,
    optional=_ALLOWED,
)  # fmt: skip
_ALARM_TYPES: Mapping[str, Any] = {
    "seq": Seq,
    "kind": AlarmKind,
    "state": AlarmState,
    "priority": Annotated[int, Meta(ge=1, le=3)],
    "unpaged_at": Moment | None,
}


def _alarm_types() -> dict[str, Any]:
    """The types of an alarm's fields; all but what names it may be null, for an agency's alarm that ended has none."""
    of_row = get_type_hints(Alarm)
    names = (*feed_cards.ALARM_CODES, *feed_cards.ALARM_PEOPLE, *feed_cards.ALARM_TIMES, *feed_cards.HANDLING_TIMES)
    found: dict[str, Any] = {}
    for name in (*names, "kind", "state", "stage", "rule", "chattering", "unpaged_at"):
        if name in _ALARM_TYPES:
            found[name] = _ALARM_TYPES[name]
        elif of_row[name] == datetime | None:
            found[name] = Moment | None
        else:
            found[name] = of_row[name] if name in ("id", "active") else of_row[name] | None
    return found


class AlarmAllowed(TypedDict):
    """The commands that each role at a desk could give on an alarm now."""

    duty: list[AlarmCommandName]
    supervisor: list[AlarmCommandName]


RoomAlarm: Any = _shape(
    "RoomAlarm",
    "An alarm as another room sees it; which of the last fields are there depends on its key.",
    {name: type_ for name, type_ in _alarm_types().items() if name in {*ROOM_ALARM_ALWAYS, *_ALLOWED}},
    optional=set(_ALLOWED) - set(ROOM_ALARM_ALWAYS),
)

if TYPE_CHECKING:  # made of tables, which a type checker does not run
    AlarmCard = dict[str, Any]
    Card = dict[str, Any]
    Columns = dict[str, Any]
else:
    AlarmCard = _shape(
        "AlarmCard",
        "An alarm; ``allowed`` is sent to desks alone.",
        {**_alarm_types(), "allowed": AlarmAllowed},
        optional=("allowed",),
    )
    Card = _shape(
        "Card",
        "A complaint as whoever asks may see it; which of the last fields are there depends on the audience.",
        card_types((*FIELDS, *_MORE)),
        optional=_MORE,
    )
    Columns = _shape(
        "CardColumns",
        "Cards by column, all of one length; which of the last are there depends on the audience.",
        {name: list[type_] for name, type_ in card_types((*FIELDS, *_MORE)).items()},
        optional=_MORE,
    )

# ---- counts, sources, notices ----


class Cohort(TypedDict("_In", {"in": Count})):  # `in` is no name of Python
    """What was received on the day, by what it is now: ``in`` is the sum of the others."""

    waiting: Count
    in_process: Count
    done: Count
    elsewhere: Count


class Stock(TypedDict):
    """Everything open, of any day."""

    open: Count
    overdue: Count


class Flow(TypedDict):
    """What was done on the day."""

    done: Count


class Counts(TypedDict):
    """The totals of the city, or of the agency whose feed it is; ``day`` is empty before the room's first."""

    day: str
    cohort: Cohort
    stock: Stock
    flow: Flow


class SourceSignal(TypedDict):
    """A source and whether it was heard in time."""

    id: str
    name: str
    every_s: int | None
    state: Literal["ok", "late", "lost", "closed"]


class Line(TypedDict):
    """A notice in force; what it has beside these depends on its ``kind``."""

    id: str
    kind: str
    category: str | None
    area: str | None
    n: int | None
    since: Moment
    areas: NotRequired[list[str]]
    state: NotRequired[str]
    at: NotRequired[Moment]
    by: NotRequired[str]
    until: NotRequired[Moment | None]
    until_real: NotRequired[Moment]
    scene: NotRequired[str]
    complaint: NotRequired[str]
    welcome: NotRequired[str]
    shift: NotRequired[str | None]


_HAZARD_TYPES: Mapping[str, Any] = {
    **dict.fromkeys(DESK_HAZARD_FIELDS, str),
    "severity": HazardSeverity,
    "onset": Moment,
    "expires": Moment,
    "sent": Moment,
    "areas": list[str],
    # The coordinates of a GeoJSON MultiPolygon.
    "polygons": list[list[list[Annotated[list[float], Meta(min_length=2, max_length=2)]]]],
}
# A service need not say these, and what it says at length is for a desk alone.
_HAZARD_UNSAID = {*DESK_HAZARD_FIELDS} - {*HAZARD_FIELDS} | {"onset", "headline", "sender_name", "area"}
Hazard: Any = _shape(
    "Hazard", "A public service's warning in force; its words are somebody else's.", _HAZARD_TYPES, _HAZARD_UNSAID
)

# ---- messages ----


def batch_shape(name: str, card: Any, alarm: Any = AlarmCard) -> Any:
    """The batch of an audience whose cards and alarms have these shapes."""
    types = {
        "epoch": str,
        "mark": str,
        "from": Seq,
        "to": Seq,
        "now": Moment,
        "at": Moment,
        "logged_at": Moment,
        "cards": list[card],
        "gone": list[str],
        "alarms": list[alarm],
        "counts": Counts,
        "sources": list[SourceSignal],
        "lines": list[Line],
        "hazards": list[Hazard],
    }
    doc = "What changed from any position in ``from``..``to`` to ``to``; what is left out is as before."
    return _shape(name, doc, types, optional=("counts", "sources", "lines", "hazards"))


class CityAge(TypedDict):
    """How old the figures of a city are that this room follows, and why it is not heard."""

    name: str
    age_s: float | None
    at: Moment | None
    fault: str | None


class CityAlarm(TypedDict):
    """The alarm of a followed city to show, with names in place of its keys."""

    kind: str
    priority: Annotated[int, Meta(ge=1, le=3)]
    acked: bool
    status: str | None
    count: Count
    due_at: Moment | None
    raised_at: Moment | None
    category: str | None
    agency: str | None
    area: str | None


CityFigures: Any = _shape(
    "CityFigures",
    "What a followed city says: its counts as it counts, districts with how many wait today.",
    {
        "city": str,
        "drill": bool,
        **dict.fromkeys(("in", "waiting", "in_process", "done", "elsewhere", "open", "overdue"), Count),
        **dict.fromkeys(("unacked", "alarms"), Count),
        "districts": list[Annotated[list[str | int], Meta(min_length=2, max_length=2)]],
        "alarm": CityAlarm | None,
    },
)
CityBlock: Any = _shape(
    "CityBlock",
    "A city that this room follows; of two of a name the one with the greater version counts.",
    {"name": str, "version": Count, "phone": str | None, "wall": str | None, "block": CityFigures | None},
)
Cities: Any = _shape("Cities", "The blocks of all followed cities.", {"cities": list[CityBlock]})


class Beat(TypedDict):
    """Once a second: how fresh the data is; ``cities`` where the room follows some."""

    epoch: str
    seq: Seq
    mark: str
    now: Moment
    at: Moment
    rate: float
    as_of: Moment | None
    due_to: Moment | None
    build: str
    calendar: str
    heard: dict[str, float]
    cities: NotRequired[list[CityAge]]


RoomBatch: Any = batch_shape("RoomBatch", RoomCard, RoomAlarm)
BATCHES: Mapping[str, Any] = {
    **{name: batch_shape(f"{name.title()}Batch", card) for name, card in CARDS.items()},
    "room": RoomBatch,
}
Batch: Any = batch_shape("Batch", Card)
_RESUMED = {"epoch": str, "seq": Seq, "mark": str, "beat": Beat}
ResumeBatches: Any = _shape(
    "ResumeBatches",
    "The batches that lead from the position that was asked about to here; ``cities`` where the room follows some.",
    {**_RESUMED, "batches": list[Batch], "cities": list[CityBlock]},
    optional=("beat", "cities"),
)
RoomResumeBatches: Any = _shape(
    "RoomResumeBatches",
    "The same for another room.",
    {**_RESUMED, "batches": list[RoomBatch]},
    optional=("beat",),
)


class ResumeSnapshot(TypedDict):
    """The order to take the snapshot, after a random time up to ``jitter_ms``."""

    epoch: str
    seq: Seq
    snapshot: str
    jitter_ms: Count


class ResumeUnavailable(TypedDict):
    """The database is away."""

    error: Literal["unavailable"]
    retry_ms: Count


class Position(TypedDict, total=False):
    """Where a client stands; nothing of it the first time."""

    epoch: str
    seq: int
    mark: str


class RoomThen(TypedDict):
    """The room at one position, of now or of then."""

    epoch: str
    seq: Seq
    mark: str
    now: Moment
    at: Moment
    day: str
    cards: Columns
    alarms: list[AlarmCard]
    counts: Counts
    sources: list[SourceSignal]
    lines: list[Line]
    hazards: list[Hazard]


class FeedSnapshot(RoomThen):
    """The room at one position; ``recorded``: of a past one that was asked for."""

    recorded: NotRequired[Literal[True]]


class PastMoment(TypedDict):
    """What happened at a moment of a day: an alarm, an outage ``until``, a change of the shift."""

    at: Moment
    seq: Seq
    kind: Literal["alarm", "unheard", "handover"]
    complaint: NotRequired[str | None]
    category: NotRequired[str | None]
    area: NotRequired[str | None]
    late_s: NotRequired[Count]
    until: NotRequired[Moment]


PastDay: Any = _shape(
    "PastDay",
    "A day of the city, its arrivals in bars of ``bucket_s`` seconds, and what happened in it.",
    {
        "date": Day,
        "from": Moment,
        "to": Moment,
        "now": Moment,
        "first_at": Moment | None,
        "head_at": Moment | None,
        "bucket_s": Count,
        "arrivals": list[Count],
        "moments": list[PastMoment],
    },
)
PastBatches: Any = _shape(
    "PastBatches",
    "Batches that lead on from a past position, a step of room time each; ``more``: ask again from ``seq``.",
    {"from": Seq, "seq": Seq, "at": Moment, "more": bool, "batches": list[Batch]},
)


class CityTold(TypedDict):
    """What another room is told of the city: names of what its cards hold, by field and key."""

    name: str
    zone: str
    language: str
    drill: bool
    names: dict[str, dict[str, str]]


_list: Any = list  # a checker would take what stands in its brackets for a type
_RoomColumns: Any = _shape(
    "RoomColumns", "Cards of another room by column.", {name: _list[of] for name, of in _OF_ROOM.items()}, _ALLOWED
)
RoomSnapshot: Any = _shape(
    "RoomSnapshot",
    "The room at one position, as another room sees it.",
    {
        **get_type_hints(RoomThen, include_extras=True),
        "cards": _RoomColumns,
        "alarms": list[RoomAlarm],
        "city": CityTold,
    },
)


class Calendar(TypedDict):
    """The working time around the room's day: [from, to] in milliseconds since 1970 UTC."""

    intervals: list[Pair]


class Bye(TypedDict):
    """The process ends: come back after a random time between the two."""

    wait_ms: Pair


class Floor(TypedDict):
    """Whether this page sounds the alarm for the room."""

    floor: bool


class PageCall(TypedDict):
    """What a desk asks of a page: identify, reload, picture, or scene:NAME."""

    what: str
    name: NotRequired[str]
    place: NotRequired[str | None]


class Frozen(TypedDict):
    """Until when nothing flashes on this screen alone; null for not."""

    until_real: Moment | None


class Revoked(TypedDict):
    """The screen's token has ended; the connection is closed."""


class ReportTaken(TypedDict):
    """What a report is acknowledged with; name and place where the page is a registered screen."""

    floor: bool
    name: NotRequired[str]
    place: NotRequired[str | None]


class ReportRefused(TypedDict):
    """Why a report was not taken."""

    error: str


Report = PageReport

# ---- figures ----


class FigureHead(TypedDict):
    """What every figure begins with."""

    epoch: str
    seq: Seq
    at: Moment
    scene: str
    working_day_s: Count


class Reopened(TypedDict):
    """How many of those finished were opened again."""

    n: Count
    of: Count
    share: Share | None


class Median(TypedDict):
    """The median of one clock, and of how many cases."""

    s: int
    clock: DeadlineClock
    n: Count


class Oldest(TypedDict):
    """What has waited longest."""

    id: str
    received_at: Moment
    age_s: int


class FigureWindow(TypedDict):
    """The working days that a figure looks at."""

    working_days: float
    on_time_share: NotRequired[Share | None]


class AgencyRow(TypedDict):
    """An agency's queue and pace; ``stages`` by stage a list of spans (docs/figures.md)."""

    agency: str | None
    open: int
    waiting: int
    in_process: int
    overdue: int
    overdue_share: Share | None
    finished: int
    done_per_day: float | None
    done_per_day_median: float | None
    queue_days: float | None
    received: list[int]
    done: list[int]
    open_then: list[int]
    stages: dict[str, list[dict[str, Any]]]
    median: Median | None
    oldest: Oldest | None
    reopened: Reopened


class AgenciesFigure(FigureHead):
    """Which agency is swamped."""

    window: dict[str, Any]
    days: list[Day]
    targets: dict[str, dict[str, Any]]
    emergencies: dict[str, Any]
    room: AgencyRow
    agencies: list[AgencyRow]


class TrendFigure(FigureHead, TypedDict("_InSeries", {"in": dict[str, Any]})):
    """Today against usual; ``in`` and ``done`` are series (docs/figures.md)."""

    day: Day
    weekday: Annotated[int, Meta(ge=1, le=7)]
    weeks: Count
    history: Literal["full", "some", "none"]
    quarters: int
    quarter: int
    hour: int
    done: dict[str, Any]


class OverdueRow(TypedDict):
    """A complaint that is far beyond its limit."""

    id: str
    agency: str | None
    category: str | None
    area: str | None
    status: Status
    priority: Priority
    paused: str | None
    stage: Stage | None
    clock: DeadlineClock
    stage_from: Moment
    due_at: Moment
    percent: int
    late_s: int
    escalation: int


class OverdueFigure(FigureHead):
    """Who is late, how long, whom it has reached."""

    overdue: Count
    shown: Count
    told: dict[str, int]
    steps: list[dict[str, Any]]
    rows: list[OverdueRow]


class ShownProof(TypedDict):
    """A finished complaint with the photos that a supervisor released."""

    complaint: str
    category: str
    area: str | None
    agency: str | None
    received_at: Moment
    closed_at: Moment | None
    before: str | None
    after: str


class VisitFigure(FigureHead):
    """Results of today, for guests."""

    day: Day
    finished: Count
    on_time: Count
    overdue: Count
    on_time_share: Share | None
    window: FigureWindow
    median: Median | None
    welcome: str | None
    shown: list[ShownProof]


class LeadRow(TypedDict):
    """An agency's results, for leadership."""

    agency: str | None
    finished: int
    on_time: dict[str, Any]
    median: Median | None
    unproved: int
    reopened: Reopened
    received: list[int]
    done: list[int]


class LeadFigure(FigureHead):
    """What leadership asks; an agency gets its own row, and room and trend are null."""

    window: dict[str, Any]
    days: list[Day]
    trend: dict[str, Any] | None
    room: LeadRow | None
    agencies: list[LeadRow]
    asked: dict[str, Any]


FIGURES: tuple[Any, ...] = (AgenciesFigure, TrendFigure, OverdueFigure, VisitFigure, LeadFigure)


class LeadListPage(TypedDict):
    """The complaints behind a number; ``next``: the place where the next page begins."""

    seq: Seq
    what: str
    n: Count
    items: list[Card]
    next: int | None
