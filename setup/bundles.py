"""Makes the bundles that the pages load, in static/build; again when what they are made of has changed."""

import shutil
import sys
from pathlib import Path

from setup.browser_files import VENDOR
from setup.node import BIN, system_node
from setup.step import ROOT, Step, StepFailed, command

BUILD = ROOT / "static" / "build"
BUILDER = Path(__file__).with_name("bundles.mjs")
PAGES = ROOT / "display" / "pages" / "assets.json"


def bundles() -> Step:
    """static/build, of the page's scripts and styles and the libraries in static/vendor."""
    sources = sorted(path for folder in ("js", "css") for path in (ROOT / "static" / folder).rglob("*.*"))
    return Step(
        says="scripts and styles of the pages into static/build",
        inputs=(*sources, PAGES, BUILDER, VENDOR / ".setup"),
        also=sys.version,
        stamp=BUILD / ".setup",
        act=_build,
        remedy="remove static/build and node_modules and run again",
    )


def _build() -> None:
    found = shutil.which("node") if system_node() else str(BIN / "node")
    if found is None:
        raise StepFailed("node is not on the PATH")
    command(found, BUILDER)
