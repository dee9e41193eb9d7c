"""How long a change takes from its commit to the frame that shows it, on a real server beside fifty protocol clients.

A wall follows a hundred new complaints a second and one emergency after the other. How late a change was on its glass,
counted or as a fresh mark, is what the wall itself tells; when alarms and figures were painted is watched in the page.
"""

import json
import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
from playwright.sync_api import Page, WebSocket, sync_playwright

from bench.figures import keep, machine, spread
from bench.posts import Load, Posting
from bench.room import complaint, served
from bench.screens import Wall
from tests.services.browser import QUIET
from tests.services.server import Server

ALARM_EVERY_S = 1.3
NOTE = """
window.noted = { seq: [], tasks: [] };
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.noted.tasks.push(duration);
}).observe({ type: "longtask" });
addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  const seq = Number(document.documentElement.dataset.seq);
  // After the frame: a timer set in it comes when it has been drawn.
  setTimeout(() => window.noted.seq.push([Date.now(), seq]), 0);
}).observe(document.documentElement, { attributeFilter: ["data-seq"] }));
"""


class Heard:
    """What went over the page's socket: every batch, and the lags that the wall tells of itself."""

    def __init__(self, page: Page) -> None:
        self.batches: list[dict[str, Any]] = []
        self.told: list[float] = []
        page.on("websocket", self._follow)

    def _follow(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._received)
        socket.on("framesent", self._sent)

    def _received(self, frame: str | bytes) -> None:
        if isinstance(frame, str) and frame.startswith('42/feed,["batch"'):
            self.batches.append(json.loads(frame.partition(",")[2])[1])

    def _sent(self, frame: str | bytes) -> None:
        if isinstance(frame, str) and '["report"' in frame[:40]:
            self.told += json.loads(frame[frame.index("[") :])[1].get("lags_ms", [])


def run(*, seconds: float = 60, rate: float = 100, clients: int = 50, scene: str = "map") -> None:
    """Show p50, p99 and the longest of changes, of alarms, of figures, and of the clients."""
    about = machine()
    with served() as server, sync_playwright() as playwright:
        key = server.last_word("source", "add", "live")
        wall = Wall(server.url, count=clients, source="live")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        page = browser.new_context(viewport={"width": 1920, "height": 1080}, bypass_csp=True).new_page()
        page.add_init_script(NOTE)
        heard = Heard(page)
        page.goto(f"{server.url}/wall?scene={scene}")
        page.wait_for_function("document.documentElement.dataset.freshness === 'live'", timeout=60_000)
        page.wait_for_timeout(3000)
        rows = _measured(server, key, page, heard, Load(**_load(server, key, rate, seconds)))
        rows.append({"what": "clients, from the receipt", **spread(wall.taken())})
        browser.close()
        wall.close()
    keep("paint", rows, {**about, "clients": clients, "events_a_second": rate, "scene": scene})


def _load(server: Server, key: str, rate: float, seconds: float) -> dict[str, Any]:
    common = {"url": server.url, "path": "/api/v1/complaints", "key": key, "name": "live"}
    return {**common, "rate": rate, "seconds": seconds, "spread": True}


def _measured(server: Server, key: str, page: Page, heard: Heard, load: Load) -> list[dict[str, Any]]:
    heard.batches.clear()
    heard.told.clear()
    page.evaluate("void (window.noted = { seq: [], tasks: [] })")
    posting, end, number = Posting(load), time.monotonic() + load.seconds, 0
    while time.monotonic() < end:
        _emergency(server, key, number)
        number += 1
        page.wait_for_timeout(ALARM_EVERY_S * 1000)
    posted = posting.finish()
    page.wait_for_timeout(4000)
    noted = page.evaluate("window.noted")
    alarms = [one for one in heard.batches if one.get("alarms")]
    others = [one for one in heard.batches if not one.get("alarms") and one["cards"]]
    return [
        {"what": "changes, as the wall tells", **spread([lag / 1000 for lag in heard.told])},
        {"what": "alarms", **spread(list(_lags(alarms, noted["seq"])))},
        {"what": "changes, in the figures", **spread(list(_lags(others, noted["seq"])))},
        {"what": "posts", **spread(posted.waits), "rate": round(posted.rate, 1)},
        {"what": "tasks over 50 ms", **spread([one / 1000 for one in noted["tasks"]])},
    ]


def _emergency(server: Server, key: str, number: int) -> None:
    """A complaint that raises a critical alarm."""
    body = complaint(number, name="fire") | {"category": "kebakaran"}
    headers = {"Authorization": f"Bearer {key}"}
    httpx.post(f"{server.url}/api/v1/complaints", json=body, headers=headers, timeout=30).raise_for_status()


def _lags(batches: list[dict[str, Any]], frames: list[list[float]]) -> Iterator[float]:
    """Seconds from the commit of each batch to the first frame that shows it, or a later one."""
    for batch in batches:
        logged = datetime.fromisoformat(batch["logged_at"]).timestamp()
        at = next((at for at, seq in frames if seq >= batch["to"]), None)
        if at is not None:
            yield at / 1000 - logged
