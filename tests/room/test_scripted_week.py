"""A week in room time with a clock that is away, killed and frozen: every deadline told once and dated right.

What must be told is reckoned minute by minute in slow_time.py and stories.py.
"""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from liveroom.projection.audit import faults_of_log
from tests.often import SOAKING
from tests.room.stories import Story, crowd, stories
from tests.room.week import Week, every
from tests.rooms.city import wib
from tests.rooms.standing import StandingRoom

START, END = wib("12-21 08:00"), wib("12-28 12:00")
NIGHT = (wib("12-21 22:50"), wib("12-22 03:10"))
WEEKEND = (wib("12-25 18:30"), wib("12-28 06:05"))
UNJUDGED = timedelta(microseconds=1)
# Lives of a week and of a night, how many marks the week makes at least, and minutes from tick to tick.
LIVES, LIVES_OF_A_NIGHT, MARKS, TICKING = (96, 40, 250, 10) if SOAKING else (32, 16, 80, 30)


@pytest.fixture
def week_of(monkeypatch: pytest.MonkeyPatch):
    """Return `week_of(room, stories) -> Week` whose leases live by the week's own time."""

    def begin(room: StandingRoom, told: list[Story]) -> Week:
        week = Week(room, told)
        monkeypatch.setattr("liveroom.log.lease.database_now", week.lease_time)
        return week

    return begin


def check(week: Week, told: list[Story], end: datetime) -> None:
    """Exactly the marks that must be, in order within each catch-up, days in order, a pulse that never goes back."""
    wanted = Counter(mark for story in told for mark in story.marks(end))
    found = Counter(week.marks())
    assert found - wanted == Counter(), "told but not due, or told twice, or dated wrong"
    assert wanted - found == Counter(), "due but never told"
    log = week.room.events()  # seq is dense from 1 on
    for after, last in week.parts:
        part = [e for e in log[after:last] if e.event.kind != "alarm.counted"]
        assert all(after < e.seq <= last for e in part)
        moments = [e.event.at for e in part]
        assert moments == sorted(moments), [(e.event.kind.value, e.event.at) for e in part]
    dates = [e.event.fields["date"] for e in week.logged("day.opened")]
    assert dates == sorted(set(dates))
    assert week.judged == sorted(week.judged)
    assert week.judged[-1] == end
    assert week.room.read(faults_of_log) == []


@pytest.mark.long
@pytest.mark.often
def test_cr_03_a_week_with_outages_and_a_frozen_clock_tells_of_every_deadline_once(week_of, tmp_path) -> None:
    room = StandingRoom(f"sqlite:///{tmp_path / 'week.db'}", at=START)
    told = (
        stories(LIVES, START, END)
        + crowd("t", wib("12-22 10:00"), number=14)
        + crowd("w", wib("12-26 02:00"), number=30)
    )
    week = week_of(room, told)
    week.ticks(every(TICKING, START, END, but=(NIGHT, WEEKEND)))
    week.sweep(every(97, START, END))
    week.freeze(wib("12-23 00:00"), wib("12-24 09:05"), where="unit")
    week.freeze(wib("12-25 10:00"), wib("12-25 13:05"), where="beat")
    week.play(END + UNJUDGED)
    check(week, told, END)
    assert len(week.marks()) > MARKS
    room.close()


@pytest.mark.both
@pytest.mark.often
def test_cr_03_a_night_with_an_outage_and_a_frozen_clock_on_every_database(week_of, open_standing) -> None:
    start, end = wib("12-21 20:00"), wib("12-22 16:30")
    room = open_standing(at=start)
    told = stories(LIVES_OF_A_NIGHT, start, end - timedelta(hours=4), seed=7)
    told += crowd("t", wib("12-22 03:00"), number=14)
    week = week_of(room, told)
    week.ticks(every(30, start, end, but=((wib("12-22 02:40"), wib("12-22 06:10")),)))
    week.sweep(every(151, start, end))
    week.freeze(wib("12-22 00:00"), wib("12-22 02:05"), where="unit")
    week.freeze(wib("12-22 09:00"), wib("12-22 11:05"), where="beat")
    week.play(end + UNJUDGED)
    check(week, told, end)


def test_what_a_source_says_after_midnight_stands_after_the_day(standing: StandingRoom) -> None:
    standing.at(wib("24 23:50")).tick()
    standing.sources.add("Lapor", 60)
    seq = standing.head().seq
    standing.at(wib("25 00:20")).tick()
    moments = [(e.event.kind.value, e.event.at) for e in standing.events(seq)]
    assert [kind for kind, _ in moments] == ["day.opened", "source.changed"]
    assert moments == sorted(moments, key=lambda told: told[1])
