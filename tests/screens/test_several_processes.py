"""Screens on several web processes: all see all, one speaks, and it is another's turn when a process dies (CR-94)."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.screens.house import ProtocolScreen
from tests.services.server import Server
from tests.services.two_webs import House as Webs
from tests.services.two_webs import open_house
from tests.services.wait import until


@pytest.fixture
def webs(server: Callable[..., Server], postgres: Any) -> Webs:
    return open_house(server, postgres.fresh_database())


def listed(web: Server) -> dict[str, Any]:
    return dict(httpx.get(f"{web.url}/api/v1/screens", timeout=30).json())


def states(web: Server) -> dict[str, str]:
    return {one["id"]: one["state"] for one in listed(web)["screens"]}


def floors(screens: list[ProtocolScreen]) -> list[bool]:
    """Who speaks, as each is told when it reports."""
    return [screen.report(0) for screen in screens]


@pytest.mark.postgres
def test_cr_94_the_floor_passes_to_another_process_and_a_revoked_screen_goes_wherever_it_is(webs: Webs) -> None:
    one, two = webs.webs
    tokens = [one.last_word("screen", "add", name) for name in ("Utara", "Selatan")]
    screens = [ProtocolScreen(web, token, sound="running") for web, token in zip((one, two), tokens, strict=True)]
    until(
        lambda: floors(screens) and states(one) == states(two) == {"utara": "ok", "selatan": "ok"}, why="all to be seen"
    )
    # Between two looks it may pass from one to the other, so the look that found one is the one that counts.
    until(lambda: sorted(floors(screens)) == [False, True], why="one of them to speak")

    speaking = [screen.speaks for screen in screens].index(True)
    (one, two)[speaking].kill()
    rest, web = screens[1 - speaking], (one, two)[1 - speaking]
    until(lambda: rest.report(0), why="the other process's page to get the floor")

    assert web.command("screen", "revoke", ("Utara", "Selatan")[1 - speaking]).returncode == 0
    until(rest.closed.is_set, why="the revoked connection to be closed")
    until(lambda: rest.heard[-1:] == ["revoked"], why="it to have been told why")
    assert states(web)[("utara", "selatan")[1 - speaking]] == "revoked"
    for screen in screens:
        screen.leave()
