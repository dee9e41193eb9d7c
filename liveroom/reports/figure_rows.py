"""The figures of a report as a table for office programs: one figure a row, with its measure, of what, and the moment.

Every number of the printed page is in it, and the position and fingerprint that the page names, so that both can be
held against each other.
"""

from collections.abc import Iterator
from datetime import datetime

from liveroom.city.city import City
from liveroom.evaluation.measures import AGES, Evaluation, Measures
from liveroom.reports.brief import Brief, fingerprint_of
from liveroom.reports.paper import ReportLanguage
from liveroom.reports.review import Review
from liveroom.tables.export import Cell, Export, ExportColumn

# Names of a measure, of what it is, its number, its unit.
COLUMNS = ("measure", "of", "value", "unit")
_STATUSES = ("in", "waiting", "in_process", "done", "elsewhere")
_COUNTS = (
    *("received", "forwarded", "accepted", "finished", "elsewhere", "open"),
    *("reopened", "declined", "sent_on", "sent_back"),
)
_TOOK = ("forwarding", "acceptance", "finish", "overdue_for")
Row = tuple[str, str, Cell, str]


def figure_table(figures: Brief | Review, city: City, language: str) -> Export:
    """The table of a report's figures, with the city's words for agencies, categories and places."""
    speech = ReportLanguage(city, language, figures.working_day_s)
    rows = list(_head(figures, figures.position.at))
    rows += _brief_rows(figures, speech) if isinstance(figures, Brief) else _review_rows(figures, speech)
    columns = [ExportColumn(name, width) for name, width in zip(COLUMNS, (28, 32, 22, 12), strict=True)]
    title = "daily" if isinstance(figures, Brief) else figures.report
    return Export(title=title, columns=columns, pages=[rows], zone=city.zone)


def _head(figures: Brief | Review, at: datetime) -> Iterator[Row]:
    yield "log", "", figures.position.seq, "seq"
    yield "at", "", at, "time"
    yield "fingerprint", "", fingerprint_of(figures), "sha256"


def _brief_rows(brief: Brief, speech: ReportLanguage) -> Iterator[Row]:
    yield "day", "", brief.day, "date"
    for status in _STATUSES:
        yield f"cohort.{status}", brief.day.isoformat(), brief.status[status], "n"
    yield "finished", brief.day.isoformat(), brief.finished, "n"
    yield from _measures(brief.evaluated, brief.day.isoformat())
    yield "open", "", brief.open_n, "n"
    yield "overdue", "", brief.late_n, "n"
    yield "decisions", "", brief.waits_n, "n"
    for one in brief.late:
        where = f"{speech.category(one.category)}, {speech.area(one.area)}, {speech.agency(one.agency)}"
        yield "late", where, one.late_s, f"s {one.clock}"
    for area, n in sorted(brief.waiting.items()):
        yield "waiting", speech.area(area), n, "n"
    for change in brief.changes:
        yield f"change.{change.kind}", speech.agency(change.agency) if change.agency else "", change.n, "n"
        if change.usual is not None:
            yield f"usual.{change.kind}", "", change.usual, "n"
    yield "due_today", "", brief.due.n, "n"
    for agency, n in brief.due.agencies:
        yield "due_today", speech.agency(agency), n, "n"


def _review_rows(review: Review, speech: ReportLanguage) -> Iterator[Row]:
    for cut in review.cuts:
        yield "from", cut.by, cut.period.first, "date"
        yield "to", cut.by, cut.period.last, "date"
        yield from _measures(cut.city.figures, speech.say("printed.by.all"))
        for row in cut.rows:
            yield from _measures(row.figures, _name(row.value, cut, speech))
    first = review.cuts[0]
    for week in first.city.weeks:
        if week.due:
            yield "week.on_time", week.first, week.on_time, "n"
            yield "week.due", week.first, week.due, "n"
    yield "overdue_now", "", review.late_n, "n"
    for area, n in sorted(review.waiting.items()):
        yield "waiting_now", speech.area(area), n, "n"


def _name(value: str | None, cut: Evaluation, speech: ReportLanguage) -> str:
    names = {"agency": speech.agency, "category": speech.category}
    return names.get(cut.by, speech.area)(value)


def _measures(figures: Measures, of: str) -> Iterator[Row]:
    """Every measure of one row of an evaluation, by the names of docs/measures.md."""
    for name in _COUNTS:
        yield name, of, getattr(figures, name), "n"
    for name in ("on_time", "late", "overdue", "due"):
        yield name, of, getattr(figures, name), "n"
    yield "share", of, figures.share, "share"
    yield "naive", of, figures.naive, "share"
    for age in AGES:
        yield age, of, getattr(figures, age), "n"
    for name in _TOOK:
        took = getattr(figures, name)
        yield f"{name}.n", of, took.n, "n"
        yield f"{name}.median", of, took.median_s, "s"
        yield f"{name}.p90", of, took.p90_s, "s"
    yield "rating.mean", of, figures.rating.mean, "1-5"
    yield "rating.n", of, figures.rating.n, "n"
    yield "ping_pong", of, figures.ping_pong, "n"
