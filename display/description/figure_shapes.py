"""The shapes of figures, what pages need beyond cards; docs/figures.md says what they mean."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from display.description.feed_shapes import Card, Count, Priority
from liveroom.domain.complaints.model import DeadlineClock, Stage, Status
from liveroom.interface import Day, Moment, Seq, Share


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


class PlaceTime(TypedDict):
    """One time that a matter was at a place: complaints by receipt; ``finished_at`` null while one is open."""

    began: Moment
    finished_at: Moment | None
    complaints: list[str]


class PlaceTimes(TypedDict):
    """How often the same matter was finished at one place and came back, ``since`` when."""

    n: Count
    since: Moment
    times: list[PlaceTime]


class RecurringPlace(PlaceTimes):
    """A place that recurs, by its newest open complaint."""

    complaint: str
    category: str
    area: str | None


class UnusualCount(TypedDict):
    """More complaints than usual; ``low`` to ``high``: what is usual (95 %); district null: the whole city."""

    category: str
    district: str | None
    hours: int
    n: Count
    low: Count
    high: Count
    usual: float
    since: Moment
    noticed_at: Moment


class GrowingReports(TypedDict):
    """Reports of one place in much the same words; their ids for desks alone."""

    category: str
    area: str | None
    n: Count
    since: Moment
    complaints: NotRequired[list[str]]


class SignsFigure(FigureHead):
    """Early signs; nothing in a young room, whose ``weeks`` are fewer than are needed, and nothing for guests."""

    weeks: Count
    weeks_needed: Count
    history: Literal["young", "enough"]
    cells: Count
    false_a_day: float
    unusual: list[UnusualCount]
    growing: list[GrowingReports]
    recurring: list[RecurringPlace]


FIGURES: tuple[Any, ...] = (AgenciesFigure, TrendFigure, OverdueFigure, VisitFigure, LeadFigure, SignsFigure)


class LeadListPage(TypedDict):
    """The complaints behind a number; ``next``: the place where the next page begins."""

    seq: Seq
    what: str
    n: Count
    items: list[Card]
    next: int | None
