"""How smoothly a wall and a desk play a day: frames of Chromium while a drill's morning passes at 600 and 3600 times.

The drill lives its day first, an hour a second; then it is served anew at the room's own pace.
"""

import shutil
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, sync_playwright

from bench.figures import keep, machine, percentile
from liveroom.domain.timestamps import from_text, to_text
from tests.services.browser import QUIET
from tests.services.server import Server

NOTE = """
window.frames_ = []; window.tasks = [];
let last = 0;
const frame = (at) => { if (last) frames_.push(at - last); last = at; requestAnimationFrame(frame); };
requestAnimationFrame(frame);
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) tasks.push(duration);
}).observe({ type: "longtask" });
"""
WHOLE = 'html[data-freshness="recorded"]:not([data-seq=""])'
# Of a frame of 60 a second.
LATE_MS = 17.5


def run(*, hours: int = 8, seconds: float = 6) -> None:
    """Show p50, p95 and the longest frame, and how many were late, of each page and speed."""
    about = machine()
    with tempfile.TemporaryDirectory(prefix="liveroom-bench-") as folder, sync_playwright() as playwright:
        start = _lived(Path(folder), timedelta(hours=hours))
        server = Server("--drill", "--speed", "1", data=Path(folder), env={}, anew=True).start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        at = to_text(start + timedelta(minutes=30))
        pages = (("/wall?scene=map&", 0), ("/wall?scene=map&", 600), ("/wall?scene=map&", 3600), ("/desk?", 3600))
        try:
            rows = [_played(browser, f"{server.url}{page}at={at}", speed, seconds) for page, speed in pages]
        finally:
            browser.close()
            server.kill()
    keep("day_replay", rows, {**about, "hours": hours})


def _lived(folder: Path, span: timedelta) -> datetime:
    """Let a drill's day pass at an hour a second; room time at which it began."""
    server = Server("--drill", "--speed", "3600", "--from", "06:00", data=folder, env={}, anew=True).start()
    try:
        start = now = _room_time(server)
        while now - start < span:
            time.sleep(0.5)
            now = _room_time(server)
    finally:
        server.stop()
    return start


def _room_time(server: Server) -> datetime:
    return from_text(httpx.get(f"{server.url}/feed/snapshot", timeout=30).json()["at"])


def _played(browser: Browser, address: str, speed: int, seconds: float) -> dict[str, Any]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, service_workers="block")
    page = context.new_page()
    page.add_init_script(NOTE)
    # A wall goes back to now at each new alarm, once its server answers: here it never learns that.
    page.route("**/healthz", lambda route: route.abort())
    page.goto(address + (f"&speed={speed}" if speed else ""))
    page.wait_for_selector(WHOLE)
    before = page.evaluate("frames_.length")
    page.wait_for_timeout(seconds * 1000)
    frames, tasks = page.evaluate("frames_")[before:], page.evaluate("tasks")
    context.close()
    return {
        "page": address.partition("?")[0].rpartition("/")[2],
        "speed": speed,
        "frames_a_second": round(len(frames) / seconds, 1),
        "p50_ms": round(percentile(frames, 0.50), 1),
        "p95_ms": round(percentile(frames, 0.95), 1),
        "p99_ms": round(percentile(frames, 0.99), 1),
        "max_ms": round(max(frames), 1),
        "late": f"{sum(one > LATE_MS for one in frames)} of {len(frames)}",
        "long_tasks": len(tasks),
    }
