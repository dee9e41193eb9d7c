"""axe-core finds nothing on any page, whoever opens it, in every state of the room, at a desk and on a telephone."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Error
from playwright.sync_api import Page as Tab

from cli.weeks import Doorman
from display.auth.visitor import PLAIN_SESSION_COOKIE, SCREEN_COOKIE
from liveroom.domain.requests import OF_PEOPLE, Role
from liveroom.runtime.config import ServerSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.practice_room import Known, PracticeRoom, RoomState, furnish
from tests.services.browser import LOAD_MS, PATIENCE_MS, SILENCE_MS, faults
from tests.services.process import free_port
from tests.soak.matrix import AXE, Cell
from tests.soak.pages import (
    FIRST_DAY,
    LINK,
    LOOPBACK,
    NO_PAGES,
    NOBODY,
    PAGES,
    PROGRAMS,
    SCREEN,
    Page,
    Shown,
    View,
    routes,
)

SIZES: Mapping[str, Mapping[str, Any]] = {
    "1920": {"viewport": {"width": 1920, "height": 1080}},
    "390": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
KINDS = (*(role.value for role in OF_PEOPLE), SCREEN, LOOPBACK, NOBODY, LINK)
# Past this a page says delayed, and past SILENCE_MS that its data is lost (CR-44, CR-45).
DELAY_MS = 7_000
SITS = json.dumps(json.dumps({"actor": "Sari", "role": "supervisor"}))
# What is drawn anew for each answer, or belongs to the browser that asks.
OF_ANSWER = re.compile(
    r'nonce="[^"]*"|value="[^"]*"|data-[a-z]+="[^"]*"|<svg.*?</svg>|class="secret">[^<]*<|\d+ MB', re.DOTALL
)


class Rooms:
    """One furnished room, and its copies in each state, each served when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: Known | None = None
        self._open: dict[RoomState, PracticeRoom] = {}

    def of(self, state: RoomState) -> PracticeRoom:
        if state not in self._open:
            self._open[state] = self._served(state)
        return self._open[state]

    def _served(self, state: RoomState) -> PracticeRoom:
        if state is RoomState.EMPTY:
            return PracticeRoom(self._folder / state, state, None)
        furnished = self._folder / "furnished"
        if self._known is None:
            furnished.mkdir()
            self._known = furnish(furnished)
        return PracticeRoom(self._folder / state, state, furnished, self._known)

    def close(self) -> None:
        for room in self._open.values():
            room.close()


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    found = Rooms(tmp_path_factory.mktemp("practice"))
    yield found
    found.close()


class Visitor:
    """Somebody of a kind at a screen of one size, in one browser as a person has it; ``cells`` grows as they look."""

    def __init__(self, browser: Browser, room: PracticeRoom, kind: str, size: str) -> None:
        self.room, self.kind, self.size = room, kind, size
        self.base = room.here if kind == LOOPBACK else room.afar
        self.cells: list[Cell] = []
        self._context = browser.new_context(locale="id-ID", reduced_motion="reduce", **SIZES[size])
        self._context.set_default_timeout(PATIENCE_MS)
        self._context.set_default_navigation_timeout(LOAD_MS)
        self._context.clock.install()
        self._show(credential(room, kind))
        if kind == LOOPBACK:
            self._context.add_init_script(f"sessionStorage.setItem('liveroom.person', {SITS})")

    def _show(self, cookies: Mapping[str, str]) -> None:
        self._context.add_cookies([{"name": name, "value": value, "url": self.base} for name, value in cookies.items()])

    def look(self, page: Page) -> None:
        """Open it as the room is, and let its data stop coming if the room is calm."""
        shown = Shown.CALM if self.room.state is RoomState.EMPTY else Shown(self.room.state.value)
        cookies, tab = page.cookies(self.room), self._context.new_page()
        self._show(cookies)
        try:
            self._note(page, shown, lambda: self._opened(tab, page, shown))
            if shown is Shown.CALM and Shown.STALE in page.shows:
                self._note(page, Shown.STALE, lambda: stopped(self._context, tab, page))
        finally:
            tab.close()
            self._context.set_offline(False)
            for name in cookies:
                self._context.clear_cookies(name=name)

    def leave(self) -> None:
        self._context.close()

    def _note(self, page: Page, shown: Shown, found: Callable[[], list[str]]) -> None:
        try:
            seen = found()
        except (Error, AssertionError) as error:
            seen = [f"not seen: {str(error).splitlines()[0]}"]
        self.cells.append(Cell(page=page.name, kind=self.kind, shown=shown, size=self.size, faults=tuple(seen)))

    def _opened(self, tab: Tab, page: Page, shown: Shown) -> list[str]:
        tab.goto(self.base + page.address(self.room))
        tab.locator(page.ready).first.wait_for(state="attached")
        if shown in page.shows:
            tab.locator(page.shows[shown]).first.wait_for(state="attached")
        found = faults(tab)
        for view in page.views:
            if (shown is Shown.CALM or not view.calm) and (view.kinds is None or self.kind in view.kinds):
                found += [f"{view.name}: {one}" for one in viewed(tab, view) if one not in found]
        return found


def credential(room: PracticeRoom, kind: str) -> dict[str, str]:
    """The cookies that show a kind of visitor to be one."""
    if kind == SCREEN:
        return {SCREEN_COOKIE: room.known.screen}
    return {PLAIN_SESSION_COOKIE: room.session(Role(kind))} if kind in {role.value for role in OF_PEOPLE} else {}


def viewed(tab: Tab, view: View) -> list[str]:
    """The faults with that view open."""
    try:
        for how, what in view.steps:
            if how == "press":
                tab.keyboard.press(what)
            else:
                tab.locator(what).first.click()
        tab.locator(view.stands).first.wait_for(state="attached")
        return faults(tab)
    except Error as error:
        return [f"not seen: {error.message.splitlines()[0]}"]
    finally:
        if not view.stays:
            tab.keyboard.press("Escape")


def stopped(context: BrowserContext, tab: Tab, page: Page) -> list[str]:
    """The faults while the data is late, and when it is lost."""
    context.set_offline(True)
    tab.clock.fast_forward(DELAY_MS)
    tab.locator('html:not([data-freshness="live"])').wait_for(state="attached")
    late = faults(tab)
    tab.clock.fast_forward(SILENCE_MS)
    tab.locator(page.shows[Shown.STALE]).first.wait_for(state="attached")
    return [*(f"late: {one}" for one in late), *(f"lost: {one}" for one in faults(tab))]


def looked(browser: Browser, room: PracticeRoom, kind: str, pages: Sequence[Page]) -> list[Cell]:
    """What one kind of visitor found on these pages, at a desk and on a telephone."""
    cells = list[Cell]()
    for size in SIZES if pages else ():
        visitor = Visitor(browser, room, kind, size)
        for page in pages:
            visitor.look(page)
        visitor.leave()
        cells += visitor.cells
    return cells


def tell(cells: list[Cell], test: pytest.FixtureRequest) -> None:
    """Let the cells be printed, and fail for each that has a fault."""
    test.node.user_properties.append((AXE, json.dumps([asdict(cell) for cell in cells])))
    bad = [f"{c.page}, {c.kind}, {c.shown}, {c.size}: {one}" for c in cells for one in c.faults]
    if bad:
        pytest.fail("\n".join(bad), pytrace=False)


@pytest.mark.soak
@pytest.mark.parametrize("state", [RoomState.CALM, RoomState.FLOOD, RoomState.VISIT])
@pytest.mark.parametrize("kind", KINDS)
def test_cr_97_axe_finds_nothing_on_any_page(
    kind: str, state: RoomState, rooms: Rooms, browser: Browser, request: pytest.FixtureRequest
) -> None:
    table = routes()
    seen = [page for page in PAGES if kind in page.visitors(table) and Shown(state.value) not in page.unchanged]
    tell(looked(browser, rooms.of(state), kind, seen), request)


@pytest.mark.soak
def test_cr_97_axe_finds_nothing_on_the_first_day(
    rooms: Rooms, browser: Browser, request: pytest.FixtureRequest
) -> None:
    tell(looked(browser, rooms.of(RoomState.EMPTY), NOBODY, FIRST_DAY), request)


@pytest.mark.soak
@pytest.mark.parametrize("size", SIZES)
def test_cr_97_axe_finds_nothing_while_a_room_lives_through_its_weeks(size: str, browser: Browser) -> None:
    doorman, server = Doorman(languages=("id", "en", "es"), weeks=8, left=3), ServerSettings(port=free_port())
    with doorman.answering(server, ThreadRuntime()):
        told = httpx.get(f"http://{server.host}:{server.port}/", headers={"Accept": "text/html"}).text
    context = browser.new_context(**SIZES[size])
    tab = context.new_page()
    tab.set_content(told)
    found = faults(tab)
    context.close()
    assert found == []


@pytest.mark.soak
def test_what_is_said_to_be_alike_is(rooms: Rooms) -> None:
    room = rooms.of(RoomState.CALM)
    shown = {kind: credential(room, kind) for kind in KINDS}

    def sent(path: str, kind: str, cookies: Mapping[str, str]) -> httpx.Response:
        host = room.here if kind == LOOPBACK else room.afar
        cookie = "; ".join(f"{name}={value}" for name, value in {**shown[kind], **cookies}.items())
        headers = {"Host": host.removeprefix("http://"), "Accept": "text/html", "Cookie": cookie}
        return httpx.get(room.here + path, headers=headers, timeout=60)

    def answer(page: Page, kind: str) -> tuple[int, str]:
        found = sent(page.address(room), kind, page.cookies(room))
        return found.status_code, OF_ANSWER.sub("", found.text).replace(room.here, "").replace(room.afar, "")

    def feed(kind: str) -> dict[str, Any]:
        told = sent("/feed/snapshot?audience=wall", kind, {}).json()
        return {name: told[name] for name in ("seq", "counts", "cards", "alarms", "lines")}

    for page in PAGES:
        for first, *others in page.alike:
            assert [kind for kind in others if answer(page, kind) != answer(page, first)] == [], page.name
            if page.route == "/wall":
                assert [kind for kind in others if feed(kind) != feed(first)] == []


def test_every_page_of_the_table_is_looked_at() -> None:
    table = routes()
    assert {page.route for page in PAGES} == {route for route in table if not NO_PAGES.fullmatch(route)}
    for page in PAGES:
        assert page.refuses or page.all_of(table) <= table[page.route] | {LINK}, page.name
        assert page.visitors(table) <= set(KINDS), page.name
        assert Shown.STALE in page.shows.keys() ^ page.unchanged.keys(), page.name
    for route in {page.route for page in PAGES}:
        shown = frozenset[str]().union(*(page.all_of(table) for page in PAGES if page.route == route))
        assert table[route] - PROGRAMS <= shown, route
