"""A city with many open complaints: what its snapshot costs, and how long a wall that is opened now stays empty."""

import gc
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import sync_playwright
from sqlalchemy import event, select

from bench.control import Control
from bench.figures import keep, machine, spread
from bench.measuring import Measuring
from bench.posts import Load, Posting
from bench.process import resident_mb, samples, stalls
from bench.room import fill, opened, served
from display.feed import snapshot
from display.feed.blocks import BLOCKS
from display.feed.cards import cards_of
from display.feed.messages import Identity
from display.feed.snapshot import Snapshot, Snapshots
from liveroom.domain.requests import Command
from liveroom.log.event_log import read_head
from liveroom.log.schema import complaint
from liveroom.room.bootstrap import OpenRoom
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
    """One build, slice by slice, the second request that shares it, and the next one after one and 500 changes."""
    runtime, queries = Measuring(), list[str]()
    room = opened(folder, runtime)
    event.listen(room.room.log._engine, "before_cursor_execute", lambda *said: queries.append(said[2]))
    cards = cards_of(room.room.city.policy)
    snapshots = Snapshots(room.room.log, cards, Identity(build="bench", pack="bench"), runtime)
    gc.collect()
    gc.freeze()  # as a serving process does
    taken, built = _timed(runtime, snapshots)
    database, hub, asked = runtime.database, runtime.hub, len(queries)
    again, again_s = _timed(runtime, snapshots)
    assert again is taken
    snapshot.REUSED_FOR = 1
    after = {f"after_{changes} (cpu_ms)": _after(folder, runtime, snapshots, changes) for changes in (1, 500)}
    return {
        "cards": taken.cards,
        "built_s": round(built, 2),
        "cpu_s": round(sum(database.cpu) + sum(hub.cpu), 2),
        "db_slice_ms (cpu)": database.longest_ms(),
        "hub_slice_ms (cpu)": hub.longest_ms(),
        "queries": asked,
        "gzip_kb": len(taken.body) // 1000,
        "plain_kb": taken.size // 1000,
        "again_ms": round(again_s * 1000, 1),
        **after,
    }


def _change(room: OpenRoom, number: int) -> None:
    """So many complaints are looked into, scattered over all of them."""
    ids = room.room.log.read(lambda c: c.execute(select(complaint.c.id).order_by(complaint.c.id)).scalars().all())
    seq = room.room.log.read(read_head).seq
    for id_ in ids[:: max(1, len(ids) // number)][:number]:
        given = f"{number}-{id_}"
        room.room.execute(
            Command(command_id=given, name="claim", subject=id_, actor="bench", role="duty", seen_seq=seq)
        )


def _after(folder: Path, runtime: Measuring, snapshots: Snapshots, changes: int) -> str:
    """Processor time of the snapshot after so many changes, and the longest slices of database and hub."""
    _change(opened(folder), changes)
    _timed(runtime, snapshots)
    spent = sum(runtime.database.cpu) + sum(runtime.hub.cpu)
    return f"{spent * 1000:.0f}, slices {runtime.database.longest_ms()}, {runtime.hub.longest_ms()}"


def _timed(runtime: Measuring, snapshots: Snapshots) -> tuple[Snapshot, float]:
    """A snapshot for a wall, and the seconds it took."""
    runtime.begin()
    begun = time.perf_counter()
    return snapshots.of("wall", BLOCKS), time.perf_counter() - begun


def _served(server: Server, size: int) -> dict[str, Any]:
    key = server.last_word("source", "add", "live")
    pid, memory = server.process.pid, resident_mb(server.process.pid)
    row = {f"before_{name}": value for name, value in _beside(server, key, "before", lambda: None).items()}
    times = list[float]()
    row |= _beside(server, key, "live", lambda: times.extend((_fetched(server), _fetched(server))))
    row |= {"first_s": times[0], "second_s": times[1], "memory_mb": f"{memory} -> {resident_mb(pid)}"}
    return row | _wall(server, size)


def _beside(server: Server, key: str, name: str, work: Callable[[], None]) -> dict[str, Any]:
    """How long posts take, and how late the hub's ticks come, while ``work`` is done."""
    load = Load(url=server.url, path="/api/v1/complaints", key=key, name=name, rate=20, seconds=15)
    before, control, beside = samples(server.url), Control(), Posting(load)
    work()
    posted, idle, after = beside.finish(), spread(control.finish()), samples(server.url)
    waits = spread(posted.waits)
    return {
        "idle_p99_ms": idle["p99_ms"],
        "post_p50_ms": waits["p50_ms"],
        "post_p99_ms": waits["p99_ms"],
        "stalls": stalls(before, after),
    }


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
