"""The shapes of commands and complaints, as types: what is sent, one complaint whole, lists, numbers, the handover.

They are what `display/api` writes; the tests of the description hold every answer against them. docs/desk-api.md says
what the fields mean.
"""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from display.description.feed_shapes import AlarmCard, Card, Count, Lat, Lon, Priority, Stock
from display.description.figure_shapes import PlaceTimes
from liveroom.domain.complaints.intake import ADDRESS, DESCRIPTION, PERSON
from liveroom.domain.complaints.model import DeadlineClock, Stage
from liveroom.domain.complaints.proof import FileForm
from liveroom.domain.fields import CODE_MAX
from liveroom.domain.requests import CommandName, Role
from liveroom.interface import Moment, RefusalMembers, Seq, Share
from liveroom.log.uploads import UploadState
from liveroom.room.commands.citizens import CHANNELS

# Shapes that hold more than their own fields: the codes of an event, the names in each language, the words of a line.
OPEN_SHAPES = frozenset({"HistoryEntry", "AgencyLoad", "Line", "Problem"})
Key = Annotated[str, Meta(min_length=1, max_length=CODE_MAX)]
# ---- commands ----


class Envelope(TypedDict):
    """What every command brings; actor, role and actor_agency count on trusted loopback alone."""

    command_id: Key
    actor: NotRequired[str]
    role: NotRequired[Role]
    actor_agency: NotRequired[str | None]


class CommandDone(TypedDict):
    """The command is in the log: its subject as it is now."""

    id: str
    seq: Seq
    status: str
    state: str


class PersonCommandDone(CommandDone):
    """The same for a person; ``link`` is the path of a one-time link, shown only here."""

    link: str | None


class ItemFault(RefusalMembers):
    """Why the command was not executed for this one, as a problem would say it."""

    status: int
    code: str
    message: str


class BulkResult(TypedDict):
    """What became of one of many."""

    id: str
    seq: NotRequired[Seq]
    status: NotRequired[str]
    state: NotRequired[str]
    error: NotRequired[ItemFault]


class BulkDone(TypedDict):
    """The answers one by one, in order."""

    results: list[BulkResult]


# ---- complaints ----


class ReporterDetails(TypedDict):
    """Who reported."""

    name: str | None
    phone: str | None
    email: str | None


class ComplaintTexts(TypedDict):
    """The words of a complaint; null where there are none or they were erased."""

    description: str | None
    address: str | None


class MediaLink(TypedDict):
    """A link or an upload that belongs to a complaint."""

    id: str
    kind: str
    url: str | None


class PictureState(TypedDict):
    """A file: how far it is, and once it is ready its facts and addresses."""

    id: str
    kind: Literal["report", "proof"]
    state: UploadState
    code: str | None
    sent_at: Moment
    form: FileForm | None
    width: int | None
    height: int | None
    seconds: float | None
    taken_at: Moment | None
    thumb: str | None
    clean: str | None


class ProofHint(TypedDict):
    """What there is to look at in a proof."""

    code: str
    about: str | None
    facts: dict[str, Any]


class HistoryEntry(TypedDict):
    """An event; beside these it has the codes of its payload (docs/events.md)."""

    seq: Seq
    at: Moment
    logged_at: Moment
    kind: str
    actor: str
    text: NotRequired[str | None]
    texts: NotRequired[dict[str, str | None]]
    due: NotRequired[dict[str, Moment | None]]


class AllowedTime(TypedDict):
    """How much time the pack allows."""

    n: int
    unit: Literal["working_days", "minutes", "working_minutes"]


class Pause(TypedDict("_From", {"from": Moment})):  # `from` is no name of Python
    """A time in which the complaint stood still."""

    to: Moment | None
    why: Literal["citizen", "hold", "ended"]
    stops: bool


class Extension(TypedDict):
    """The extension in force."""

    at: Moment
    by: str | None
    due_at: Moment
    reason: str | None


class StageDeadline(TypedDict("_StageFrom", {"from": Moment})):
    """A deadline that runs."""

    stage: Stage
    clock: DeadlineClock
    due_at: Moment
    passed: bool
    allowed: AllowedTime | None
    used: float | None


class DeadlineArithmetic(TypedDict("_Class", {"class": str})):
    """What the deadline on the card is made of."""

    received_at: Moment
    stage: Stage | None
    stage_from: Moment | None
    stage_clock: DeadlineClock | None
    due_at: Moment | None
    allowed: AllowedTime | None
    used: float | None
    pauses: list[Pause]
    extended: NotRequired[Extension]
    stages: list[StageDeadline]


class DeliveryState(TypedDict):
    """How far a delivery to an agency is."""

    state: str
    at: Moment
    sent_at: Moment | None
    tries: Count
    refused: str | None


class HandlingAgency(TypedDict):
    """One of the agencies that have a complaint."""

    key: str
    lead: bool
    forwarded_at: Moment | None
    sent_at: Moment | None
    state: Literal["forwarded", "accepted", "proved"]
    delivery: DeliveryState | None


class Claim(TypedDict):
    """Who looks into it, and until when that holds."""

    by: str | None
    until: Moment


class ExpectedFinish(TypedDict("_OfClass", {"class": str})):  # `class` is no name of Python
    """When it is likely to be finished, by its agency's own record for its class (docs/measures.md); for desks."""

    agency: str
    by_p50: Moment
    by_p80: Moment
    p50_s: Count
    p80_s: Count
    n: Count
    tried: Count
    hit_rate: Share


class WholeComplaint(TypedDict):
    """One complaint with all that whoever asks may know."""

    card: Card
    now: Moment
    text: ComplaintTexts
    person: ReporterDetails | None
    media: list[MediaLink]
    pictures: list[PictureState]
    findings: list[ProofHint]
    erased: bool
    history: list[HistoryEntry]
    deadline: DeadlineArithmetic
    agencies: list[HandlingAgency]
    children: list[str]
    followers: list[str]
    merged_into: str | None
    claimed: Claim | None
    names: dict[str, str]
    allowed: list[CommandName]
    expected: NotRequired[ExpectedFinish | None]


class LinkedComplaint(WholeComplaint):
    """The same for the holder of an agency's link; ``calendar`` names the working time."""

    calendar: str


class CountedItem(TypedDict):
    """A complaint behind a number of an evaluation, and the moment at which it counts."""

    card: Card
    at: Moment


class Counted(TypedDict):
    """A page of the complaints behind a number."""

    seq: Seq
    items: list[CountedItem]
    next: str | None


class ListItem(TypedDict):
    """A row of a list, with the words around what was searched for."""

    card: Card
    snippet: str


class ComplaintPage(TypedDict):
    """A page of a list; ``next``: the cursor of the next one, null at the end."""

    items: list[ListItem]
    next: str | None


class CategoryGuess(TypedDict):
    """A category by the words of the text."""

    key: str
    score: float
    because: list[str]


class PointPlace(TypedDict):
    """WGS 84 degrees."""

    lat: Lat
    lon: Lon


class AlikeComplaint(TypedDict):
    """An open complaint that may be about the same thing."""

    id: str
    card: Card
    metres: float | None
    minutes: float
    score: float
    merge: bool


class SuggestionList(TypedDict):
    """What an officer might choose."""

    categories: list[CategoryGuess]
    agency: str | None
    area: str | None
    place: PointPlace | None
    similar: list[AlikeComplaint]
    times: PlaceTimes | None


class PersonForm(TypedDict, total=False):
    """Who reports."""

    name: Annotated[str, Meta(max_length=PERSON["name"])] | None
    phone: Annotated[str, Meta(max_length=PERSON["phone"])] | None
    email: Annotated[str, Meta(max_length=PERSON["email"])] | None


class PhoneReport(Envelope):
    """What an officer types while somebody is on the telephone."""

    channel: Literal[*CHANNELS]  # type: ignore[valid-type]
    description: Annotated[str, Meta(min_length=1, max_length=DESCRIPTION)]
    category: NotRequired[Annotated[str, Meta(max_length=CODE_MAX)] | None]
    address: NotRequired[Annotated[str, Meta(max_length=ADDRESS)] | None]
    area: NotRequired[Annotated[str, Meta(max_length=CODE_MAX)] | None]
    lat: NotRequired[Lat | None]
    lon: NotRequired[Lon | None]
    priority: NotRequired[Priority | None]
    person: NotRequired[PersonForm | None]
    drill: NotRequired[bool | None]


class ReportTakenDown(TypedDict):
    """The complaint that a report became."""

    id: str
    seq: Seq
    status: str


# ---- numbers, handover, names ----


class LoadCounts(TypedDict):
    """How much lies somewhere; ``oldest``: its receipt."""

    open: Count
    waiting: Count
    in_process: Count
    overdue: Count
    oldest: Moment | None


class AgencyLoad(LoadCounts):
    """An agency's contacts and its load; beside ``name`` the name in each language of the city (``name_en``)."""

    key: str
    short: str
    phone: str
    on_call: str
    email: str
    hours: str
    name: str


class DrilldownRow(LoadCounts):
    """A row of a drill-down; ``filter``: the query of the list that holds exactly these."""

    key: str | None
    filter: str | None


class Drilldown(TypedDict):
    """Loads by area, district, agency or category, most overdue first."""

    by: str
    rows: list[DrilldownRow]


class HandoverCounts(Stock):
    """Everything open, and how many alarms there are."""

    alarms: Count


class HandoverOffer(TypedDict):
    """A shift as it was offered."""

    by: str
    to: str | None
    at: Moment
    note: str | None
    alarms: list[str]
    counts: dict[str, Any]


class HandoverTaken(TypedDict):
    """Who took it."""

    by: str
    at: Moment


class Colleague(TypedDict):
    """Somebody at the desks."""

    actor: str
    name: str


class HandoverCourse(TypedDict):
    """What happened in the events in (``since_seq``, ``up_to_seq``], since the last shift was taken.

    ``rang``: alarms, ``untaken`` those of them that nobody acknowledged; ``holds`` and ``shelved`` end within 8 hours.
    """

    since_seq: Seq
    up_to_seq: Seq
    since: Moment | None
    received: Count
    forwarded: Count
    accepted: Count
    finished: Count
    reopened: Count
    elsewhere: Count
    passed: Count
    commented: Count
    rang: Count
    untaken: Count
    holds: Count
    shelved: Count


class Handover(TypedDict):
    """The shift, as it is handed over and as it is now."""

    now: Moment
    state: Literal["none", "offered", "confirmed"]
    since: Moment | None
    on_duty: str | None
    offered: HandoverOffer | None
    confirmed: HandoverTaken | None
    alarms: list[AlarmCard]
    counts: HandoverCounts
    course: HandoverCourse
    names: dict[str, str]
    colleagues: list[Colleague]


class Names(TypedDict):
    """Names of people by their keys."""

    names: dict[str, str]
