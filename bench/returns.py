"""Kills a wall's feed many times at random moments and watches it every tenth of a second (CR-44, CR-50, CR-51).

Never may the page say live while the newest beat that it can have heard is older than the rule allows, and every time
it must come back by itself with the counts of the server.
"""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import httpx
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.figures import RESULTS, keep, machine, percentile  # noqa: E402  the script's own folder comes first
from tests.services.browser import QUIET, program  # noqa: E402
from tests.wall.fake_room import fake_room  # noqa: E402

LIVE = "html[data-freshness=live]"
DELAYED_S = 5.0
BEAT_S = 1.0
SLACK_S = 0.6
PATIENCE_S = 30.0
LONGEST_S = 8.0
STATE = """(({ freshness, seq, waiting }) => ({ freshness, seq: Number(seq || -1), waiting }))(
  document.documentElement.dataset
)"""


def cut(address: str, chance: random.Random) -> Callable[[], object]:
    """Lose the feed in one of four ways; gives what ends the loss."""
    way = chance.choice(["mute", "drop", "shut", "bye"])
    httpx.get(f"{address}/fake/{way}")
    if way == "shut":
        httpx.get(f"{address}/fake/epoch")
        httpx.get(f"{address}/fake/drop")
    back = {"mute": "speak", "shut": "open"}.get(way)
    return lambda: back and httpx.get(f"{address}/fake/{back}")


def one_loss(page: Page, address: str, chance: random.Random) -> tuple[float, int]:
    """One loss of random length; gives the seconds until it was live again, and how often it lied."""
    lies, began = 0, time.monotonic()
    mend = cut(address, chance)
    silent = chance.uniform(0.2, LONGEST_S)
    while time.monotonic() - began < silent:
        said = page.evaluate(STATE)["freshness"]
        lies += said == "live" and time.monotonic() - began > DELAYED_S + BEAT_S + SLACK_S and mute(address)
        page.wait_for_timeout(100)
    mend()
    mended = time.monotonic()
    while not current(page, address):
        if time.monotonic() - mended > PATIENCE_S:
            raise TimeoutError("the wall did not come back")
        page.wait_for_timeout(100)
    return time.monotonic() - mended, lies


def mute(address: str) -> bool:
    """Whether the room says nothing now: only then is every page's data getting older."""
    return bool(httpx.get(f"{address}/fake/muted").json())


def current(page: Page, address: str) -> bool:
    """Whether the page is live and shows what the server's snapshot says."""
    said = page.evaluate(STATE)
    if said["freshness"] != "live":
        return False
    body = httpx.get(f"{address}/feed/snapshot")
    if not body.is_success or body.json()["seq"] > said["seq"]:
        return False
    return str(sum(status == "waiting" for status in body.json()["cards"]["status"])) == said["waiting"]


@click.command()
@click.option("--times", default=100, show_default=True)
@click.option("--seed", default=7, show_default=True)
def main(times: int, seed: int) -> None:
    """Measure, print and write bench/results/returns.json; fails when the page lied once."""
    chance = random.Random(seed)
    with fake_room("--events", "0.5") as room, sync_playwright() as play:
        address = room.url
        browser = play.chromium.launch(executable_path=program(), args=QUIET)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(f"{address}/wall?scene=map")
        page.wait_for_selector(LIVE)
        page.evaluate("window.notReloaded = true")
        found = [one_loss(page, address, chance) for _ in range(times)]
        stayed = page.evaluate("window.notReloaded === true")
        browser.close()
    spans = [span for span, _ in found]
    row: dict[str, Any] = {
        "losses": times,
        "back_s_p50": round(percentile(spans, 0.5), 2),
        "back_s_max": round(max(spans), 2),
        "lies": sum(lies for _, lies in found),
        "same_page": stayed,
    }
    RESULTS.mkdir(exist_ok=True)
    keep("returns", [row], {"machine": machine(), "seed": seed})
    if row["lies"] or not stayed:
        raise SystemExit("the page said live of data that was too old, or did not come back by itself")


if __name__ == "__main__":
    main()
