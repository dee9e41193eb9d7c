"""Copies what the pages load from node_modules to static/vendor: the room serves every byte itself."""

import shutil
from pathlib import Path

from setup.step import ROOT, Step, StepFailed

MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"

# package -> (target folder under static/vendor, patterns under the package); a pattern keeps its folder below "dist/".
COPIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "leaflet": (
        "leaflet",
        ("dist/leaflet.js", "dist/leaflet-src.esm.js", "dist/leaflet.css", "dist/images/*.png", "LICENSE"),
    ),
    "idb": ("idb", ("build/index.js", "LICENSE")),
    "socket.io-client": ("socket.io-client", ("dist/socket.io.esm.min.js", "LICENSE")),
    # Of the same hands and under the same licence, which only the second brings along.
    "pmtiles": ("protomaps", ("dist/pmtiles.js",)),
    "protomaps-leaflet": ("protomaps", ("dist/protomaps-leaflet.js", "LICENSE")),
    "@fontsource-variable/ibm-plex-sans": (
        "ibm-plex-sans",
        ("standard.css", "files/*-standard-normal.woff2", "LICENSE"),
    ),
}


def browser_files() -> Step:
    """static/vendor anew; again when package-lock.json or this file changes."""
    return Step(
        says="browser files into static/vendor",
        inputs=(ROOT / "package-lock.json", Path(__file__)),
        stamp=VENDOR / ".setup",
        act=copy_all,
        remedy="remove node_modules and run again",
    )


def copy_all() -> None:
    """Empty static/vendor and fill it. Raises StepFailed when a package lacks a file that the pages load."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for package, (folder, patterns) in COPIES.items():
        for pattern in patterns:
            _copy(MODULES / package, pattern, VENDOR / folder)


def _copy(package: Path, pattern: str, target: Path) -> None:
    found = sorted(package.glob(pattern))
    if not found:
        raise StepFailed(f"{package.name} has no {pattern}")
    for file in found:
        placed = target / file.relative_to(package).as_posix().removeprefix("dist/")
        placed.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, placed)
