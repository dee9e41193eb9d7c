"""Measures the map with every incident against Leaflet.markercluster and folium's MarkerCluster in one run."""

import functools
import http.server
import json
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import folium
from folium.plugins import MarkerCluster
from playwright.sync_api import Browser, Page, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.figures import RESULTS, machine, percentile  # noqa: E402  the script's own folder comes first

CHROMIUM = ("--no-sandbox", "--disable-gpu")
LONG_MS = 240_000
TWO_FRAMES = "new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => go(performance.now()))))"
LOCAL = {
    "leaflet.markercluster.js": "node_modules/leaflet.markercluster/dist/leaflet.markercluster.js",
    "leaflet.js": "static/vendor/leaflet/leaflet.js",
    "leaflet.css": "static/vendor/leaflet/leaflet.css",
}


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Files of the checkout, without a line for each; isolated, so that the page's clock is fine enough."""

    def end_headers(self) -> None:
        """Add what makes a page isolated."""
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def files() -> Iterator[str]:
    """The checkout over HTTP; gives the address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def folium_page(page: Page, address: str, n: int, folder: Path) -> Path:
    """Folium's own page with the same incidents, which the other page's script gives."""
    page.goto(f"{address}/bench/wall_pages/measure.html")
    rows = page.evaluate(f"import('./measure.js').then((module) => module.incidents({n}))")
    drawn = folium.Map(location=(-6.175, 106.65), zoom_start=13, tiles=None)
    drawn.options["maxZoom"] = 18  # without tiles nothing else says so, and the clusters need it
    group = MarkerCluster().add_to(drawn)
    for lat, lon, status in zip(rows["lat"], rows["lon"], rows["status"], strict=True):
        folium.Marker((lat, lon), tooltip=status).add_to(group)
    target = folder / "folium.html"
    drawn.save(str(target))
    return target


def from_here(route: Route) -> None:
    """Folium's libraries from the checkout; what it does not need for markers is not there."""
    name = route.request.url.rsplit("/", 1)[-1]
    if route.request.url.startswith(("file:", "http://127.0.0.1")):
        route.continue_()
    elif name in LOCAL:
        route.fulfill(path=str(ROOT / LOCAL[name]))
    else:
        route.abort()


def measured(page: Page, url: str) -> dict[str, Any]:
    """Navigation to painted, then frames and changes, in milliseconds."""
    page.goto(url, timeout=LONG_MS)
    end = time.monotonic() + LONG_MS / 1000
    while page.evaluate("window.ready ?? null") is None and time.monotonic() < end:
        page.wait_for_timeout(100)
    if page.evaluate("window.ready ?? null") is None:
        raise TimeoutError(url)
    run = page.evaluate("window.run()")
    return {"painted_ms": round(page.evaluate("window.ready"))} | {
        name: spread_ms(spans) for name, spans in run.items()
    }


def spread_ms(spans: list[float]) -> dict[str, float]:
    """p50, p99 and longest."""
    return {
        "p50": round(percentile(spans, 0.5), 3),
        "p99": round(percentile(spans, 0.99), 3),
        "max": round(max(spans), 2),
    }


CLUSTERED = """(n) => {
  const name = Object.keys(window).find((key) => key.startsWith("marker_cluster_"));
  const shown = document.querySelectorAll(".leaflet-marker-icon").length;
  return name !== undefined && window[name].getLayers().length === n && shown > 0 ? shown : 0;
}"""


def folium_painted(browser: Browser, address: str, n: int) -> dict[str, Any]:
    """Folium cannot change a marker of a page: navigation to two frames after all n are clustered and in the page."""
    with tempfile.TemporaryDirectory() as folder:
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        began = time.monotonic()
        target = folium_page(page, address, n, Path(folder))
        built = time.monotonic() - began
        page.route("**/*", from_here)
        page.goto(f"file://{target}", timeout=LONG_MS)
        painted = page.evaluate(TWO_FRAMES)
        shown = page.evaluate(CLUSTERED, n)
        size = target.stat().st_size
        page.close()
    if not shown:
        raise RuntimeError(f"folium's page does not show all {n}")
    return {"painted_ms": round(painted), "python_s": round(built, 1), "page_mb": round(size / 1e6, 1), "icons": shown}


def ours_and_theirs(browser: Browser, address: str, n: int) -> dict[str, Any]:
    """Both pages with n incidents."""
    found = {}
    for name in ("ours", "markercluster"):
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        found[name] = measured(page, f"{address}/bench/wall_pages/{name}.html?n={n}")
        page.close()
        click.echo(f"{name} {n}: {json.dumps(found[name])}")
    return found


@click.command()
@click.option("--incidents", default=100_000, show_default=True)
@click.option("--folium/--no-folium", "with_folium", default=True, help="Folium's page takes minutes to build.")
def main(incidents: int, with_folium: bool) -> None:
    """Measure, print and write bench/results/wall.json."""
    result: dict[str, Any] = {"machine": machine(), "incidents": incidents}
    with files() as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        for n in (1000, incidents // 10, incidents):
            found = ours_and_theirs(browser, address, n)
            if with_folium:
                found["folium"] = folium_painted(browser, address, n)
                found["folium_times_ours"] = round(found["folium"]["painted_ms"] / found["ours"]["painted_ms"], 1)
                click.echo(f"folium {n}: {json.dumps(found['folium'])}, {found['folium_times_ours']} times ours")
            result[f"at_{n}"] = found
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "wall.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
