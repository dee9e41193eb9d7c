"""A report as pages of paper in one language: figures become sentences, and sentences become HTML.

Everything that a page says is escaped by the template: names come from the city's pack, figures from the room, and no
word of a citizen is among them. The HTML names no address but the fonts of `printer`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from liveroom.city.city import City
from liveroom.city.sheet import in_language
from liveroom.domain.complaints.model import DeadlineClock
from liveroom.domain.timestamps import read as read_moment
from liveroom.evaluation.measures import OnTime, Took
from liveroom.projection.stay_counts import PING_PONG
from liveroom.reports.brief import Brief, BriefChange, LateCase, LateRest, ReportPosition, fingerprint_of
from liveroom.reports.ground import ROOM_MM, report_map
from liveroom.runtime.language import catalogue, weekday_name, written_date, written_number

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "reports"
HOUR, MINUTE, DAY = 3600, 60, 86400
# How often a brief that is longer than a page can be set closer.
TIGHTEST = 3
# The height that its map has then, as report.css says.
MAP_MM = (84.0, 70.0, 58.0, 46.0)
# Groups of hexadecimal digits that are printed of a fingerprint.
_GROUPS, _DIGITS = 3, 4


class ReportLanguage:
    """How one language says what a report counts. ``moment``: the position that the report is of."""

    def __init__(self, city: City, language: str, working_day_s: int) -> None:
        self.city = city
        self.language = language
        self._working_day_s = working_day_s or 8 * HOUR

    def say(self, key: str, *, n: int = 0, **values: object) -> str:
        """The text of a key; numbers among the values are written as the language writes them."""
        written = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return catalogue().unfilled(key, self.language, n).format(n=self.number(n), **written)

    def number(self, value: float, digits: int = 0) -> str:
        """A number as the language writes it."""
        return written_number(value, self.language, digits)

    def percent(self, part: int, of: int) -> str:
        """A share in whole percent; the dash where there is nothing to share."""
        return f"{round(100 * part / of)}%" if of else "–"

    def signed(self, value: float, digits: int = 0) -> str:
        """A number with its sign, a real minus."""
        return f"{'+' if value > 0 else '−' if value < 0 else '±'}{self.number(abs(value), digits)}"

    def day(self, day: date) -> str:
        """``Selasa, 24 November 2026``."""
        return written_date(day, self.language, "printed.day_long")

    def short_day(self, day: date) -> str:
        """``24 November``."""
        return written_date(day, self.language, "printed.day_short")

    def month(self, day: date) -> str:
        """``November 2026``."""
        return written_date(day, self.language, "printed.month_long")

    def local_day(self, moment: str) -> date:
        """The city's date at a moment given as RFC 3339 text."""
        return read_moment(moment).astimezone(self.city.zone).date()

    def year_day(self, day: date) -> str:
        """``24 November 2026``."""
        return written_date(day, self.language, "printed.day_year")

    def weekday(self, day: date) -> str:
        """The day's name alone."""
        return weekday_name(day.isoweekday(), self.language)

    def clock(self, at: datetime) -> str:
        """What the city's clock shows: ``06.00``."""
        return written_date(at.astimezone(self.city.zone), self.language, "printed.clock")

    def moment(self, at: datetime) -> str:
        """Day, time and zone."""
        return f"{self.day(at.astimezone(self.city.zone).date())}, {self.clock(at)} {self.city.zone_label}"

    def span(self, seconds: int, clock: str) -> str:
        """A stretch of time in its largest whole unit: ``3 hari kerja``, ``6 jam``."""
        working = clock == DeadlineClock.WORKING
        day, least = (self._working_day_s, 1) if working else (DAY, 2)
        ending = "_working" if working else ""
        if seconds >= least * day:
            return self.say(f"printed.span.days{ending}", n=seconds // day)
        if seconds >= HOUR:
            return self.say(f"printed.span.hours{ending}", n=seconds // HOUR)
        return self.say(f"printed.span.minutes{ending}", n=seconds // MINUTE)

    def long_span(self, seconds: int, clock: str) -> str:
        """The same with one decimal, for medians: ``3,4 jam``."""
        working = clock == DeadlineClock.WORKING
        day = self._working_day_s if working else DAY
        unit, name = (day, "days") if seconds >= day else (HOUR, "hours") if seconds >= HOUR else (MINUTE, "minutes")
        key = f"printed.span.{name}{'_working' if working else ''}"
        value = seconds / unit
        digits = 0 if value >= 100 or name == "minutes" else 1
        return catalogue().unfilled(key, self.language, 2).format(n=self.number(value, digits))

    # Codes of the room in the city's words.

    def category(self, key: str | None) -> str:
        """What a complaint is about."""
        found = self.city.categories.get(key or "")
        return self.say("printed.unsorted") if found is None else found.label_in(self.language)

    def area(self, code: str | None) -> str:
        """Where it is."""
        found = self.city.areas.get(code or "")
        return self.say("printed.no_place") if found is None else found.name

    def agency(self, key: str | None) -> str:
        """Who has it, by the short name."""
        found = self.city.agencies.get(key or "")
        return self.say("printed.nobody") if found is None else found.short

    def reached(self, escalation: int) -> str:
        """The highest office that was told of a late complaint."""
        steps = [step for step in self.city.escalation if step.to and step.percent <= max(escalation, 100)]
        office = self.city.recipients.get(steps[-1].to[0]) if steps else None
        return self.say("printed.nobody_told") if office is None else office.name_in(self.language)

    def listed(self, names: Sequence[str]) -> str:
        """``A, B dan C``."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.say('printed.and')} {names[-1]}"

    def count(self, n: int) -> str:
        """A small number as a word, with a capital letter; larger ones in figures."""
        words = self.say("printed.numbers").split()
        return words[n].capitalize() if n < len(words) else self.number(n)

    @property
    def attribution(self) -> str:
        """Whose the outlines are."""
        return in_language(self.language, self.city.attribution, self.city.attributions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """What is said of a report besides its figures: for whom (an agency's key or None), and that it is late."""

    language: str
    agency: str | None = None
    was_due: datetime | None = None


def frame(figures: msgspec.Struct, position: ReportPosition, speech: ReportLanguage, how: Print) -> dict[str, Any]:
    """What stands around every report: head, foot, and what kind of room it is of."""
    print_ = fingerprint_of(figures)
    shown = " ".join(print_[at : at + _DIGITS] for at in range(0, _GROUPS * _DIGITS, _DIGITS))
    room = {"drill": speech.say("printed.drill"), "test": speech.say("printed.test")}
    return {
        "speech": speech,
        "t": speech.say,
        "lang": speech.language,
        "css": Markup((TEMPLATES / "report.css").read_text("utf-8")),
        "room": room.get(position.kind, ""),
        "moment": speech.moment(position.at),
        "time": speech.clock(position.at),
        "was_due": speech.say("printed.was_due", due=speech.moment(how.was_due)) if how.was_due else "",
        "foot": speech.say(
            "printed.foot",
            room=speech.city.room_name,
            seq=position.seq,
            fingerprint=shown,
            moment=speech.moment(position.at),
        ),
    }


def brief_html(brief: Brief, city: City, how: Print, tight: int = 0) -> str:
    """The daily brief as one page of HTML; ``tight``, up to TIGHTEST: how close it is set."""
    speech = ReportLanguage(city, how.language, brief.working_day_s)
    today = brief.position.at.astimezone(city.zone).date()
    ages = {0: "printed.today", 1: "printed.yesterday"}
    day = speech.day(brief.day)
    known = ages.get((today - brief.day).days)
    context = {
        **frame(brief, brief.position, speech, how),
        "tight": tight,
        "title": speech.say("printed.title.daily", of=city.name),
        "headline": _headline(brief.waits_n, speech),
        "waits": [_wait(one, speech) for one in brief.waits],
        "more": speech.say("printed.case_more", n=brief.waits_n - len(brief.waits))
        if brief.waits_n > len(brief.waits)
        else "",
        "day": speech.say(known, day=day, time=speech.clock(brief.position.at)) if known else day,
        "sum": [(name, speech.number(brief.status[name])) for name in ("waiting", "in_process", "done", "elsewhere")],
        "received": speech.number(brief.status["in"]),
        "on_time": on_time_sentence(brief.evaluated, speech),
        "took": took_sentence(brief.evaluated.finish, speech),
        "late_title": speech.say(
            "printed.late" if brief.late_n else "printed.late_none",
            n=brief.late_n,
            time=speech.clock(brief.position.at),
        ),
        "late": [late_row(one, speech) for one in brief.late],
        "rest": rest_row(brief.rest, speech),
        "map": report_map(city, brief.waiting, (ROOM_MM[0], MAP_MM[tight])),
        "changes": [_change(one, brief, speech) for one in brief.changes],
        "due": _due(brief, speech),
        "young": _young(brief, speech),
    }
    return rendered("brief.html", context)


def rendered(template: str, context: Mapping[str, Any]) -> str:
    """A template with its context."""
    return _templates().get_template(template).render(context)


@cache
def _templates() -> Environment:
    loader = FileSystemLoader(TEMPLATES)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


# Sentences and rows.


def _headline(n: int, speech: ReportLanguage) -> str:
    return speech.say("printed.waits", n=n, count=speech.count(n)) if n else speech.say("printed.waits_none")


def _young(brief: Brief, speech: ReportLanguage) -> str:
    """That the room is younger than the day: of one before it opened it knows what was carried in, or nothing."""
    if brief.known_from < brief.day or (brief.whole_day and brief.known_from == brief.day):
        return ""
    carried_in = brief.known_from > brief.day and brief.status["in"]
    return speech.say("printed.opened" if carried_in else "printed.known_from", day=speech.day(brief.known_from))


def _wait(one: LateCase, speech: ReportLanguage) -> tuple[str, str]:
    """What it is and where, and what there is to say of it."""
    moved = one.moves >= PING_PONG
    said = speech.say(
        "printed.case_moved" if moved else "printed.case",
        n=one.moves,
        late=speech.span(one.late_s, one.clock),
        office=speech.reached(one.escalation),
        agency=speech.agency(one.agency),
    )
    return f"{speech.category(one.category)}, {speech.area(one.area)}", said


def on_time_sentence(kept: OnTime, speech: ReportLanguage) -> str:
    """The honest share, with the usual one in brackets; a few cases are counted."""
    closed = kept.on_time + kept.late
    if not kept.due:
        return speech.say("printed.on_time_none")
    if kept.small:
        return speech.say("printed.on_time_few", n=kept.due, within=kept.on_time, closed=closed)
    share, naive = speech.percent(kept.on_time, kept.due), speech.percent(kept.on_time, closed)
    return speech.say("printed.on_time", n=kept.due, share=share, naive=naive)


def took_sentence(took: Took, speech: ReportLanguage) -> str:
    """How long it took; nothing where nothing was finished."""
    if took.median_s is None:
        return ""
    median = speech.long_span(took.median_s, took.clock)
    if took.p90_s is None:
        return speech.say("printed.took_few", n=took.n, median=median)
    return speech.say("printed.took", n=took.n, median=median, p90=speech.long_span(took.p90_s, took.clock))


def late_row(one: LateCase, speech: ReportLanguage) -> dict[str, Any]:
    """A row of the table of what is late."""
    return {
        "what": speech.category(one.category),
        "where": speech.area(one.area),
        "owner": speech.agency(one.agency),
        "late": f"+{speech.span(one.late_s, one.clock)}",
        "reached": speech.reached(one.escalation)
        + (speech.say("printed.moved", n=one.moves) if one.moves >= PING_PONG else ""),
        "decide": one.decide,
    }


def rest_row(rest: LateRest | None, speech: ReportLanguage) -> dict[str, Any] | None:
    """The last row, of all that are not shown."""
    if rest is None:
        return None
    shown = [speech.agency(key) for key in rest.agencies[:3]]
    return {
        "what": speech.say("printed.late_rest", n=rest.n),
        "owner": ", ".join([*shown, *(["…"] if len(rest.agencies) > len(shown) else [])]),
        "late": speech.say("printed.late_most", late=speech.span(rest.late_s, rest.clock)),
    }


def _change(one: BriefChange, brief: Brief, speech: ReportLanguage) -> tuple[str, str]:
    """A figure and its reason."""
    weekday = speech.weekday(brief.day)
    match one.kind:
        case "received" | "done" if one.usual is None:
            return speech.number(one.n), speech.say(f"printed.change.{one.kind}_alone", weekday=weekday)
        case "received" | "done":
            usual = one.usual or 0
            figure = f"{speech.signed(100 * (one.n - usual) / usual)}%" if usual else speech.signed(one.n)
            said = speech.say(f"printed.change.{one.kind}", n=one.n, usual=usual, weekday=weekday)
            return figure, said + _risen(one, speech)
        case "queue":
            days, then = one.days or 0.0, one.days_then or 0.0
            by = speech.number(days - then, 1)
            return speech.number(days, 1), speech.say("printed.change.queue", agency=speech.agency(one.agency), by=by)
        case "outage":
            since = speech.clock(one.at) if one.at else ""
            return speech.say("printed.minutes_short", n=one.n), speech.say("printed.change.outage", time=since)
        case "reopened" if one.usual is None:
            return speech.number(one.n), speech.say("printed.change.reopened_alone")
        case "reopened":
            return speech.number(one.n), speech.say("printed.change.reopened", usual=one.usual)
        case "moves":
            return speech.number(one.n), speech.say("printed.change.moves", n=one.n)


def _risen(one: BriefChange, speech: ReportLanguage) -> str:
    districts = [speech.city.districts[code].name for code in one.districts if code in speech.city.districts]
    where = speech.say("printed.change.risen", where=speech.listed(districts)) if districts else ""
    kind = speech.say("printed.change.kind", what=speech.category(one.category)) if one.category else ""
    return where + kind


def _due(brief: Brief, speech: ReportLanguage) -> str:
    due = brief.due
    if not due.n or due.last is None:
        return speech.say("printed.due_none")
    most = [f"{speech.agency(key)} {speech.number(n)}" for key, n in due.agencies[:2]]
    return speech.say("printed.due", n=due.n, last=speech.clock(due.last), agencies=speech.listed(most))
