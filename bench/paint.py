"""How long a change takes from its commit to the frame that shows it, at many events a second; told by the wall itself.

An ordinary change waits for the figures' pace of one a second (CR-87); an alarm waits for the next frame.
"""

import shutil
import sys
import time
from pathlib import Path
from typing import Any

import click
import httpx
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.figures import RESULTS, keep, machine, percentile  # noqa: E402  the script's own folder comes first
from bench.golden import CHROMIUM, fake_room, painted  # noqa: E402

WATCH = """() => {
  window.tasks = []; window.alarms = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
  const tell = () => window.alarms.push(Date.now());
  new MutationObserver(tell).observe(document.documentElement, { attributeFilter: ["data-alarms"] });
}"""  # noqa: E501  one expression of the page's


def alarms(page: Page, address: str, seconds: float) -> list[float]:
    """Raise and acknowledge one alarm again and again; ms from each order to the page's word of it."""
    lags, end, n = [], time.monotonic() + seconds, 0
    while time.monotonic() < end:
        n += 1
        alarm = {
            "id": "critical:1",
            "of": 0,
            "kind": "critical",
            "priority": 1,
            "state": "unacked" if n % 2 else "acked",
        }
        told = time.time() * 1000
        httpx.post(f"{address}/fake/order", json={"alarms": [alarm]}).raise_for_status()
        page.wait_for_timeout(700)
        seen = page.evaluate("window.alarms.at(-1) ?? null")
        if seen is not None and seen >= told:
            lags.append(seen - told)
    return lags


@click.command()
@click.option("--events", default=100, show_default=True, help="a second")
@click.option("--seconds", default=60.0, show_default=True)
@click.option("--room", default="sketch", show_default=True, help="of the scripted rooms, such as 15000")
def main(events: int, seconds: float, room: str) -> None:
    """Measure, print and write bench/results/paint.json."""
    with fake_room("--events", str(events), "--steady", "--scene", room) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(f"{address}/wall?scene=board")
        painted(page, "live")
        page.evaluate(WATCH)
        waited = alarms(page, address, seconds)
        tasks = page.evaluate("window.tasks")
        told = httpx.get(f"{address}/fake/lags").json()
        browser.close()
    row: dict[str, Any] = {
        "events_a_second": events,
        "ordinary_ms_p50": percentile(told, 0.5),
        "ordinary_ms_p99": percentile(told, 0.99),
        "ordinary_n": len(told),
        "alarm_ms_p50": round(percentile(waited, 0.5)),
        "alarm_ms_p99": round(percentile(waited, 0.99)),
        "alarm_n": len(waited),
        "tasks_over_50_ms": len(tasks),
        "longest_task_ms": round(max(tasks, default=0)),
    }
    RESULTS.mkdir(exist_ok=True)
    keep("paint", [row], {"machine": machine(), "room": room})


if __name__ == "__main__":
    main()
