"""How many complaints a second the room takes, one a request, against the least that could take them."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.figures import keep, machine, spread
from bench.posts import Load, Posting
from bench.process import cpu_s
from bench.room import served
from tests.services.process import Process, free_port, listening
from tests.services.server import ROOT
from tests.services.wait import until

ROUNDS = 3


def run(*, seconds: float = 10, width: int = 16) -> None:
    """Room and peer in turn, three times; the ratio is of the medians."""
    about, rows = machine(), list[dict[str, Any]]()
    with served() as server, tempfile.TemporaryDirectory() as folder:
        key = server.last_word("source", "add", "live")
        peer, address = _peer(Path(folder))
        for round_ in range(ROUNDS):
            for who, pid, url, path in (
                ("room", server.process.pid, server.url, "/api/v1/complaints"),
                ("peer", peer.pid, address, "/complaints"),
            ):
                load = Load(url=url, path=path, key=key, name=f"r{round_}", rate=0, seconds=seconds, width=width)
                rows.append(_measured(who, pid, load))
        peer.end()
    keep("intake", [*rows, _ratio(rows)], about)


def _peer(folder: Path) -> tuple[Process, str]:
    port = free_port()
    peer = Process([sys.executable, "-m", "bench.peer", str(port), str(folder / "peer.db")], log=folder / "log")
    peer.start(cwd=ROOT)
    until(lambda: listening(port), why="the peer to listen")
    return peer, f"http://127.0.0.1:{port}"


def _measured(who: str, pid: int, load: Load) -> dict[str, Any]:
    cpu = cpu_s(pid)
    posted = Posting(load).finish()
    row = {"who": who, "per_s": round(posted.rate), "statuses": posted.statuses, **spread(posted.waits)}
    return row | {"cpu_ms_each": round((cpu_s(pid) - cpu) / max(1, len(posted.waits)) * 1000, 2)}


def _ratio(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    median = {who: sorted(row["per_s"] for row in rows if row["who"] == who)[ROUNDS // 2] for who in ("room", "peer")}
    return {"who": "room / peer", "per_s": round(median["room"] / median["peer"], 2)}
