"""The shapes of what is administered, as types: sources, quarantine, imports, outbox, screens, people; and of citizens.

They are what `display/api` writes; the tests of the description hold every answer against them. docs/desk-api.md says
what the fields mean.
"""

from typing import Any, Literal, NotRequired, TypedDict

from display.description.complaint_shapes import Key
from display.description.feed_shapes import Count, Line
from liveroom.accounts.imports import ImportState
from liveroom.accounts.quarantine import QuarantineState
from liveroom.domain.requests import Role
from liveroom.interface import Moment, Seq
from liveroom.log.uploads import UploadState
from liveroom.tables.table_plan import TablePlan

# ---- sources and the quarantine ----


class SourceKeyState(TypedDict):
    """A key of a source; it ends where another took its place."""

    days: Count
    old: bool
    ends_at: Moment | None


class SourceCondition(TypedDict):
    """How a source does; ``hours``: reports by the hour, this one last."""

    id: str
    name: str
    state: Literal["ok", "late", "lost", "paused"]
    every_s: int | None
    learned_s: int | None
    heard_at: Moment | None
    paused_at: Moment | None
    hours: list[int]
    per_hour: float | None
    lag_s: float | None
    rejected: Count
    unsigned: Count
    empty: Count
    open: Count
    fault: str | None
    fault_at: Moment | None
    partly: bool
    keys: list[SourceKeyState]


class SourceList(TypedDict):
    """Every source in use."""

    now: Moment | None
    guests: bool
    sources: list[SourceCondition]


class SourceOrdered(TypedDict):
    """An order to a source was taken; the new key of ``rotate`` is shown only here."""

    id: str
    key: NotRequired[str]
    former_until: NotRequired[Moment | None]


class Practice(TypedDict, total=False):
    """Who acts, on trusted loopback alone."""

    actor: str
    role: str
    actor_agency: str


class QuarantineRow(TypedDict):
    """Something that was refused, without what it holds."""

    id: str
    source: str
    number: str | None
    at: Moment
    last_at: Moment
    times: Count
    field: str
    message: str
    state: QuarantineState
    decided_at: Moment | None
    decided_by: str | None
    complaint: str | None


class QuarantineList(TypedDict):
    """A page of the quarantine, the latest first."""

    items: list[QuarantineRow]
    next: str | None


class FieldFault(TypedDict):
    """What is wrong with a field; ``reason``: of which kind that is."""

    field: str
    message: str
    reason: str


class TrialResult(TypedDict):
    """What the room would make of it."""

    faults: list[FieldFault]
    becomes: dict[str, str]


class QuarantineWhole(QuarantineRow, TrialResult):
    """One entry with what it holds; ``same``: how many open ones of its source failed alike."""

    raw: str
    cut: Count
    draft: str
    same: Count


class QuarantineDone(TypedDict):
    """What became of it: the complaint, or how many were accepted and stay."""

    id: str
    complaint: NotRequired[str | None]
    created: NotRequired[bool]
    accepted: NotRequired[Count]
    stay: NotRequired[Count]


class QuarantineAct(Practice):
    """``text``: the corrected JSON, else it is as it came."""

    text: NotRequired[str | None]


# ---- imports ----


class CategoryInFile(TypedDict):
    """What a file calls a category, and the key that it means."""

    text: str
    rows: Count
    key: str | None
    near: str | None


class ColumnInFile(TypedDict):
    """A column and the field that it is taken for."""

    name: str
    samples: list[str]
    field: str
    why: str


class RowFault(TypedDict):
    """Why a row would be refused."""

    field: str
    message: str


class RowPreview(TypedDict):
    """A row as it would become."""

    line: int
    fields: dict[str, str]
    becomes: dict[str, str]
    faults: list[RowFault]


class ImportCounts(TypedDict):
    """What became of the rows so far."""

    accepted: Count
    known: Count
    rejected: Count
    turned: Count
    outside: Count
    comma: Count
    first: list[list[int | str]]
    began_at: str
    unmatched: list[CategoryInFile]


class ImportSummary(TypedDict):
    """An import: where it is, and what its file says of itself."""

    id: str
    state: ImportState
    name: str
    source: str
    actor: str
    created_at: Moment
    changed_at: Moment
    size: Count
    read_bytes: Count
    read_rows: Count
    rejects: bool
    fault: str | None
    said: NotRequired[dict[str, str]]
    questions: NotRequired[list[str]]
    order: NotRequired[str]
    tally: ImportCounts


class ImportWhole(ImportSummary):
    """The same with what its file is taken for, while it is still here."""

    plan: NotRequired[TablePlan]
    columns: NotRequired[list[ColumnInFile]]
    categories: NotRequired[list[CategoryInFile]]
    preview: NotRequired[list[RowPreview]]
    looked_at: NotRequired[Count]


class ImportList(TypedDict):
    """The latest imports, and what a column or a file can be."""

    items: list[ImportSummary]
    fields: list[str]
    encodings: list[str]
    most: Count
    guests: bool


class ImportOrderBody(Practice):
    """``plan`` and ``source`` of the order ``plan``."""

    plan: NotRequired[TablePlan]
    source: NotRequired[Key]


# ---- outbox, screens, people ----


class DeliveryAttempt(TypedDict):
    """One try to deliver."""

    at: Moment
    channel: str
    outcome: str
    code: str | None
    reason: str | None
    took_ms: int | None


class DeliveryRow(TypedDict):
    """A delivery of the outbox."""

    id: str
    to: str
    whom: str
    name: str
    channel: str
    cause: str
    complaint: str | None
    number: str | None
    state: str
    at: Moment
    sent_at: Moment | None
    next_at: Moment | None
    by_hand: bool
    tries: Count
    refused: str | None
    digest: bool
    known_until: Moment | None
    known_by: str | None
    attempts: list[DeliveryAttempt]
    allowed: list[str]


class OutboxRows(TypedDict):
    """A page of the outbox."""

    items: list[DeliveryRow]
    next: str | None
    now: Moment
    waiting: Count
    held_since: Moment | None
    guests: bool
    stuck: list[Line]
    allowed: list[str]
    known_days: Count


class ReportRow(TypedDict):
    """A report that the schedule made: of the days ``first`` to ``last``, its figures those of the log up to ``seq``.

    ``late``: it was made after its time, since the room stood still; ``readers``: to how many it goes, of whom
    ``reached`` have it.
    """

    id: str
    report: Literal["daily", "weekly", "monthly"]
    first: str
    last: str
    language: str
    agency: Key | None
    made_at: Moment
    due_at: Moment
    late: bool
    seq: Seq
    fingerprint: str
    bytes: Count
    file: str
    readers: Count
    reached: Count


class ReportRows(TypedDict):
    """A page of the reports, the newest first."""

    items: list[ReportRow]
    next: str | None


class PageState(TypedDict):
    """What a page said of itself last."""

    page: str | None
    state: Literal["new", "dark", "asleep", "recorded", "slow", "ok", "revoked"]
    allowed: list[str]
    heard_s: NotRequired[float]
    painted_s: NotRequired[float | None]
    speaks: NotRequired[bool]
    pictured_at: NotRequired[Moment | None]
    kind: NotRequired[str | None]
    seq: NotRequired[int | None]
    behind: NotRequired[int | None]
    freshness: NotRequired[str | None]
    scene: NotRequired[str | None]
    look: NotRequired[str | None]
    width: NotRequired[int | None]
    height: NotRequired[int | None]
    build: NotRequired[str | None]
    sound: NotRequired[str | None]
    heap_mb: NotRequired[float | None]
    lag_ms: NotRequired[float | None]


class ScreenState(PageState):
    """A registered screen."""

    id: str
    name: str
    place: str | None
    settings: dict[str, str]
    created_at: Moment
    revoked_at: Moment | None
    frozen_s: float | None


class NamelessPage(PageState):
    """A page without a token."""

    id: str


class ScreenList(TypedDict):
    """Screens, and pages without a token while they are there."""

    seq: Seq
    screens: list[ScreenState]
    pages: list[NamelessPage]
    guests: bool
    allowed: list[str]


class StaffPerson(TypedDict):
    """Somebody who can log in."""

    actor: str
    name: str
    role: Role
    agency: str | None


class StaffRow(StaffPerson):
    """The same with the state of the account."""

    state: Literal["active", "disabled", "invited"]
    by_provider: bool
    sessions: Count
    tokens: Count
    second_factor: bool
    allowed: list[str]
    logged_in_at: Moment | None
    seen_at: Moment | None
    link_until: Moment | None


class StaffList(TypedDict):
    """Everybody who can log in."""

    now: Moment
    people: list[StaffRow]
    guests: bool


class SessionState(TypedDict):
    """Who asks, and how long the log-in still lasts; null for a token."""

    who: StaffPerson | None
    left_s: int | None
    warn_s: int
    more: bool


class PairingState(TypedDict):
    """The pairing of a new screen."""

    state: Literal["waiting", "paired", "lapsed"]
    code: NotRequired[str]
    seconds: NotRequired[int]


# ---- citizens ----


class PublicUpload(TypedDict):
    """How far a citizen's picture is."""

    id: str
    state: UploadState
    code: str | None


class FormTicket(TypedDict):
    """A ticket for one form, and how many of its puzzles to solve."""

    ticket: str
    effort: Count


class AreaOfPoint(TypedDict):
    """The area in which a point lies."""

    area: str
    name: str
    district: str


class ReportSent(TypedDict):
    """The number of a report and the private link to it."""

    number: str
    link: str


class HealthState(TypedDict):
    """Whether the process, or the room, is ready, and why not."""

    status: Literal["ok", "not ready"]
    reasons: NotRequired[list[str]]
    disk: NotRequired[list[dict[str, Any]]]
    warnings: NotRequired[list[str]]
    public_uploads: NotRequired[dict[str, Any]]
    open: NotRequired[list[str]]
