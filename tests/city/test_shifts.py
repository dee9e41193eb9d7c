"""When the desk changes hands, also over midnight and over the two nights of a year that are longer or shorter."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from liveroom.city.city import ShiftHours, shift_at
from tests.rooms.packs import PACKS, city

NEW_YORK = ZoneInfo("America/New_York")
SHIFTS = (ShiftHours(key="day", name="Day", start="07:00"), ShiftHours(key="night", name="Night", start="19:00"))


@pytest.mark.parametrize(
    ("now", "key", "start"),
    [
        ("2026-11-24T12:00:00+00:00", "day", "2026-11-24T12:00:00+00:00"),
        ("2026-11-24T11:59:59+00:00", "night", "2026-11-24T00:00:00+00:00"),
        ("2026-03-08T10:59:59+00:00", "night", "2026-03-08T00:00:00+00:00"),
        ("2026-03-08T11:00:00+00:00", "day", "2026-03-08T11:00:00+00:00"),
        ("2026-11-01T11:59:59+00:00", "night", "2026-10-31T23:00:00+00:00"),
        ("2026-11-01T12:00:00+00:00", "day", "2026-11-01T12:00:00+00:00"),
    ],
)
def test_cr_96_the_shift_that_works_and_when_it_started(now: str, key: str, start: str) -> None:
    found = shift_at(SHIFTS, NEW_YORK, datetime.fromisoformat(now))
    assert found is not None
    assert (found[0].key, found[1].astimezone(UTC)) == (key, datetime.fromisoformat(start))


def test_a_city_without_shifts_asks_for_no_sound_test() -> None:
    assert shift_at((), NEW_YORK, datetime(2026, 11, 24, tzinfo=UTC)) is None


@pytest.mark.parametrize("name", PACKS)
def test_every_pack_names_its_shifts_and_browsers_know_them(name: str) -> None:
    told = city(name).client_data()["shifts"]
    assert list(told) == [shift.key for shift in city(name).shifts]
    assert len(told) == 3
