"""One report made: which (`Order`), what it is of (`Edition`), and its file as PDF, HTML, CSV or XLSX.

`made` reads the figures at one position of the log and writes them in one form; the same order at the same position
has the same fingerprint in every form and language.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec

from liveroom.city.city import City
from liveroom.evaluation.evaluator import Evaluator
from liveroom.evaluation.periods import Period, day_of, month_of, week_of
from liveroom.log.event_log import EventLog
from liveroom.reports.brief import Brief, ReportMoment, fingerprint_of, read_brief
from liveroom.reports.figure_rows import figure_table
from liveroom.reports.paper import TIGHTEST, Print, brief_html
from liveroom.reports.printer import printed, standing_alone
from liveroom.reports.review import Review, read_review
from liveroom.reports.review_paper import review_html
from liveroom.runtime import Runtime
from liveroom.tables.export import CSV, XLSX, written

Kind = Literal["daily", "weekly", "monthly"]
KINDS: Sequence[Kind] = ("daily", "weekly", "monthly")
PDF, HTML = "pdf", "html"
FORMS = (PDF, HTML, CSV, XLSX)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Which report: its kind, a day of its period, the language, one agency or None for all.

    ``was_due``: when it should have been made; it is late then, and says so.
    """

    report: Kind
    day: date
    language: str
    agency: str | None = None
    was_due: datetime | None = None


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """What was made: the days ``first`` to ``last``, the position ``seq`` of its figures, and their fingerprint."""

    report: Kind
    first: date
    last: date
    language: str
    agency: str | None
    seq: int
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """An edition and its file, which whoever gets it deletes."""

    edition: Edition
    file: Path


def period_of(report: Kind, day: date) -> Period:
    """The day, week or month of a report."""
    match report:
        case "daily":
            return day_of(day)
        case "weekly":
            return week_of(day)
        case "monthly":
            return month_of(day)


def day_before(report: Kind, today: date) -> date:
    """A day of the last period that is over."""
    return period_of(report, today).first - timedelta(days=1)


def made(log: EventLog, city: City, order: Order, form: str, runtime: Runtime) -> tuple[Edition, bytes]:
    """Make a report. Raises NotBegun, CannotPrint, Unavailable."""
    period = period_of(order.report, order.day)
    with log.slices() as slices:
        moment, evaluator = ReportMoment(slices, city), Evaluator(log, city)
        figures: Brief | Review
        if order.report == "daily":
            figures = read_brief(moment, evaluator, order.day)
        else:
            figures = read_review(moment, evaluator, order.report, period, order.agency)
    edition = Edition(
        report=order.report,
        first=period.first,
        last=period.last,
        language=order.language,
        agency=order.agency,
        seq=figures.position.seq,
        fingerprint=fingerprint_of(figures),
    )
    return edition, _written(figures, city, order, form, runtime)


def _written(figures: Brief | Review, city: City, order: Order, form: str, runtime: Runtime) -> bytes:
    if form in (CSV, XLSX):
        with written(figure_table(figures, city, order.language), form, runtime) as file:
            return file.read()
    how = Print(language=order.language, agency=order.agency, was_due=order.was_due)
    closer: list[Callable[[], str]]
    if isinstance(figures, Brief):
        closer = [partial(brief_html, figures, city, how, tight) for tight in range(TIGHTEST + 1)]
    else:
        closer = [partial(review_html, figures, city, how)]
    return printed(*closer) if form == PDF else standing_alone(closer[0]()).encode()
