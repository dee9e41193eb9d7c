"""When a screen is dark and what its alarm does: only a screen that was seen, and only while somebody listens."""

from dataclasses import replace
from datetime import timedelta

import pytest

from liveroom.accounts.screens import take_turn
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.events import Subject
from liveroom.projection.alarms import alarms_of
from tests.rooms.screens import StandingScreens
from tests.rooms.standing import StandingRoom

ALARM = "lost:screen:dinding"


@pytest.fixture
def screens(standing: StandingRoom) -> StandingScreens:
    """A room whose only screen, Dinding, has been seen."""
    found = StandingScreens(standing)
    assert found.pair("Dinding") == "dinding"
    found.hear("dinding")
    standing.tick()
    return found


def kinds(room: StandingRoom) -> list[str]:
    return [one.event.kind.value for one in room.events() if one.event.subject is Subject.SCREEN]


def alarm(room: StandingRoom) -> Alarm | None:
    return next(iter(room.read(lambda c: alarms_of(c, (ALARM,)))), None)


def test_cr_48_a_screen_that_falls_silent_is_dark_after_15_s_once_and_its_return_clears_it(
    screens: StandingScreens,
) -> None:
    room = screens.room
    screens.later(14)
    room.tick()
    assert kinds(room) == ["screen.paired", "screen.seen"]
    assert alarm(room) is None
    screens.later(2)
    for _ in range(3):
        room.tick()
    assert kinds(room)[2:] == ["screen.dark"]
    raised = alarm(room)
    assert raised is not None
    assert (raised.state.value, raised.priority, raised.source) == ("unacked", 3, "screen:dinding")
    screens.hear("dinding")
    room.tick()
    assert kinds(room)[3:] == ["screen.seen"]
    assert alarm(room).state.value == "returned"


def test_a_room_may_wait_longer_before_it_calls_a_screen_dark(screens: StandingScreens) -> None:
    """`screens.dark_after_s` of the settings."""
    room = screens.room
    room.room.rules = replace(room.room.rules, dark_after=timedelta(seconds=60))
    screens.later(59)
    room.tick()
    assert alarm(room) is None
    screens.later(2)
    room.tick()
    assert alarm(room) is not None


def test_cr_110_a_screen_whose_turn_to_restart_it_is_may_be_silent_for_that_minute_and_no_other(
    screens: StandingScreens,
) -> None:
    room = screens.room
    screens.pair("Gudang")
    screens.hear("dinding", "gudang")
    room.tick()
    before = len(kinds(room))
    assert take_turn(room.log, "dinding")
    assert not take_turn(room.log, "dinding"), "nobody makes their own turn longer"
    screens.later(30)
    room.tick()
    assert [one.event.id for one in room.events() if one.event.kind.value == "screen.dark"] == ["gudang"]
    screens.hear("dinding")
    room.tick()
    assert kinds(room)[before:] == ["screen.dark"], "it is back as if nothing had been"
    screens.later(31)
    room.tick()
    assert [one.event.id for one in room.events() if one.event.kind.value == "screen.dark"] == ["gudang", "dinding"]


def test_a_screen_that_was_never_seen_is_not_dark(screens: StandingScreens) -> None:
    screens.pair("Gudang")
    screens.hear("dinding").later(60)
    screens.hear("dinding")
    screens.room.tick()
    assert kinds(screens.room) == ["screen.paired", "screen.seen", "screen.paired"]


def test_nothing_is_dark_while_nobody_listens_nor_at_once_when_somebody_begins_to(screens: StandingScreens) -> None:
    room = screens.room
    screens.later(600, watched=False)
    room.tick()
    assert kinds(room) == ["screen.paired", "screen.seen"], "all web processes are down: the feed is lost, not a screen"
    with room.engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM screen_watch")
    screens.hear()
    room.tick()
    assert kinds(room) == ["screen.paired", "screen.seen"], "it has 15 s to come back to the new process"
    screens.later(16)
    room.tick()
    assert kinds(room)[2:] == ["screen.dark"]


def test_a_screen_that_is_off_on_purpose_is_taken_out_of_service_and_told_nobody(screens: StandingScreens) -> None:
    room = screens.room
    review = (room.now.replace(hour=23)).isoformat()
    room.execute("out_of_service", ALARM, about="alarm", reason="dipindahkan", review_at=review)
    screens.later(20)
    room.tick()
    assert kinds(room)[2:] == ["screen.dark"]
    assert alarm(room).state.value == "out_of_service"
    assert alarm(room).priority == 3


def test_revoking_a_dark_screen_ends_its_alarm_for_good(screens: StandingScreens) -> None:
    room = screens.room
    screens.later(20)
    room.tick()
    screens.order("revoke", "dinding")
    assert alarm(room).state.value == "returned"
    screens.later(60)
    room.tick()
    assert kinds(room)[-1] == "screen.revoked"


def test_a_page_without_a_token_never_goes_dark(screens: StandingScreens) -> None:
    room = screens.room
    screens.hear(None, page="page/abcdefgh")  # type: ignore[arg-type]
    screens.later(14).hear("dinding")
    screens.later(10).hear("dinding")
    room.tick()
    assert kinds(room) == ["screen.paired", "screen.seen"]
