"""What a complaint costs, one a request: alone and sixteen at the same time, against the least that could take it."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from statistics import median as median_of
from typing import Any

from bench.figures import keep, machine, spread
from bench.posts import Load, Posting
from bench.process import cpu_s
from bench.room import served
from tests.services.process import Process, free_port, listening
from tests.services.server import ROOT
from tests.services.wait import until

ROUNDS = 3
# Requests at the same time: one alone, and as many as share commits.
WIDTHS = (1, 16)


def run(*, seconds: float = 10) -> None:
    """Room and peer in turn, three times at each width; the ratios are of the medians."""
    about, rows = machine(), list[dict[str, Any]]()
    with served() as server, tempfile.TemporaryDirectory() as folder:
        key = server.last_word("source", "add", "live")
        peer, address = _peer(Path(folder))
        for width, round_ in product(WIDTHS, range(ROUNDS)):
            for who, pid, url, path in (
                ("room", server.process.pid, server.url, "/api/v1/complaints"),
                ("peer", peer.pid, address, "/complaints"),
            ):
                name = f"w{width}r{round_}"
                load = Load(url=url, path=path, key=key, name=name, rate=0, seconds=seconds, width=width)
                rows.append({"who": who, "width": width, **_measured(pid, load)})
        peer.end()
    keep("intake", [*rows, *(_ratio(rows, width) for width in WIDTHS)], about)


def _peer(folder: Path) -> tuple[Process, str]:
    port = free_port()
    peer = Process([sys.executable, "-m", "bench.peer", str(port), str(folder / "peer.db")], log=folder / "log")
    peer.start(cwd=ROOT)
    until(lambda: listening(port), why="the peer to listen")
    return peer, f"http://127.0.0.1:{port}"


def _measured(pid: int, load: Load) -> dict[str, Any]:
    cpu = cpu_s(pid)
    posted = Posting(load).finish()
    row = {"per_s": round(posted.rate), "statuses": posted.statuses, **spread(posted.waits)}
    return row | {"cpu_ms_each": round((cpu_s(pid) - cpu) / max(1, len(posted.waits)) * 1000, 2)}


def _ratio(rows: Sequence[Mapping[str, Any]], width: int) -> dict[str, Any]:
    def median(who: str, what: str) -> float:
        return median_of(row[what] for row in rows if row["who"] == who and row["width"] == width)

    ratios = {what: round(median("room", what) / median("peer", what), 2) for what in ("per_s", "cpu_ms_each")}
    return {"who": "room / peer", "width": width, **ratios}
