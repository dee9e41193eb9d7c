"""What opening a page costs: requests, bytes on the wire, and the time until it says that its data is live."""

import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bench.figures import keep, machine
from bench.room import fill, opened, served
from tests.services.browser import QUIET, program

# Live pages say so; the others are there when the network has been quiet.
PAGES = {"wall": "/wall", "desk": "/desk", "alarms": "/desk/alarms", "lead": "/lead", "form": "/lapor"}
LIVE = "html[data-freshness=live]"
PAGE_MS = 120_000
ROUNDS = 3


def run(*, size: int = 15_000) -> None:
    """Each page of a room with ``size`` open complaints, in a browser that was never here, then again in the same."""
    about, rows = machine(), list[dict[str, Any]]()
    with tempfile.TemporaryDirectory(prefix="liveroom-bench-") as folder:
        fill(opened(Path(folder)), size)
        with served(Path(folder)) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program(), args=QUIET)
            for name, path in PAGES.items():
                rounds = [_visits(browser, server.url + path, live=name != "form") for _ in range(ROUNDS)]
                for visit in ("cold", "warm"):
                    figures = {key: median(one[visit][key] for one in rounds) for key in rounds[0][visit]}
                    rows.append({"page": name, "visit": visit, "open": size, **figures})
            browser.close()
    keep("pages", rows, about)


def _visits(browser: Browser, url: str, *, live: bool) -> dict[str, dict[str, float]]:
    """The first visit, and the one after its service worker has what it keeps."""
    context = browser.new_context(locale="id-ID", viewport={"width": 1920, "height": 1080})
    try:
        return {visit: _visit(context, url, live=live) for visit in ("cold", "warm")}
    finally:
        context.close()


def _visit(context: BrowserContext, url: str, *, live: bool) -> dict[str, float]:
    page = context.new_page()
    asked, received = list[str](), list[float]()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.responseReceived", lambda said: _note(said, asked))
    wire.on("Network.loadingFinished", lambda said: received.append(said["encodedDataLength"]))
    page.goto(url, timeout=PAGE_MS)
    if live:
        page.wait_for_selector(LIVE, timeout=PAGE_MS)
    took = page.evaluate("performance.now()")
    requests, size = len(asked), sum(received)
    page.wait_for_load_state("networkidle", timeout=PAGE_MS)
    page.wait_for_timeout(3000)  # for what the service worker keeps of it
    page.close()
    return {"requests": requests, "kB": round(size / 1000), "live_s": round(took / 1000, 2)}


def _note(said: dict[str, Any], asked: list[str]) -> None:
    """A request that left the browser; what a service worker or the cache answered did not."""
    answer = said["response"]
    if answer["url"].startswith("http") and not (answer.get("fromServiceWorker") or answer.get("fromDiskCache")):
        asked.append(answer["url"])
