"""The wall's page through a fault: it must come back by itself, without a reload."""

from collections.abc import Callable

from tests.services.browser import WatchedPage
from tests.services.wait import until

# How it looks is not the point here, and to paint a large wall that moves is most of what a page costs.
SMALL = {"viewport": {"width": 960, "height": 540}, "reduced_motion": "reduce"}


def opened(open_page: Callable[..., WatchedPage], room: str) -> WatchedPage:
    """A room's wall that is live, marked so that a reload would be noticed."""
    wall = open_page(f"{room}/wall", **SMALL)
    wall.page.evaluate("window.notReloaded = true")
    until(lambda: wall.state("freshness") == "live", within=90, why="the wall to be live")
    return wall


def back(wall: WatchedPage, seq: int, *, waiting: int) -> None:
    """The wall has painted `seq`, is live, shows so many waiting, and is still the page that was opened."""
    until(lambda: int(wall.state("seq") or -1) >= seq, within=90, why=f"the wall to paint {seq}")
    until(lambda: wall.state("freshness") == "live", within=90, why="the wall to be live")
    assert wall.state("waiting") == str(waiting)
    assert wall.page.evaluate("window.notReloaded") is True
