"""CR-07: outages that screens tell of once they are back; one alarm of the room, or the event of one screen."""

from datetime import timedelta

import pytest

from liveroom.domain.alarms.model import Alarm
from liveroom.domain.events import LoggedEvent
from liveroom.projection.alarms import alarms_of
from tests.rooms.screens import StandingScreens
from tests.rooms.standing import StandingRoom

ABOUT = ("feed.lost", "feed.back", "screen.cut_off", "alarm.raised", "alarm.returned", "alarm.reactivated")


@pytest.fixture
def screens(standing: StandingRoom) -> StandingScreens:
    """Two screens, heard by a process that has listened for an hour."""
    found = StandingScreens(standing)
    utara, selatan = found.pair("Utara"), found.pair("Selatan")
    found.hear(utara, selatan).later(3600).hear(utara, selatan)
    standing.tick()
    return found


def told(room: StandingRoom) -> list[LoggedEvent]:
    return [one for one in room.events() if one.event.kind.value in ABOUT]


def names(room: StandingRoom) -> list[str]:
    return [one.event.kind.value for one in told(room)]


def alarm(room: StandingRoom) -> Alarm:
    (found,) = room.read(lambda c: alarms_of(c, ("lost:feed",)))
    return found


def test_cr_07_what_the_process_missed_too_is_one_alarm_dated_when_lost_and_returned_unacked(
    screens: StandingScreens,
) -> None:
    room = screens.room
    screens.outage("utara", 60, 5, starved=True)
    screens.outage("selatan", 58, 2, starved=True)
    assert names(room) == ["feed.lost", "alarm.raised", "feed.back", "alarm.returned"]
    found = alarm(room)
    assert (found.state.value, found.priority, found.source) == ("returned", 1, "feed")
    lost, raised, back, returned = told(room)
    assert raised.event.at == lost.event.at
    assert returned.event.at == back.event.at


def test_cr_07_another_outage_is_another_activation(screens: StandingScreens) -> None:
    room = screens.room
    screens.outage("utara", 600, 500, starved=True)
    screens.outage("utara", 60, 5, starved=True)
    assert names(room)[4:] == ["feed.lost", "alarm.reactivated", "feed.back", "alarm.returned"]


def test_cr_07_one_screen_alone_was_cut_off_and_it_is_no_alarm(screens: StandingScreens) -> None:
    room = screens.room
    screens.outage("utara", 60, 5)
    assert names(room) == ["screen.cut_off"]
    (cut,) = told(room)
    assert (cut.event.id, set(cut.event.fields)) == ("utara", {"from_real", "to_real"})


def test_cr_07_two_screens_of_the_same_time_are_the_rooms(screens: StandingScreens) -> None:
    room = screens.room
    screens.outage("utara", 60, 30)
    screens.outage("selatan", 25, 5)
    assert names(room) == ["screen.cut_off", "screen.cut_off"], "one after the other: two networks"
    screens.outage("utara", 24, 4)
    assert names(room)[2:] == ["feed.lost", "alarm.raised", "feed.back", "alarm.returned"]


def test_cr_07_two_pages_of_one_screen_are_one_screen(screens: StandingScreens) -> None:
    screens.hear("utara", page="utara/other")
    screens.outage("utara", 60, 5)
    screens.outage("utara", 60, 5, page="utara/other")
    assert names(screens.room) == ["screen.cut_off", "screen.cut_off"]


def test_cr_07_when_no_process_of_now_was_there_it_was_the_rooms(screens: StandingScreens) -> None:
    room = screens.room
    screens.outage("utara", 4000, 5)
    assert names(room) == ["feed.lost", "alarm.raised", "feed.back", "alarm.returned"]
    assert told(room)[2].event.at - told(room)[0].event.at == timedelta(0), "the time of a test room stands"


def test_cr_07_a_page_without_a_name_is_not_logged_for_itself(screens: StandingScreens) -> None:
    screens.hear(None, page="page/abcdefgh")  # type: ignore[arg-type]
    screens.outage(None, 60, 5, page="page/abcdefgh")
    assert names(screens.room) == []
