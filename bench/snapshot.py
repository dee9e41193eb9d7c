"""A city with many open complaints: what its snapshot costs, and how long a wall that is opened now stays empty."""

import gzip
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import sync_playwright
from sqlalchemy import event

from bench.figures import keep, machine, spread
from bench.measuring import Measuring
from bench.posts import Load, Posting
from bench.process import resident_mb, samples, stalls
from bench.room import fill, opened, served
from display.feed.cards import AUDIENCES, Cards
from display.feed.identity import Identity
from display.feed.snapshot import Snapshots
from tests.services.browser import QUIET
from tests.services.server import Server
from tests.services.wait import until

SIZES = (15_000, 100_000)
PAGE_S = 120


def run(*, sizes: tuple[int, ...] = SIZES) -> None:
    """Each size in a room of its own: built in this process, then served to a client, a wall, and beside posts."""
    about, inside, outside = machine(), list[dict[str, Any]](), list[dict[str, Any]]()
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="liveroom-bench-") as folder:
            begun = time.monotonic()
            fill(opened(Path(folder)), size)
            filled = time.monotonic() - begun
            inside.append({"open": size, "filled_s": round(filled, 1), **_built(Path(folder))})
            with served(Path(folder)) as server:
                outside.append({"open": size, **_served(server, size)})
    keep("snapshot_built", inside, about)
    keep("snapshot_served", outside, about)


def _built(folder: Path) -> dict[str, Any]:
    """One build, slice by slice, and the second request that shares it."""
    runtime, queries = Measuring(), list[str]()
    room = opened(folder, runtime)
    event.listen(room.room.log._engine, "before_cursor_execute", lambda *said: queries.append(said[2]))
    cards = {audience: Cards(room.room.city.policy, audience) for audience in AUDIENCES}
    snapshots = Snapshots(room.room.log, cards, Identity(build="bench", pack="bench"), runtime)
    runtime.begin()
    begun = time.perf_counter()
    taken = snapshots.of("wall")
    built, database, hub, asked = time.perf_counter() - begun, max(runtime.database), max(runtime.hub), len(queries)
    begun = time.perf_counter()
    assert snapshots.of("wall") is taken
    return {
        "cards": taken.cards,
        "built_s": round(built, 2),
        "db_slice_ms": round(database * 1000, 1),
        "hub_slice_ms": round(hub * 1000, 1),
        "queries": asked,
        "gzip_kb": len(taken.body) // 1000,
        "plain_kb": taken.size // 1000,
        "again_ms": round((time.perf_counter() - begun) * 1000, 1),
        "gzip_again_kb": len(gzip.compress(b"".join(taken.plain()), 1)) // 1000,
    }


def _served(server: Server, size: int) -> dict[str, Any]:
    key = server.last_word("source", "add", "live")
    pid, before, memory = server.process.pid, samples(server.url), resident_mb(server.process.pid)
    load = Load(url=server.url, path="/api/v1/complaints", key=key, name="live", rate=20, seconds=15)
    beside = Posting(load)
    first, second = _fetched(server), _fetched(server)
    posted, after = beside.finish(), samples(server.url)
    row: dict[str, Any] = {"first_s": first, "second_s": second, "memory_mb": f"{memory} -> {resident_mb(pid)}"}
    row |= {f"post_{key}": value for key, value in spread(posted.waits).items()} | {"stalls": stalls(before, after)}
    return row | _wall(server, size)


def _fetched(server: Server) -> float:
    begun = time.monotonic()
    httpx.get(f"{server.url}/feed/snapshot", timeout=120).raise_for_status()
    return round(time.monotonic() - begun, 2)


def _wall(server: Server, size: int) -> dict[str, Any]:
    """From the address typed to a wall that shows them all and calls itself live."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        begun = time.monotonic()
        page.goto(f"{server.url}/wall")
        html = page.locator("html")
        until(lambda: html.get_attribute("data-freshness") == "live", within=PAGE_S, why="the wall to be live")
        until(lambda: int(html.get_attribute("data-waiting") or 0) >= size, within=PAGE_S, why="all to be shown")
        usable = time.monotonic() - begun
        browser.close()
    return {"wall_usable_s": round(usable, 2)}
