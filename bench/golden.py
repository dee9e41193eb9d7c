"""Renders the named states of tests/browser/golden under docs/pictures, with the room's clock standing still."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import click
import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
STATES = ROOT / "tests" / "browser" / "golden"
PICTURES = ROOT / "docs" / "pictures"
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--force-color-profile=srgb")
PATIENCE_S = 40
COLOURS = 160


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def fake_room(*words: str) -> Iterator[str]:
    """The fake feed with those options; gives its address. Raises TimeoutError when it does not come up."""
    port = free_port()
    node = subprocess.Popen(["node", "tests/browser/fake_feed.mjs", "--port", str(port), *words], cwd=ROOT)
    try:
        yield answering(f"http://127.0.0.1:{port}")
    finally:
        node.terminate()
        node.wait(10)


def answering(address: str) -> str:
    """The address, once it answers."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            httpx.get(f"{address}/healthz", timeout=1)
            return address
        except httpx.TransportError:
            time.sleep(0.2)
    raise TimeoutError(address)


def painted(page: Page, freshness: str) -> None:
    """Wait until the page says so of itself and its scene has had time to fade in."""
    end = time.monotonic() + PATIENCE_S
    while page.evaluate("document.documentElement.dataset.freshness") != freshness:
        if time.monotonic() > end:
            raise TimeoutError(freshness)
        page.wait_for_timeout(200)
    page.wait_for_timeout(2000)


def shoot(browser: Browser, address: str, state: dict[str, object], shot: str) -> bytes:
    """One picture: ``shot`` is scene, size and, where given, more of the address, or vision=KIND, as others see it."""
    scene, size, *more = shot.split(" ")
    width, height = (int(side) for side in size.split("x"))
    seen = [word.removeprefix("vision=") for word in more if word.startswith("vision=")]
    told = [word for word in more if not word.startswith("vision=")]
    query = "&".join([f"scene={scene}", *(["drill"] if state.get("drill") else []), *told])
    page = browser.new_page(viewport={"width": width, "height": height})
    for kind in seen:
        page.context.new_cdp_session(page).send("Emulation.setEmulatedVisionDeficiency", {"type": kind})
    page.goto(f"{address}/wall?{query}")
    painted(page, "live")
    if state.get("mute"):
        httpx.get(f"{address}/fake/mute")
        painted(page, "lost")
        httpx.get(f"{address}/fake/speak")
    picture = page.screenshot()
    page.close()
    return picture


def named(word: str) -> bool:
    """Whether a word of a shot is part of its file's name."""
    return word.startswith(("vision=", "panels="))


def store(name: str, shot: str, picture: bytes) -> None:
    """Under the state's name, scene, size and what else it is; in fewer colours."""
    scene, size, *more = shot.split(" ")
    parts = [
        name,
        scene,
        *([] if size == "1920x1080" else [size]),
        *(word.split("=")[-1] for word in more if named(word)),
    ]
    target = PICTURES / f"{'-'.join(parts)}.png"
    whole = Image.open(BytesIO(picture)).convert("RGB")
    whole.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    click.echo(target.relative_to(ROOT))


@click.command()
@click.argument("names", nargs=-1)
def main(names: Sequence[str]) -> None:
    """Render all states, or those NAMED."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        for name in names or sorted(path.stem for path in STATES.glob("*.json")):
            state = json.loads((STATES / f"{name}.json").read_text())
            with fake_room("--golden", name) as address:
                for shot in state["shots"]:
                    store(name, shot, shoot(browser, address, state, shot))


if __name__ == "__main__":
    sys.exit(main())
