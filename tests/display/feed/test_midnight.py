"""At the city's midnight what was finished before leaves every screen, and nothing that is open does."""

import pytest

from display.feed.cards import AUDIENCES
from tests.display.feed.picture import check_store
from tests.display.feed.process import WebProcess
from tests.display.feed.screen import Screen
from tests.rooms.city import wib
from tests.rooms.standing import StandingRoom


@pytest.mark.parametrize("away", [False, True], ids=["live", "away over midnight"])
def test_finished_complaints_are_gone_with_their_day(standing: StandingRoom, away: bool) -> None:
    standing.tick()
    process = WebProcess(standing)
    done, still = standing.until_done(), standing.receive()
    process.step()
    screens = [Screen(audience).join(process) for audience in AUDIENCES]
    for screen in screens:
        assert set(screen.catch_up().cards) == {done, still}
        if away:
            screen.leave()
    late, early = over_midnight(standing, process)
    for screen in screens:
        store = (screen.join(process) if away else screen).catch_up()
        assert set(store.cards) == {still, early}
        assert (store.counts["day"], store.counts["flow"], store.counts["stock"]["open"]) == (
            "2026-11-25", {"done": 1}, 1,
        )  # fmt: skip
        check_store(standing, store, process.cards[screen.audience])
        assert screen.loads == 1
    gone = process.sent["wall"][-1]["gone"]
    assert {done, late} <= set(gone)
    assert not {still, early} & set(gone)


def over_midnight(standing: StandingRoom, process: WebProcess) -> tuple[str, str]:
    """One finished in the last second of the day, one in the first of the next before that was opened."""
    standing.at(wib("24 23:59:59"))
    late = standing.until_done()
    standing.at(wib("25 00:00:01"))
    early = standing.until_done()
    process.step()
    standing.tick()
    process.step()
    return late, early


def test_reopened_on_another_day_it_is_back_and_not_counted_in_again(standing: StandingRoom) -> None:
    standing.tick()
    process = WebProcess(standing)
    id_ = standing.until_done()
    process.step()
    screen = Screen("wall").join(process)
    screen.catch_up()
    standing.at(wib("25 08:00")).tick()
    process.step()
    assert screen.store.cards == {}
    standing.execute("reopen", id_, by="duty", reason="berlubang lagi")
    process.step()
    assert screen.store.cards[id_]["status"] == "waiting"
    assert screen.store.counts["cohort"]["in"] == 0
    assert screen.store.counts["stock"]["open"] == 1
    check_store(standing, screen.store, process.cards["wall"])
    assert screen.loads == 1
