"""Chromium for the tests, which notes every request that leaves the room and every error on the console."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

# Without these Chromium asks its maker's hosts for things at every start.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# After so much silence of its server a page calls its data lost (CR-45).
SILENCE_MS = 16_000
LOCAL_SCHEMES = {"data", "blob", "about"}
# Playwright gives an expectation five seconds and a page thirty, which says how busy this machine is and nothing more.
PATIENCE_MS = 120_000
LOAD_MS = 180_000
expect.set_options(timeout=PATIENCE_MS)


def pass_silence(*pages: Page) -> None:
    """Let that time pass at once in pages whose `clock` was installed before they loaded."""
    for page in pages:
        page.clock.fast_forward(SILENCE_MS)


class WatchedPage:
    """`page` is Playwright's; `outside` the addresses asked for beyond `origin`; `errors` console and script errors."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = urlsplit(origin).netloc
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._request)
        page.on("websocket", lambda socket: self._address(socket.url))
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _request(self, request: Request) -> None:
        self._address(request.url)

    def _address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in LOCAL_SCHEMES and parts.netloc != self.origin:
            self.outside.append(url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def state(self, name: str) -> str | None:
        """Return what `<html data-NAME>` says, None when it says nothing."""
        return self.page.locator("html").get_attribute(f"data-{name}")


def program() -> str:
    """Chromium without windows of its own: it draws the same and takes a quarter less of the processor."""
    found = shutil.which("chromium-headless-shell")
    assert found, "no Chromium here: setup/test_programs.sh installs Debian's"
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole run."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program(), args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., WatchedPage]]:
    """Return `open_page(url, before=None, **context_options) -> WatchedPage`, each in a context of its own.

    `before(page)` runs before the page is loaded. After the test none may have asked for anything outside its origin.
    """
    opened: list[WatchedPage] = []

    def open_one(url: str, before: Callable[[Page], object] | None = None, **options: Any) -> WatchedPage:
        context = browser.new_context(**{"locale": "id-ID", "viewport": {"width": 1920, "height": 1080}, **options})
        context.set_default_navigation_timeout(LOAD_MS)
        watched = WatchedPage(context.new_page(), url)
        opened.append(watched)
        if before:
            before(watched.page)
        watched.page.goto(url)
        return watched

    yield open_one
    for watched in opened:
        watched.page.context.close()
    outside = [address for watched in opened for address in watched.outside]
    assert not outside, f"the page asked outside its origin: {outside}"


# What axe-core finds in a page of the tests.
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# Every rule is run, and that of targets of 24 px (CR-99), which is off by itself; only of what it broke are the places
# worked out, which is most of the work.
FAULTS = """async () => (await axe.run(document, {
  resultTypes: ["violations"], rules: { "target-size": { enabled: true } },
})).violations
  .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target }) => target.join(" ")).join(", ")}`)"""


def faults(page: Page) -> list[str]:
    """What axe-core finds against WCAG and its best practices in the page and its frames, as they stand."""
    for frame in page.frames:
        if not frame.evaluate("'axe' in window"):
            frame.evaluate(AXE.read_text(encoding="utf-8"))
    return list(page.evaluate(FAULTS))
