"""One server alone and two with two clocks on one PostgreSQL, real processes through one night: equal histories."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.often import SOAKING
from tests.room.far_week import alone, scripted, together, troubled
from tests.room.stories import apart_from, crowd, stories
from tests.room.test_equal_histories import histories, same
from tests.room.test_scripted_week import UNJUDGED, check
from tests.rooms.city import wib
from tests.services.server import Server

START, END = wib("12-21 20:00"), wib("12-22 11:00")
LIVES = 24 if SOAKING else 8  # of eight kinds
OUTAGE = ((wib("12-22 02:40"), wib("12-22 06:10")),)


@pytest.mark.long
@pytest.mark.often
@pytest.mark.server
@pytest.mark.postgres
def test_cr_03_cr_24_two_servers_and_one_alone_tell_the_same_night(
    server: Callable[..., Server], tmp_path: Path, postgres_url: str
) -> None:
    told = apart_from(stories(LIVES, START, END - timedelta(hours=2), seed=9), OUTAGE)
    told += crowd("t", wib("12-22 02:15"), number=13)
    told_by = []
    for room in (alone(server, tmp_path, START), together(server, tmp_path, START, postgres_url)):
        week = scripted(room, told, START, END, outages=OUTAGE, minutes=120)
        if len(room.clocks) > 1:
            troubled(week, room, [(wib("12-21 23:00"), "stop", 0), (wib("12-22 01:30"), "cont", 0)])
        week.play(END + UNJUDGED)
        check(week, told, END)
        told_by.append(histories(week))
        room.close()
    same(told_by[1], told_by[0])
