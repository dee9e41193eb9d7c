"""The same scripted week under a clock that ticks, one that catches up, and two that race: equal histories."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.often import SOAKING
from tests.room.slow_time import MINUTE
from tests.room.stories import Story, apart_from, crowd, stories
from tests.room.week import Week, every
from tests.rooms.city import wib
from tests.rooms.standing import StandingRoom
from tests.rooms.together import together

START, END = wib("12-21 08:00"), wib("12-28 09:00")
AFTER = END + timedelta(microseconds=1)
OUTAGES = (
    (wib("12-21 14:03"), wib("12-21 16:31")),
    (wib("12-22 21:40"), wib("12-23 04:50")),
    (wib("12-24 03:10"), wib("12-24 03:55")),
    (wib("12-25 18:30"), wib("12-28 06:05")),
)
# What is due in the outages: a flood that begins and ends in one, and one that an outage of two days cuts in two.
CROWDS = (("a", wib("12-21 13:40"), "macet"), ("b", wib("12-25 17:58"), "macet"), ("c", wib("12-22 21:00"), "sampah"))
# A clock ticks every minute of these, in which floods begin and end, when a deadline is due by the slow reckoning, and
# now and then for the rest of the week.
EVERY_MINUTE = (
    (wib("12-21 13:40"), wib("12-21 14:40")),
    (wib("12-22 21:30"), wib("12-22 22:00")),
    (wib("12-25 18:20"), wib("12-25 19:00")),
)
Told = tuple[str, datetime, str | None]
# Of each of eight kinds of lives two, or eight in a soak; and how many minutes lie between two sweeps, between two
# ticks of the clock that is never away, of the one that was, and of those that race.
LIVES, SWEEP, TICKING, CATCHING_UP, RACING = (64, 173, 12, 20, 60) if SOAKING else (16, 519, 60, 60, 240)


def script() -> list[Story]:
    told = stories(LIVES, START, END) + [
        one for label, at, kind in CROWDS for one in crowd(label, at, number=14, category=kind)
    ]
    return apart_from(told, OUTAGES)


def begin(room: StandingRoom) -> Week:
    week = Week(room, script())
    week.sweep(at for at in every(SWEEP, START, END, but=OUTAGES))
    return week


def histories(week: Week) -> dict[str, list[Told]]:
    """Each alarm's events, and those of floods, in the order of the log.

    A group's count is logged once for all that one transaction adds to it, so only how many it came to is compared.
    """
    found = defaultdict[str, list[Told]](list)
    counts: dict[str, int] = {}
    for entry in week.logged("alarm.", "flood."):
        event = entry.event
        if event.kind == "alarm.counted":
            counts[event.id] = event.fields["count"]
        else:
            found[week.known(event.id)].append((event.kind.value, event.at, event.fields.get("why")))
    return {**found, "counts": sorted((week.known(id_), START, str(count)) for id_, count in counts.items())}


def same(one: dict[str, list[Told]], other: dict[str, list[Told]]) -> None:
    differ = {
        id_: (one.get(id_), other.get(id_)) for id_ in one.keys() | other.keys() if one.get(id_) != other.get(id_)
    }
    assert differ == {}


@pytest.fixture(scope="module")
def ticking(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Told]]:
    """The history under one clock that is never away."""
    room = StandingRoom(f"sqlite:///{tmp_path_factory.mktemp('ticking') / 'room.db'}", at=START)
    week = begin(room)
    fine = {at for begin, end in EVERY_MINUTE for at in every(1, begin, end)}
    due = {at + (START - at) % MINUTE for story in script() for _, _, at, _ in story.marks(END)}
    week.ticks(fine.union(due, every(TICKING, START, END), week.acts()))
    week.play(AFTER)
    floods = list(week.logged("flood."))
    assert all(any(begin < told.event.at < end for begin, end in EVERY_MINUTE) for told in floods)
    room.close()
    return histories(week)


@pytest.mark.long
@pytest.mark.often
def test_cr_24_a_week_caught_up_after_outages_is_the_week_as_it_happened(
    ticking: dict[str, list[Told]], on_file: StandingRoom
) -> None:
    week = begin(on_file.at(START))
    week.ticks([*every(CATCHING_UP, START, END, but=OUTAGES), *week.acts()])
    week.play(AFTER)
    same(histories(week), ticking)
    floods = [kind for kind, _, _ in ticking["room"]]
    assert floods == ["flood.began", "flood.ended"] * (len(floods) // 2)
    assert len(floods) >= 4


@pytest.mark.postgres
@pytest.mark.often
def test_cr_24_two_clocks_that_race_on_one_database_tell_the_same_week(
    ticking: dict[str, list[Told]], postgres_url: str
) -> None:
    room = StandingRoom(postgres_url, at=START)
    week = begin(room)
    clocks = [room.clock(), room.clock()]

    def race() -> None:
        together(2, lambda index: _judge_all(clocks[index]._judge))

    week.ticks([*every(RACING, START, END), *week.acts()], race)
    week.play(AFTER)
    same(histories(week), ticking)
    room.close()


def _judge_all(judge: Callable[[], bool]) -> None:
    """Without the lease, as one acts that froze before it was asked and woke up."""
    while judge():
        pass
