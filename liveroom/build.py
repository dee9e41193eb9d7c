"""The build: sorts by time, changes with every file that shapes what a screen shows."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("liveroom", "display", "static", "templates")
SUFFIXES = (".py", ".js", ".css", ".html")


def build_of(root: Path = ROOT) -> str:
    """``YYYYMMDDTHHMMSSZ-xxxxxxxx``: time of the newest file, and a hash of them all."""
    files = sorted(p for part in PARTS for p in (root / part).rglob("*") if p.suffix in SUFFIXES)
    newest = max((p.stat().st_mtime for p in files), default=0.0)
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{datetime.fromtimestamp(newest, UTC):%Y%m%dT%H%M%SZ}-{digest.hexdigest()[:8]}"
