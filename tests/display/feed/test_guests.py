"""Visit mode (CR-81): what is sent to a wall while it is on is masked by the very read that sends it."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from display.feed.cards import cards_of, visit_in_force, visit_now
from display.figures.routes import Figures
from liveroom.domain.alarms.model import Alarm, AlarmKind, AlarmState
from liveroom.domain.events import Kind
from liveroom.domain.requests import Malformed, Refused
from liveroom.domain.timestamps import from_text, to_text
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import database_now
from liveroom.projection.notices import lines
from tests.display.feed.process import WebProcess
from tests.display.feed.screen import Screen
from tests.rooms.standing import StandingRoom

PRIVATE = {"category": "kekerasan", "lat": -6.1781234, "lon": 106.6319876}


def order(standing: StandingRoom, name: str, *, by: str = "supervisor", **given: Any) -> None:
    standing.execute(name, "room", about="room", by=by, seen=0, actor="rina", **given)


@pytest.fixture
def process(standing: StandingRoom) -> WebProcess:
    standing.receive("private", **PRIVATE)
    process = WebProcess(standing)
    process.step()
    return process


def places(screen: Screen) -> set[tuple[Any, Any]]:
    return {(card["category"], card["lat"]) for card in screen.catch_up().cards.values()}


OPEN, MASKED = {("kekerasan", -6.178)}, {(None, -6.18)}


def test_cr_81_walls_are_masked_on_the_wire_whether_they_were_there_or_not(
    standing: StandingRoom, process: WebProcess
) -> None:
    here, away, desk = (Screen(audience).join(process) for audience in ("wall", "wall", "desk"))
    assert places(here) == places(away) == OPEN
    exact, epoch = places(desk), here.store.epoch
    away.leave()
    order(standing, "begin_visit")
    process.step()
    assert process.sent["wall"][-1]["epoch"] == process.sent["visit"][-1]["epoch"] != epoch
    assert places(here) == places(away.join(process)) == places(Screen("wall").join(process)) == MASKED
    assert places(desk) == exact
    assert all("by" not in line for line in here.store.lines)
    standing.receive("later", **PRIVATE)
    process.step()
    assert len(here.catch_up().cards) == 2, "it freezes nothing"
    assert places(here) == MASKED
    order(standing, "end_visit")
    process.step()
    assert places(here) == places(away) == OPEN
    assert here.store.epoch == epoch


def test_cr_81_guests_are_told_that_there_is_an_alarm_and_nothing_of_how_it_is_handled(
    standing: StandingRoom,
) -> None:
    moment = standing.now
    alarm = Alarm(
        id="critical:1",
        kind=AlarmKind.CRITICAL,
        seq=1,
        priority=1,
        state=AlarmState.ACKED,
        active=True,
        raised_at=moment,
        activated_at=moment,
        acked_by="rina",
        acked_at=moment,
        expires_at=moment,
        paged_at=moment,
    )
    cards = cards_of(standing.room.city.policy)
    told, kept = cards["visit"].of_alarm(alarm), ("acked_by", "acked_at", "expires_at", "paged_at")
    assert (told["state"], told["priority"]) == ("acked", 1)
    assert [told[name] for name in kept] == [None] * 4
    assert None not in [cards["wall"].of_alarm(alarm)[name] for name in kept]


def test_cr_18_a_page_that_had_nobody_to_go_to_is_not_told_as_one(standing: StandingRoom) -> None:
    paged = Alarm(id="critical:1", kind=AlarmKind.CRITICAL, priority=1, state=AlarmState.UNACKED, paged_at=standing.now)
    cards, at = cards_of(standing.room.city.policy), to_text(standing.now)
    for unreached, told in ((False, (at, None)), (True, (None, at))):
        card = cards["desk"].of_alarm(replace(paged, unreached=unreached))
        assert (card["paged_at"], card["unpaged_at"]) == told


def test_cr_81_all_walls_change_within_a_second_not_within_two(standing: StandingRoom, process: WebProcess) -> None:
    wall = Screen("wall").join(process)
    wall.catch_up()
    order(standing, "begin_visit")
    asked = wall.store.asked()
    assert process.answer("wall", asked)["jitter_ms"] == 200
    assert process.answer("wall", {**asked, "epoch": "of another log"})["jitter_ms"] == 2000


def test_cr_81_while_the_database_cannot_be_read_nothing_is_sent(
    standing: StandingRoom, process: WebProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = Screen("wall").join(process)
    wall.catch_up()
    order(standing, "begin_visit")
    process.step()

    def away(*_args: object) -> None:
        raise Unavailable("away")

    before = len(process.sent["wall"])
    monkeypatch.setattr(standing.log, "slices", away)
    for ask in (process.step, lambda: process.answer("wall", {}), lambda: process.snapshot("wall")):
        with pytest.raises(Unavailable):
            ask()
    assert len(process.sent["wall"]) == before


def test_cr_81_it_is_logged_lasts_four_hours_of_real_time_and_ends_by_itself(standing: StandingRoom) -> None:
    before = standing.read(database_now)
    order(standing, "begin_visit", welcome="Selamat datang, Bapak Wali Kota")
    began = standing.events()[-1]
    until = from_text(str(began.event.fields["until_real"]))
    assert (began.event.kind, began.actor) == (Kind.VISIT_BEGAN, "rina")
    assert until - before >= timedelta(hours=4)
    assert "Selamat" not in str(began.event.fields)
    told = standing.read(lines)
    assert visit_in_force(told, until - timedelta(seconds=1)) is not None
    assert visit_in_force(told, until) is None
    order(standing, "end_visit")
    assert standing.events()[-1].event.kind is Kind.VISIT_ENDED
    assert standing.read(visit_now) is None
    with pytest.raises(Refused, match="no visit to end"):
        order(standing, "end_visit")


@pytest.mark.each_database
def test_cr_81_the_welcome_is_one_short_line_and_stands_among_the_results(standing: StandingRoom) -> None:
    for bad in ("x" * 81, "dua\nbaris", 7):
        with pytest.raises(Malformed):
            order(standing, "begin_visit", welcome=bad)
    with pytest.raises(Refused, match="not for duty"):
        order(standing, "begin_visit", by="duty")
    figures = Figures(standing.log, standing.room.city, kept_s=0)
    assert figures.beside("wall", "visit") == ("wall", {"welcome": None, "shown": []})
    order(standing, "begin_visit", welcome="Selamat datang")
    assert figures.beside("wall", "visit") == ("visit", {"welcome": "Selamat datang", "shown": []})
    assert figures.beside("desk", "trend") == ("desk", {})
