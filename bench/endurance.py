"""Lets one wall run for a long time at many events a second and tells how its memory grew (CR-104, CR-105, shortened).

The room is the scripted one, which grows no larger: what the page keeps beyond that would be a leak.
"""

import sys
import time
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import CDPSession, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.figures import RESULTS, keep, machine  # noqa: E402  the script's own folder comes first
from tests.services.browser import QUIET, program  # noqa: E402
from tests.wall.fake_room import fake_room  # noqa: E402

LIVE = "html[data-freshness=live]"
LIMIT_MB = 1.0
PER = 10_000


def look(session: CDPSession) -> dict[str, float]:
    """Heap after a collection in MB, nodes and listeners of the page."""
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    counters = session.send("Memory.getDOMCounters")
    return {"heap_mb": heap, "nodes": counters["nodes"], "listeners": counters["jsEventListeners"]}


def slope(samples: list[dict[str, float]], name: str) -> float:
    """Growth of that figure per PER events, by least squares."""
    xs, ys = [one["seq"] / PER for one in samples], [one[name] for one in samples]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((one - x) ** 2 for one in xs)
    return sum((one - x) * (other - y) for one, other in zip(xs, ys, strict=True)) / spread if spread else 0.0


def watched(minutes: float, warm: float, address: str, query: str) -> list[dict[str, float]]:
    """One wall for so many minutes after so many to warm up; a sample every half a minute."""
    samples = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program(), args=QUIET)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(f"{address}/wall?{query}")
        page.wait_for_selector(LIVE)
        session = page.context.new_cdp_session(page)
        page.wait_for_timeout(warm * 60_000)
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end:
            seq = int(page.evaluate("document.documentElement.dataset.seq"))
            samples.append({"seq": seq, **look(session)})
            click.echo(samples[-1])
            page.wait_for_timeout(30_000)
        browser.close()
    return samples


@click.command()
@click.option("--minutes", default=15.0, show_default=True)
@click.option("--warm", default=2.0, show_default=True)
@click.option("--events", default=50, show_default=True, help="a second")
@click.option("--query", default="", help="of the wall's address; none: all scenes take turns")
def main(minutes: float, warm: float, events: int, query: str) -> None:
    """Measure, print and write bench/results/endurance.json; fails when the heap grows faster than it may."""
    with fake_room("--events", str(events), "--steady", "--rate", "10") as room:
        samples = watched(minutes, warm, room.url, query)
    first, last = samples[0], samples[-1]
    row: dict[str, Any] = {
        "minutes": minutes,
        "events": int(last["seq"] - first["seq"]),
        "heap_mb": [round(first["heap_mb"], 2), round(last["heap_mb"], 2)],
        "heap_mb_per_10000_events": round(slope(samples, "heap_mb"), 3),
        "nodes": [first["nodes"], last["nodes"]],
        "listeners": [first["listeners"], last["listeners"]],
    }
    RESULTS.mkdir(exist_ok=True)
    keep("endurance", [row], {"machine": machine(), "query": query})
    if row["heap_mb_per_10000_events"] > LIMIT_MB:
        raise SystemExit(f"the heap grows by more than {LIMIT_MB} MB per {PER} events")


if __name__ == "__main__":
    main()
