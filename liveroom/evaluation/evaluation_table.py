"""An evaluation as a table to export: a line for the city and one for each row, with its period before and last year.

`table_of` gives what `liveroom.tables.export` writes as CSV or XLSX. Each line says of which period it is and up to
which event of the log it was computed, so that a line copied elsewhere can still be checked.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from liveroom.city.city import City
from liveroom.evaluation.measures import Evaluation, EvaluationRow, Took
from liveroom.projection.stay_counts import Cut
from liveroom.runtime.language import text, weekday_name
from liveroom.tables.export import PERCENT, Cell, Export, ExportColumn, Row

_NAME_WIDTH, _NUMBER_WIDTH = 32, 12
# Hours, so that a person can read them and a program can sort them.
_HOUR_S = 3600
_COUNTS = (
    *("received", "forwarded", "accepted", "finished", "elsewhere"),
    *("due", "on_time", "late", "overdue", "share", "naive"),
)
_STOCK = ("open", "to_1", "to_3", "to_7", "older")
_REST = ("reopened", "declined", "sent_on", "sent_back", "ping_pong")
_SHARES = ("share", "naive")
_BESIDE = ("received", "finished", "due", "share", "naive", "open")
_TIMES = ("forwarding", "acceptance", "finish", "overdue_for")


@dataclass(frozen=True, slots=True)
class _TableReader:
    """A column of the table: its name, how it is read, its number format."""

    name: str
    read: Callable[[EvaluationRow], Cell]
    number_format: str = ""


def table_of(evaluation: Evaluation, city: City, language: str, sources: Mapping[str, str]) -> Export:
    """The evaluation as a table in a language; durations are hours, shares 0 to 1; ``sources``: their names by id.

    The first line is of all that was asked for: it is called by its filters, and the whole city only without any.
    """
    readers = list(_readers(language))
    cut = Cut(evaluation.by)
    end: Row = (
        date.fromisoformat(evaluation.period.first),
        date.fromisoformat(evaluation.period.last),
        evaluation.seq,
        evaluation.at,
    )

    def line(row: EvaluationRow, name: str) -> Row:
        return (name, row.value, *(one.read(row) for one in readers), *end)

    def named(of: Cut, value: str | None) -> str:
        return name_of(city, of, value, language, sources)

    alone = ", ".join(named(Cut(of), code or None) for of, code in evaluation.filters.items())
    lines = [line(evaluation.city, alone or text("measure.whole_city", language, city=city.name))]
    lines += [line(row, named(cut, row.value)) for row in evaluation.rows]
    return Export(
        title=text("measure.title", language),
        columns=[
            ExportColumn(_cut_name(city, cut, language), _NAME_WIDTH),
            ExportColumn(text("measure.column.key", language), _NUMBER_WIDTH),
            *(ExportColumn(one.name, _NUMBER_WIDTH, one.number_format) for one in readers),
            *(
                ExportColumn(text(f"measure.column.{name}", language), _NUMBER_WIDTH)
                for name in ("from", "to", "seq", "at")
            ),
        ],
        pages=[lines],
        zone=city.zone,
    )


def _readers(language: str) -> Iterator[_TableReader]:
    def named(name: str) -> str:
        return text(f"measure.column.{name}", language)

    for name in (*_COUNTS, *_STOCK, *_REST):
        yield _TableReader(named(name), _field("figures", name), PERCENT if name in _SHARES else "")
    for name in _TIMES:
        yield _TableReader(text("measure.column.n", language, of=named(name)), _took(name, lambda took: took.n))
        yield _TableReader(text("measure.column.median", language, of=named(name)), _took(name, _median))
        yield _TableReader(text("measure.column.p90", language, of=named(name)), _took(name, _p90))
    yield _TableReader(named("rated"), _field("figures", "rated"))
    yield _TableReader(named("rating_mean"), lambda row: row.figures.rating.mean)
    for place in range(5):
        yield _TableReader(
            text("measure.column.score", language, score=place + 1),
            lambda row, of=place: row.figures.rating.scores[of],  # type: ignore[misc]  # a default holds the score
        )
    for when in ("before", "last_year"):
        for name in _BESIDE:
            said = text(f"measure.column.of_{when}", language, of=named(name))
            yield _TableReader(said, _field(when, name), PERCENT if name in _SHARES else "")


def _field(when: str, name: str) -> Callable[[EvaluationRow], Any]:
    return lambda row: getattr(getattr(row, when), name)


def _took(name: str, read: Callable[[Took], Cell]) -> Callable[[EvaluationRow], Cell]:
    return lambda row: read(getattr(row.figures, name))


def _median(took: Took) -> Cell:
    return _hours(took.median_s)


def _p90(took: Took) -> Cell:
    return _hours(took.p90_s)


def _hours(seconds: int | None) -> float | None:
    return None if seconds is None else round(seconds / _HOUR_S, 2)


def _cut_name(city: City, cut: Cut, language: str) -> str:
    """What the rows are of, in the city's own word where it has one."""
    return city.words.own(f"term.{cut.value}", language) or text(f"measure.cut.{cut.value}", language)


def name_of(city: City, cut: Cut, value: str | None, language: str, sources: Mapping[str, str]) -> str:
    """What a row is called; a key that neither the pack nor ``sources`` has stands as it is."""
    if value is None:
        return text(f"measure.none.{cut.value}", language)
    match cut:
        case Cut.AGENCY:
            agency = city.agencies.get(value)
            return agency.short if agency else value
        case Cut.CATEGORY:
            category = city.categories.get(value)
            return category.label_in(language) if category else value
        case Cut.AREA:
            area = city.areas.get(value)
            return area.name if area else value
        case Cut.CLASS:
            class_ = city.classes.get(value)
            return class_.label_in(language) if class_ else value
        case Cut.SOURCE:
            return city.words.sources.get(value, {}).get(language, sources.get(value, value))
        case Cut.CHANNEL:
            return city.words.channels.get(value, {}).get(language, value)
        case Cut.HOUR:
            return f"{int(value):02}:00"
        case Cut.WEEKDAY:
            return weekday_name(int(value), language)
