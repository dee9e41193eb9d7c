"""A room of a bench: a server in a folder of its own, and a fast way to fill one before it is served."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ingest.sources.api import parse_items
from liveroom.domain.complaints.intake import Report
from liveroom.room.bootstrap import OpenRoom, Start, open_room
from liveroom.runtime import Runtime
from liveroom.runtime.config import load_config
from liveroom.runtime.server.thread_mode import ThreadRuntime
from liveroom.runtime.time import system_now
from tests.services.server import ROOT, Server

AT_ONCE = 100


@contextmanager
def served(folder: Path | None = None, **env: str) -> Iterator[Server]:
    """A room on SQLite, served as anybody would; killed at the end."""
    with tempfile.TemporaryDirectory(prefix="liveroom-bench-") as fresh:
        server = Server(data=folder or Path(fresh), env=env, anew=True)
        server.start()
        try:
            yield server
        finally:
            server.kill()


def opened(folder: Path, runtime: Runtime | None = None) -> OpenRoom:
    """The real room in a folder, without a server; created if need be."""
    config = load_config(ROOT / "config.yaml", {"LIVEROOM_DATA_DIR": str(folder)})
    return open_room(config, runtime or ThreadRuntime(), Start(kind="real", city=config.city))


def fill(room: OpenRoom, count: int) -> None:
    """Let ``count`` complaints in, all over the city, a hundred a transaction."""
    source = room.sources.ensure("filled", None)
    (south, west), (north, east) = room.room.city.bounds
    kinds = tuple(room.room.city.categories)
    for first in range(0, count, AT_ONCE):
        rows = [
            complaint(n, place=(_between(south, north, n * 37 % 1009 / 1009), _between(west, east, n % 997 / 997)))
            | {"category": kinds[n % len(kinds)]}
            for n in range(first, min(count, first + AT_ONCE))
        ]
        reports = (replace(one, received_at=_earlier(n)) for n, one in enumerate(_reports(rows, room), first))
        room.room.accept_many(tuple(reports), source=source)


def complaint(number: int, *, place: tuple[float, float] = (-6.17, 106.63), name: str = "f") -> dict[str, Any]:
    """The body of one complaint."""
    return {"source_id": f"{name}-{number}", "category": "jalan_rusak", "lat": place[0], "lon": place[1]}


def _earlier(number: int) -> datetime:
    """A moment of the last 30 days."""
    return system_now() - timedelta(minutes=number * 7919 % 43_200)


def past(number: int) -> dict[str, Any]:
    """A complaint of the last 100 days; of ten, nine were closed a day after they came."""
    reported = system_now() - timedelta(days=1 + number * 37 % 997 / 10)
    closed = {"closed_at": (reported + timedelta(hours=20)).isoformat()} if number % 10 else {}
    return {**complaint(number, name="old"), "reported_at": reported.isoformat(), **closed}


def _between(low: float, high: float, share: float) -> float:
    return round(low + (high - low) * share, 5)


def _reports(rows: list[dict[str, Any]], room: OpenRoom) -> tuple[Report, ...]:
    parsed = parse_items(rows, room_now=room.room.now(), kind="real")
    reports = tuple(item for item in parsed if isinstance(item, Report))
    assert len(reports) == len(rows), parsed
    return reports
