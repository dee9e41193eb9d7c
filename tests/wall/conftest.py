"""A scripted room for each module, and walls whose clock the test turns."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page

from tests.services.browser import WatchedPage
from tests.services.wait import until
from tests.wall.fake_room import FakeRoom

FRAME_MS = 400
# So many of them are longer than a figure waits for the next (CR-87).
SOON_FRAMES = 4
PAGE_SIDE = Path(__file__).with_name("page_side.js")
Open = Callable[..., "Wall"]


class Wall:
    """A wall on a scripted room. After `still()` its time passes by `run()` alone."""

    def __init__(self, watched: WatchedPage) -> None:
        self.watched = watched
        self.page: Page = watched.page
        self.ran = False

    def still(self) -> "Wall":
        """Stop the page's clock, whatever it shows."""
        until(self._paused, why="the page's clock to stop")
        self.ran = True
        return self

    def _paused(self) -> bool:
        try:
            self.page.clock.pause_at(self.page.evaluate("Date.now() / 1000 + 0.3"))
        except Error as error:
            # It was said so late that the moment had passed: the clock stands, but is not told to stand.
            if "to the past" not in error.message:
                raise
            return False
        return True

    def go_on(self) -> None:
        """Let time pass by itself again."""
        self.page.clock.resume()
        self.ran = False

    def run(self, ms: float) -> None:
        """Let that much of the page's time pass; every timer and frame of it runs."""
        self.page.clock.run_for(ms)

    def state(self, name: str) -> str | None:
        """What `<html data-NAME>` says."""
        return self.watched.state(name)

    def leap(self, ms: float) -> None:
        """Let that much time pass at once: what was due in between runs once."""
        self.page.clock.fast_forward(ms)
        self.run(FRAME_MS)

    def seen(self, what: str, *arguments: Any) -> Any:
        """Ask the page, see page_side.js."""
        return self.page.evaluate(f"(given) => window.seen.{what}(...given)", list(arguments))

    def noted(self, what: str) -> Any:
        """What page_side.js has collected under that name."""
        return self.page.evaluate(f"window.seen.{what}")

    def until(self, look: Callable[[], Any], why: str) -> None:
        """Wait until it holds; a still page is given frames meanwhile."""

        def looked() -> Any:
            if self.ran:
                self.run(FRAME_MS)
            return look()

        until(looked, within=90, why=why)

    def told(self, seq: int) -> None:
        """Wait until the page has heard of that position; none of its own time passes."""
        until(lambda: self.noted("told") >= seq, within=90, why=f"the page to hear of {seq}")

    def beaten(self) -> None:
        """Wait for one more beat; of a still page's own time none passes, so it is as fresh as can be."""
        heard = self.noted("beats")
        until(lambda: self.noted("beats") > heard, within=90, why="the page to hear a beat")

    def painted(self, seq: int) -> None:
        """Wait until the wall has painted that position; of what it has heard, a still page has soon."""

        def looked() -> bool:
            frames = SOON_FRAMES if self.ran and self.noted("told") >= seq else 0
            while int(self.state("seq") or -1) < seq:
                if not frames:
                    return False
                frames -= 1
                self.run(FRAME_MS)
            return True

        self.until(looked, f"the wall to paint {seq}")

    def live(self) -> "Wall":
        """Wait until it says live."""
        self.until(lambda: self.state("freshness") == "live", "the wall to be live")
        return self


@pytest.fixture(scope="module")
def one_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeRoom]:
    """The module's room; tests ask for `room`."""
    room = FakeRoom(tmp_path_factory.mktemp("fake"), "--rate", "0").start()
    yield room
    room.stop()


@pytest.fixture
def room(one_room: FakeRoom) -> FakeRoom:
    """The room as it began: the day of the sketches, nobody alarmed."""
    one_room.tell("afresh")
    return one_room


@pytest.fixture
def wall(room: FakeRoom, open_page: Callable[..., WatchedPage]) -> Open:
    """Return `open(query="", clock=True, **context_options) -> Wall`, live. Without `clock` its time is real."""

    def open_one(query: str = "scene=map", *, clock: bool = True, **options: Any) -> Wall:
        def before(page: Page) -> None:
            page.add_init_script(path=PAGE_SIDE)
            if clock:
                page.clock.install()

        # On a smaller screen the floor of 16 px (CR-66) makes another layout of the page.
        options.setdefault("viewport", {"width": 1920, "height": 1080})
        return Wall(open_page(f"{room.url}/wall?{query}", before=before, **options)).live()

    return open_one
