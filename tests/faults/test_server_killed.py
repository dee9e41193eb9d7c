"""The server killed in the middle of two thousand complaints: what was answered is there, once, and walls come back."""

from collections.abc import Callable

import pytest

from tests.faults.flood import Flood, ids
from tests.faults.screen import Screen, fresh
from tests.services.browser import WatchedPage
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
Watch = Callable[..., Screen]


def complaints_of(url: str) -> dict[str, str]:
    """Source id to complaint id, of all that a desk sees; fails when one source id is there twice."""
    cards = fresh(url, audience="desk").cards
    found = {card["source_id"]: id_ for id_, card in cards.items()}
    assert len(found) == len(cards), "a complaint is there twice"
    return found


@pytest.mark.browser
def test_what_was_answered_is_there_once_and_every_screen_comes_back(
    server: Callable[..., Server], watch: Watch, open_page: Callable[..., WatchedPage]
) -> None:
    room = server()
    key = room.last_word("source", "add", "app")
    screen, all_ids = watch(room.url), ids("a", 2000)
    wall = open_page(f"{room.url}/wall")
    wall.page.evaluate("window.notReloaded = true")
    until(lambda: screen.current and wall.state("freshness") == "live", within=30, why="both screens to be live")
    flood = Flood(room.url, key, all_ids).start()
    until(lambda: flood.count(201) >= 700, within=60, why="700 answers")
    room.kill()
    before = flood.finish()
    room.start()
    promised = {source_id: answer for source_id, answer in before.items() if answer.taken}
    assert 700 <= len(promised) < 2000, "the kill came too late to prove anything"

    again = Flood(room.url, key, all_ids).start().finish()
    assert {answer.status for answer in again.values()} <= {200, 201}
    assert {again[source_id].status for source_id in promised} == {200}
    kept = complaints_of(room.url)
    assert set(kept) == set(all_ids)
    assert {source_id: kept[source_id] for source_id in promised} == {s: a.id for s, a in promised.items()}
    assert room.command("doctor").stdout.strip() == "no findings"

    seen = fresh(room.url).seen()
    until(lambda: screen.at(seen["seq"]), why="the screen to catch up")
    assert screen.store.seen() == seen
    assert screen.joins > 1
    until(lambda: wall.state("seq") == str(seen["seq"]), why="the wall to catch up")
    until(lambda: wall.state("freshness") == "live", why="the wall to be live")
    assert wall.state("waiting") == "2000"
    assert wall.page.evaluate("window.notReloaded") is True
