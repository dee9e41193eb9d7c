"""A small city to try the rules in: three classes, offices open Monday to Friday 08.00-16.00 WIB, no holiday.

``POLICY`` neither warns nor escalates, so that a test tells of one thing; ``WARNS`` does both.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from liveroom.domain.complaints.model import DeadlineClock, Stage
from liveroom.domain.policy import CategoryRule, ClassRule, Policy, Span, WorkingCalendar

WIB = ZoneInfo("Asia/Jakarta")


def wib(text: str) -> datetime:
    """``"24 10:30"`` is 10.30 WIB on Tuesday 24 November 2026, ``"12-01 16:00"`` is in December; aware UTC."""
    day, clock = text.split()
    month, day = day.split("-") if "-" in day else ("11", day)
    return datetime.combine(date(2026, int(month), int(day)), time.fromisoformat(clock), WIB).astimezone(UTC)


def _calendar() -> WorkingCalendar:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(730)]
    working = [day for day in days if day.weekday() < 5]

    def at(day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour), WIB).astimezone(UTC)

    return WorkingCalendar(
        intervals=tuple((at(day, 8), at(day, 16)) for day in working),
        closings=tuple((day, at(day, 16)) for day in working),
    )


def _class(key: str, rank: int, **spans: Span) -> ClassRule:
    return ClassRule(key=key, rank=rank, spans={Stage(stage): span for stage, span in spans.items()})


def _minutes(amount: int) -> Span:
    return Span(minutes=amount, clock=DeadlineClock.CALENDAR)


POLICY = Policy(
    zone=WIB,
    calendar=_calendar(),
    classes={
        "darurat": _class(
            "darurat", 1, forward=_minutes(2), accept=_minutes(10), finish=_minutes(120), reply=_minutes(30)
        ),
        "mendesak": _class(
            "mendesak", 2, forward=_minutes(30), accept=Span(minutes=240), finish=Span(days=3), reply=Span(days=1)
        ),
        "biasa": _class("biasa", 3, forward=_minutes(30), accept=Span(days=1), finish=Span(days=5), reply=Span(days=5)),
    },
    categories={
        "banjir": CategoryRule(key="banjir", class_="darurat", agency="bpbd"),
        "jalan_rusak": CategoryRule(key="jalan_rusak", class_="biasa", agency="pupr"),
        "pertanyaan": CategoryRule(key="pertanyaan", class_="biasa", agency="humas", needs_proof=False),
    },
    agencies=frozenset({"bpbd", "pupr", "dlh", "humas"}),
    outside=frozenset({"bbws"}),
    areas={"3671010001": "pupr", "3671010002": None},
    default_class="biasa",
    pauses=frozenset({"citizen", "hold"}),
    second_person=True,
    reopen_days=7,
    claim_minutes=15,
    urgent_class="mendesak",
    critical_class="darurat",
    warn_percent=None,
    multiples=(),
)
NEVER_PAUSES = replace(POLICY, pauses=frozenset())
LADDER = {150: "agency_head", 200: "secretary", 300: "mayor"}
WARNS = replace(POLICY, warn_percent=75, multiples=tuple(LADDER), recipients=LADDER)
