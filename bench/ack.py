"""From the key at an alarm desk to the steady symbol everywhere (CR-14): desk, wall and 50 protocol clients.

Each round one emergency comes in, both pages show it flashing, the operator presses A; `pressed` is the desk's own
answer to the key, `wall` when the wall has no unacknowledged alarm left, `clients` when the last of the fifty has it.
"""

import multiprocessing
import selectors
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from bench.figures import keep, machine, spread
from bench.room import served
from bench.screens import Screen
from tests.rooms.alarm_room import NOON, AlarmRoom
from tests.services.browser import QUIET
from tests.services.wait import until

NOTE = """
window.noted = {};
const page = document.documentElement;
const now = () => performance.timeOrigin + performance.now();
addEventListener("keydown", (event) => { if (event.key === "a") window.noted.key = now(); }, true);
new MutationObserver(() => {
  if (page.dataset.alarms === "0") window.noted.steady ??= now();
  if (document.querySelector('[data-order="sending"]')) window.noted.pressed ??= now();
}).observe(page, { attributes: true, subtree: true, attributeFilter: ["data-alarms", "data-order"] });
"""


class Client(Screen):
    """A websocket that notes when it first heard that an alarm is acknowledged."""

    def _message(self, text: str, now: float) -> None:
        if '"state":"acked"' in text:
            self.late.append(now)
        super()._message(text, now)


def run(rounds: int = 200, clients: int = 50) -> None:
    """Show p50, p99 and the longest of each."""
    about = machine()
    with tempfile.TemporaryDirectory(prefix="liveroom-ack-") as folder:
        line = Path(folder) / "time"
        line.write_text(NOON + "\n")
        with served(Path(folder), LIVEROOM_TIME_FILE=str(line)) as server:
            found = _rounds(AlarmRoom(server, line), rounds, clients)
    rows = [{"from the key to": name, **spread([one[name] / 1000 for one in found])} for name in found[0]]
    keep("ack", rows, {**about, "clients": clients})


def _rounds(room: AlarmRoom, rounds: int, clients: int) -> list[dict[str, float]]:
    """All rounds with the same two pages and the same clients."""
    here, there = multiprocessing.Pipe()
    listening = (room.server.port, clients, there)
    child = multiprocessing.get_context("spawn").Process(target=_listen, args=listening, daemon=True)
    child.start()
    here.recv()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(QUIET))
        desk, wall = (_opened(browser, f"{room.url}/{path}") for path in ("desk/alarms", "wall?scene=map"))
        _sit(desk)
        found = [_round(room, desk, wall, here, number) for number in range(rounds)]
        browser.close()
    here.send("end")
    return found


def _opened(browser: Any, url: str) -> Page:
    context = browser.new_context(locale="id-ID", viewport={"width": 1920, "height": 1080}, bypass_csp=True)
    page: Page = context.new_page()
    page.goto(url)
    page.wait_for_function("document.documentElement.dataset.freshness === 'live'", timeout=60_000)
    page.evaluate(NOTE)
    return page


def _sit(page: Page) -> None:
    """Say at the desk who sits there."""
    page.click('[data-act="person"]')
    page.fill('[name="actor"]', "Sari")
    page.click('dialog[open] button[value="yes"]')


def _round(room: AlarmRoom, desk: Page, wall: Page, pipe: Connection, number: int) -> dict[str, float]:
    moment = datetime.fromisoformat(NOON).astimezone(UTC) + timedelta(minutes=2 * number)
    room.at(moment.isoformat())
    until(lambda: _hands(room) >= moment, why="the room to be at its new time")
    (id_,) = room.receive(f"ack-{number}")
    for page in (desk, wall):
        page.wait_for_function("document.documentElement.dataset.alarms === '1'", timeout=20_000)
        page.evaluate("void (window.noted = {})")
    pipe.send("forget")
    pipe.recv()
    desk.keyboard.press("a")
    for page in (desk, wall):
        page.wait_for_function("window.noted.steady !== undefined", timeout=20_000)
    at, seen = desk.evaluate("window.noted"), wall.evaluate("window.noted")
    pipe.send("last")
    last = pipe.recv() * 1000
    _reject(room, id_, number)
    return {"pressed": at["pressed"] - at["key"], "wall": seen["steady"] - at["key"], "clients": last - at["key"]}


def _hands(room: AlarmRoom) -> datetime:
    """The room's time as its database has it."""
    with closing(sqlite3.connect(room.server.data / "test.db")) as database:
        (base,) = database.execute("select room_base from head").fetchone()
    return datetime.fromtimestamp(base / 1e6, UTC)


def _reject(room: AlarmRoom, id_: str, number: int) -> None:
    """End the complaint, and its alarm with it, so that the next round stands alone."""
    seen = room.alarms()[f"critical:{id_}"]["seq"]
    body = {"command_id": f"end-{number}", "seen_seq": seen, "actor": "rina", "role": "duty", "reason": "selesai"}
    answer = httpx.post(f"{room.url}/api/v1/complaints/{id_}/reject", json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    until(lambda: not room.alarms(), why="no alarm left")


def _listen(port: int, count: int, pipe: Connection) -> None:
    """The clients' process: told to forget, asked when the last of them heard of the acknowledgement."""
    screens = [Client("127.0.0.1", port, "none") for _ in range(count)]
    with selectors.DefaultSelector() as waiting:
        for screen in screens:
            waiting.register(screen.socket, selectors.EVENT_READ, screen)
        waiting.register(pipe, selectors.EVENT_READ, None)
        pipe.send("here")
        word = ""
        while word != "end":
            found = [key.data for key, _ in waiting.select()]
            for screen in filter(None, found):
                screen.read()
            word = _answer(pipe, screens, pipe.recv() if None in found else word)


def _answer(pipe: Connection, screens: list[Client], word: str) -> str:
    """What is still asked afterwards."""
    if word == "forget":
        for screen in screens:
            screen.late.clear()
        pipe.send("done")
        return ""
    if word == "last" and all(screen.late for screen in screens):
        pipe.send(max(screen.late[0] for screen in screens))
        return ""
    return word
