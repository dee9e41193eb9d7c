"""Known cases of when a promise runs out: the pack's own rules in the cities' own calendars, counted by hand."""

from datetime import UTC, datetime

import pytest

from liveroom.domain.complaints.model import Stage
from tests.rooms.packs import city


def at(name: str, local: str) -> datetime:
    """A local time such as ``2026-11-20 16:20`` in UTC."""
    return datetime.fromisoformat(local).replace(tzinfo=city(name).zone).astimezone(UTC)


CASES = [
    # Friday afternoon, still open: Friday is the day of receipt.
    ("tangerang", "mendesak", Stage.ACCEPT, "2026-11-20 16:20", "2026-11-23 16:00"),
    ("tangerang", "mendesak", Stage.ACCEPT, "2026-11-20 16:30", "2026-11-23 16:00"),
    # A minute after closing it counts as received on Monday, like everything at the week-end.
    ("tangerang", "mendesak", Stage.ACCEPT, "2026-11-20 16:31", "2026-11-24 16:00"),
    ("tangerang", "mendesak", Stage.ACCEPT, "2026-11-21 09:00", "2026-11-24 16:00"),
    # Before opening and in the break it is that day's.
    ("tangerang", "mendesak", Stage.ACCEPT, "2026-11-23 01:10", "2026-11-24 16:00"),
    ("tangerang", "mendesak", Stage.FINISH, "2026-11-23 12:30", "2026-11-26 16:00"),
    ("tangerang", "biasa", Stage.FINISH, "2026-11-23 09:00", "2026-11-30 16:00"),
    # The day before Christmas is collective leave, then Christmas, then a week-end.
    ("tangerang", "mendesak", Stage.ACCEPT, "2026-12-23 10:00", "2026-12-28 16:00"),
    ("tangerang", "mendesak", Stage.ACCEPT, "2026-12-24 10:00", "2026-12-29 16:00"),
    # Fasting month: shorter hours from the first day on.
    ("tangerang", "mendesak", Stage.ACCEPT, "2026-02-18 10:00", "2026-02-19 15:00"),
    ("tangerang", "mendesak", Stage.ACCEPT, "2026-02-24 15:30", "2026-02-26 15:00"),
    ("tangerang", "mendesak", Stage.ACCEPT, "2026-02-19 15:00", "2026-02-20 15:30"),
    # Nyepi and Lebaran of 2026 with their collective leave close the offices from the 18th to the 24th of March.
    ("tangerang", "mendesak", Stage.ACCEPT, "2026-03-17 10:00", "2026-03-25 16:00"),
    ("tangerang", "mendesak", Stage.ACCEPT, "2026-03-20 10:00", "2026-03-26 16:00"),
    # 14 and 60 working days, the latter across the year's end into the next fasting month.
    ("tangerang", "sedang", Stage.FINISH, "2026-11-10 01:10", "2026-11-30 16:00"),
    ("tangerang", "berat", Stage.FINISH, "2026-11-10 01:10", "2027-02-09 15:00"),
    # Emergencies run on the wall clock, at night and on holidays.
    ("tangerang", "darurat", Stage.FORWARD, "2026-12-25 23:59", "2026-12-26 00:01"),
    ("tangerang", "darurat", Stage.FINISH, "2026-03-21 02:00", "2026-03-21 04:00"),
    ("tangerang", "berat", Stage.FORWARD, "2026-11-21 23:45", "2026-11-22 00:15"),
    # Over the week-end on which the clocks change, offices close by the new clock.
    ("newyork", "standard", Stage.ACCEPT, "2026-03-06 16:00", "2026-03-09 17:00"),
    ("newyork", "standard", Stage.ACCEPT, "2026-10-30 12:00", "2026-11-02 17:00"),
    # On the wall clock an hour that is skipped or comes twice counts as what it is.
    ("newyork", "critical", Stage.FINISH, "2026-03-08 01:30", "2026-03-08 04:30"),
    # New Year's Eve after closing: received on the 2nd of January.
    ("newyork", "standard", Stage.FINISH, "2019-12-31 18:52", "2020-01-09 17:00"),
    # Thanksgiving is on a Thursday; the Friday after it is worked.
    ("newyork", "standard", Stage.ACCEPT, "2026-11-25 12:00", "2026-11-27 17:00"),
]


@pytest.mark.parametrize(("name", "class_", "stage", "received", "due"), CASES)
def test_a_promise_runs_out_when_the_pack_says(name: str, class_: str, stage: Stage, received: str, due: str) -> None:
    deadline = city(name).policy.deadline(class_, stage, at(name, received))
    assert deadline is not None
    assert deadline.due.astimezone(city(name).zone).strftime("%Y-%m-%d %H:%M") == due


@pytest.mark.parametrize(
    ("category", "priority", "class_"),
    [
        ("jalan_rusak", "normal", "sedang"),
        ("jalan_rusak", "urgent", "mendesak"),
        ("jalan_rusak", "critical", "darurat"),
        ("kebakaran", "normal", "darurat"),
        ("kebakaran", "urgent", "darurat"),
        ("never_heard_of", "normal", "biasa"),
    ],
)
def test_a_priority_only_raises_the_class_of_a_category(category: str, priority: str, class_: str) -> None:
    assert city("tangerang").policy.class_of(category, priority) == class_


@pytest.mark.parametrize(
    ("category", "area", "agency"),
    [
        ("pju_mati", "36.71.01.1001", "dishub"),
        ("layanan_kelurahan", "36.71.01.1001", "kec_tangerang"),
        ("layanan_kelurahan", "36.71.13.1001", "kec_larangan"),
        ("layanan_kelurahan", None, None),
        ("never_heard_of", "36.71.01.1001", None),
    ],
)
def test_what_is_local_goes_to_the_office_of_the_area(category: str, area: str | None, agency: str | None) -> None:
    assert city("tangerang").policy.agency_for(category, area) == agency


def test_half_an_hour_of_working_time_on_friday_evening_ends_on_monday_morning() -> None:
    working = city("tangerang").policy.calendar
    start = at("tangerang", "2026-11-20 16:20")
    due = at("tangerang", "2026-11-23 07:50")
    assert working.add(start, due - at("tangerang", "2026-11-23 07:20")) == due
