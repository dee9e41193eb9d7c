"""A weekly or monthly report as pages of paper: one sentence first, then the sum, thirteen weeks, and one table a cut.

Few cases are counted and never made a percentage; beside the honest share always stands the usual one, in brackets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from liveroom.city.city import City
from liveroom.evaluation.measures import AGES, Evaluation, EvaluationRow, Measures, OnTime, Took, WeekPoint
from liveroom.reports.ground import ROOM_MM, report_map
from liveroom.reports.paper import (
    Print,
    ReportLanguage,
    frame,
    late_row,
    on_time_sentence,
    rendered,
    rest_row,
    took_sentence,
)
from liveroom.reports.review import Review

# The height of the map, as report.css says.
MAP_MM = 76.0
# Rows of a table; the rest are one row more.
MOST_ROWS = {"agency": 24, "category": 12, "area": 12}
# The chart of thirteen weeks, in units of a page's width of 1000.
WIDTH, HEIGHT, LEFT, ABOVE = 1000, 150, 70, 34
# The axis ends at 100 % and begins at least so many points below, with a little room under the lowest week.
LEAST_SPAN, ROOM = 20, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareChart:
    """Two lines over thirteen weeks as SVG points, the area between them, and where the words stand."""

    honest: Sequence[str]
    naive: Sequence[str]
    between: Sequence[str]
    dots: Sequence[tuple[int, int]]
    lines: Sequence[tuple[int, str]]
    weeks: Sequence[tuple[int, str]]
    last: tuple[int, int, str] | None
    last_naive: tuple[int, int, str] | None


def review_html(review: Review, city: City, how: Print) -> str:
    """The report as HTML."""
    speech = ReportLanguage(city, how.language, review.working_day_s)
    first_cut = review.cuts[0]
    now, before = first_cut.city.figures, first_cut.city.before
    of = city.name if review.agency is None else _agency_name(city, review.agency, how.language)
    context = {
        **frame(review, review.position, speech, how),
        "title": speech.say(f"printed.title.{review.report}", of=of),
        "period": _period(first_cut, speech),
        "headline": _headline(now, before, review.report, speech),
        "on_time": on_time_sentence(now, speech) if now.due else "",  # the headline says that nothing was due
        "took": took_sentence(now.finish, speech),
        "sum": _sum(now, before if _was_there(first_cut, speech) else None, speech),
        "compared": speech.say(f"printed.compared.{review.report}"),
        "chart": _chart(first_cut.city.weeks, speech),
        "backlog": [(speech.say(f"printed.age.{age}"), speech.number(getattr(now, age))) for age in AGES],
        "tables": [_table(cut, speech) for cut in review.cuts],
        "hands": _hands(now, speech),
        "late_title": speech.say(
            "printed.late" if review.late_n else "printed.late_none",
            n=review.late_n,
            time=speech.clock(review.position.at),
        ),
        "late": [late_row(one, speech) for one in review.late],
        "rest": rest_row(review.rest, speech),
        "map": report_map(city, review.waiting, (ROOM_MM[0], MAP_MM)),
        "young": _young(first_cut, speech),
    }
    return rendered("review.html", context)


def _agency_name(city: City, key: str, language: str) -> str:
    found = city.agencies.get(key)
    return key if found is None else found.name_in(language)


def _period(cut: Evaluation, speech: ReportLanguage) -> str:
    first, last = (date.fromisoformat(day) for day in (cut.period.first, cut.period.last))
    said = speech.month(first) if cut.period.kind == "month" else f"{speech.short_day(first)} – {speech.year_day(last)}"
    return speech.say("printed.running", period=said) if cut.period.running else said


def _headline(now: OnTime, before: OnTime, report: str, speech: ReportLanguage) -> str:
    """The honest share against the one of the period before, where both have enough cases."""
    if not now.due:
        return speech.say("printed.on_time_none")
    if now.small:
        return speech.say("printed.headline_few", within=now.on_time, n=now.due)
    share = speech.percent(now.on_time, now.due)
    if before.small:
        return speech.say("printed.headline_alone", share=share)
    points = round(100 * (now.share or 0)) - round(100 * (before.share or 0))
    key = "same" if not points else "more" if points > 0 else "less"
    return speech.say(f"printed.headline.{report}_{key}", share=share, n=abs(points))


def _sum(now: Measures, before: Measures | None, speech: ReportLanguage) -> list[tuple[str, str, str]]:
    """Name, number, and the number of the period before; a dash where the room knows nothing of it."""
    names = ("received", "finished", "elsewhere", "reopened", "open", "overdue")
    return [
        (
            speech.say(f"printed.measure.{name}"),
            speech.number(getattr(now, name)),
            "–" if before is None else speech.number(getattr(before, name)),
        )
        for name in names
    ]


def _was_there(cut: Evaluation, speech: ReportLanguage) -> bool:
    """Whether the room knows anything of the period before."""
    return cut.first_receipt is not None and speech.local_day(cut.first_receipt).isoformat() <= cut.before.last


def _hands(now: Measures, speech: ReportLanguage) -> str:
    """Between whom complaints go to and fro."""
    if not now.ping_pong:
        return ""
    pairs = [
        f"{speech.agency(one.one)} – {speech.agency(one.other)} ({speech.number(one.n)})" for one in now.between[:3]
    ]
    return speech.say("printed.hands", n=now.ping_pong, pairs=speech.listed(pairs))


def _young(cut: Evaluation, speech: ReportLanguage) -> str:
    """That the room is younger than the period, or than the one before."""
    if cut.first_receipt is None:
        return speech.say("printed.no_receipt")
    first = speech.local_day(cut.first_receipt)
    return speech.say("printed.known_from", day=speech.day(first)) if first.isoformat() > cut.before.first else ""


# Tables.


def _table(cut: Evaluation, speech: ReportLanguage) -> dict[str, Any]:
    most = MOST_ROWS[cut.by]
    rows = [_row(row, cut, speech) for row in cut.rows if _counts(row)]
    return {
        "title": speech.say(f"printed.by.{cut.by}"),
        "rows": rows[:most],
        "more": speech.say("printed.rows_more", n=len(rows) - most) if len(rows) > most else "",
        "whole": _row(cut.city, cut, speech) | {"name": speech.say("printed.by.all")},
    }


def _counts(row: EvaluationRow) -> bool:
    return bool(row.figures.received or row.figures.open or row.figures.finished or row.figures.due)


def _row(row: EvaluationRow, cut: Evaluation, speech: ReportLanguage) -> dict[str, Any]:
    figures = row.figures
    return {
        "name": _name(row.value, cut.by, speech),
        "received": speech.number(figures.received),
        "finished": speech.number(figures.finished),
        "share": _share(figures, speech),
        "naive": _naive(figures, speech),
        "due": speech.number(figures.due),
        "median": _took(figures.finish, speech),
        "p90": "–" if figures.finish.p90_s is None else speech.long_span(figures.finish.p90_s, figures.finish.clock),
        "open": speech.number(figures.open),
        "older": speech.number(figures.older),
        "moves": speech.number(figures.ping_pong),
    }


def _name(value: str | None, by: str, speech: ReportLanguage) -> str:
    match by:
        case "agency":
            return speech.agency(value)
        case "category":
            return speech.category(value)
        case _:
            return speech.area(value)


def _share(promise: OnTime, speech: ReportLanguage) -> str:
    if not promise.due:
        return "–"
    if promise.small:
        return speech.say("printed.n_of", n=promise.on_time, of=promise.due)
    return speech.percent(promise.on_time, promise.due)


def _naive(promise: OnTime, speech: ReportLanguage) -> str:
    closed = promise.on_time + promise.late
    if not closed:
        return ""
    if promise.small:
        return f"({speech.say('printed.n_of', n=promise.on_time, of=closed)})"
    return f"({speech.percent(promise.on_time, closed)})"


def _took(took: Took, speech: ReportLanguage) -> str:
    return "–" if took.median_s is None else speech.long_span(took.median_s, took.clock)


# The chart.


def _chart(weeks: Sequence[WeekPoint], speech: ReportLanguage) -> ShareChart | None:
    """None where no two weeks have enough cases: a line of one point says nothing."""
    enough = [place for place, week in enumerate(weeks) if not week.small and week.share is not None]
    if len(enough) < 2:
        return None

    def x(place: int) -> int:
        return round(LEFT + (WIDTH - LEFT - 90) * place / max(1, len(weeks) - 1))

    lowest = min(weeks[at].share or 0 for at in enough)
    floor = max(0, min(100 - LEAST_SPAN, (int(100 * lowest) - ROOM) // 10 * 10))

    def y(share: float) -> int:
        return round(HEIGHT * (100 - 100 * share) / (100 - floor)) + ABOVE

    runs = _runs(enough)
    honest = [[(x(at), y(weeks[at].share or 0)) for at in run] for run in runs]
    naive = [[(x(at), y(weeks[at].naive or 0)) for at in run] for run in runs]
    last = enough[-1]
    share, usual = weeks[last].share or 0, weeks[last].naive or 0
    apart = max(0, 26 - (y(share) - y(usual)))
    return ShareChart(
        honest=[_points(run) for run in honest],
        naive=[_points(run) for run in naive],
        between=[_points([*one, *reversed(other)]) for one, other in zip(honest, naive, strict=True)],
        dots=[point for run in honest for point in run],
        lines=[(y(level / 100), f"{level}%") for level in (floor, (floor + 100) // 2, 100)],
        weeks=[(x(at), speech.short_day(date.fromisoformat(weeks[at].first))) for at in range(0, len(weeks), 4)],
        last=(x(last) + 12, y(share) + 8 + apart // 2, f"{round(100 * share)}%"),
        last_naive=(x(last) + 12, y(usual) + 8 - apart // 2, f"({round(100 * usual)}%)"),
    )


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Neighbours together: a week without enough cases leaves a gap."""
    found: list[list[int]] = []
    for place in places:
        if found and found[-1][-1] == place - 1:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def _points(points: Sequence[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
