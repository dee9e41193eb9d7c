"""Cells as offices write them: each way of a date, of degrees and of a place, and what is none of them."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from liveroom.domain.timestamps import to_text
from liveroom.tables.cells import DateOrder, order_shown, read_degrees, read_moment, read_point

WIB, NEW_YORK = ZoneInfo("Asia/Jakarta"), ZoneInfo("America/New_York")

MOMENTS = [
    ("2025-04-03 07:15:30", None, "2025-04-03T00:15:30Z"),
    ("2025-04-03T07:15:30.250", None, "2025-04-03T00:15:30Z"),
    ("2025/4/3", None, "2025-04-02T17:00:00Z"),
    ("20250403 0715", None, None),
    ("20250403", None, "2025-04-02T17:00:00Z"),
    ("03/04/2025 07.15", "dmy", "2025-04-03T00:15:00Z"),
    ("03/04/2025 07:15", "mdy", "2025-03-04T00:15:00Z"),
    ("03/04/2025 07:15", None, None),
    ("28/04/2025 07:15", None, "2025-04-28T00:15:00Z"),
    ("28/04/2025", "mdy", None),
    ("04-04-25", None, "2025-04-03T17:00:00Z"),
    ("1/2/2020 11:05:00 PM", "mdy", "2020-01-02T16:05:00Z"),
    ("1/2/2020 12:05 a.m.", "mdy", "2020-01-01T17:05:00Z"),
    ("Kamis, 3 April 2025 pukul 07.15 WIB", None, "2025-04-03T00:15:00Z"),
    ("3 Agustus 2025 07:15 WITA", None, "2025-08-02T23:15:00Z"),
    ("3 de abril de 2025", None, "2025-04-02T17:00:00Z"),
    ("Apr 3, 2025 7:15 am", None, "2025-04-03T00:15:00Z"),
    ("03-abr-2025 07:15", None, "2025-04-03T00:15:00Z"),
    ("03/04/2025 07:15 +02:00", "dmy", "2025-04-03T05:15:00Z"),
    (1743639330, None, "2025-04-03T00:15:30Z"),
    ("1743639330000", None, "2025-04-03T00:15:30Z"),
    (datetime.fromisoformat("2025-04-03T07:15"), None, "2025-04-03T00:15:00Z"),
    (date(2025, 4, 3), None, "2025-04-02T17:00:00Z"),
    ("31/02/2025 10:00", "dmy", None),
    ("25:61 3 April 2025", None, None),
    ("45000", None, None),
    (True, None, None),
    ("x" * 10_000, "dmy", None),
]


@pytest.mark.parametrize(("cell", "order", "moment"), MOMENTS)
def test_a_date_is_read_in_the_citys_zone_and_never_in_an_order_that_nobody_said(
    cell: Any, order: DateOrder | None, moment: str | None
) -> None:
    if moment is None:
        with pytest.raises(ValueError):
            read_moment(cell, WIB, order)
    else:
        assert to_text(read_moment(cell, WIB, order)) == moment


def test_local_time_follows_the_clocks_of_its_city() -> None:
    assert read_moment("07/01/2025 12:00", NEW_YORK, "mdy") == datetime(2025, 7, 1, 16, tzinfo=UTC)
    assert read_moment("01/07/2025 12:00", NEW_YORK, "mdy") == datetime(2025, 1, 7, 17, tzinfo=UTC)
    # An hour that is left out in spring, and the first of the one that comes twice in autumn.
    assert read_moment("2025-03-09 02:30", NEW_YORK, None) == datetime(2025, 3, 9, 7, 30, tzinfo=UTC)
    assert read_moment("2025-11-02 01:30", NEW_YORK, None) == datetime(2025, 11, 2, 5, 30, tzinfo=UTC)


def test_the_order_of_day_and_month_is_shown_by_what_is_no_month() -> None:
    cells = ("28/04/2025", "04/28/2025", "03/04/2025", "04/04/2025", "2025-04-03", "3 April 2025", 3, None)
    assert [order_shown(one) for one in cells] == ["dmy", "mdy", "either", None, None, None, None, None]


DEGREES = [("-6,1781", -6.1781), ("\u22126.1781", -6.1781), (" 106.63 ", 106.63), ("6,17 LS", -6.17), ("73.9°W", -73.9)]
DEGREES += [(106, 106.0), ("1e2", 100.0), ("106.806.012", None), ("106,806,012", None), ("1_0", None), ("\uff16", None)]
DEGREES += [("nan", None), (True, None), ("BT", None), ("9" * 5_000, None)]


@pytest.mark.parametrize(("cell", "degrees"), DEGREES)
def test_degrees_have_a_point_or_a_comma_and_a_sign_or_a_side(cell: Any, degrees: float | None) -> None:
    if degrees is None:
        with pytest.raises(ValueError):
            read_degrees(cell)
    else:
        assert read_degrees(cell) == degrees


POINTS = [
    ("(40.7, -73.9)", (40.7, -73.9)),
    ("-6.17,106.63", (-6.17, 106.63)),
    ("-6,17; 106,63", (-6.17, 106.63)),
    ("POINT (106.63 -6.17)", (-6.17, 106.63)),
    ({"type": "Point", "coordinates": [106.63, -6.17]}, (-6.17, 106.63)),
    ({"latitude": "40.7", "longitude": "-73.9", "human_address": "{}"}, (40.7, -73.9)),
    ({"type": "Polygon", "coordinates": [[[1, 2]]]}, None),
    ({"type": "Point", "coordinates": [1]}, None),
    ("Jl. Melati 5", None),
    (None, None),
]


@pytest.mark.parametrize(("cell", "point"), POINTS)
def test_a_place_in_one_cell_is_understood_in_the_order_of_its_kind(cell: Any, point: tuple[float, float]) -> None:
    if point is None:
        with pytest.raises(ValueError):
            read_point(cell)
    else:
        assert read_point(cell) == point
