"""The memory of a server over half an hour of a drill at ten times its speed, with screens that follow it."""

import statistics
import tempfile
import time
from pathlib import Path

from bench.figures import keep, machine
from bench.process import resident_mb, samples
from bench.screens import Wall
from tests.services.server import Server

SCREENS = 20
EVERY_S = 10.0


def run(*, minutes: float = 30, warm: float = 5) -> None:
    """Warm up, then look every ten seconds; what counts is the median of the first tenth and of the last."""
    about, seen = machine(), list[float]()
    with tempfile.TemporaryDirectory(prefix="liveroom-memory-") as folder:
        server = Server("--drill", "--speed", "10", "--from", "07:00", data=Path(folder), env={}, anew=True).start()
        wall = Wall(server.url, count=SCREENS, source="")
        try:
            time.sleep(warm * 60)
            before, end = samples(server.url), time.monotonic() + minutes * 60
            while time.monotonic() < end:
                seen.append(resident_mb(server.process.pid))
                time.sleep(EVERY_S)
            after = samples(server.url)
        finally:
            wall.close()
            server.kill()
    tenth = max(1, len(seen) // 10)
    first, last = statistics.median(seen[:tenth]), statistics.median(seen[-tenth:])
    row = {
        "minutes": minutes,
        "screens": SCREENS,
        "events": int(after["liveroom_tail_seq"] - before["liveroom_tail_seq"]),
        "rss_mb": f"{first:.1f} -> {last:.1f}, at most {max(seen):.1f}",
        "grown": f"{(last / first - 1) * 100:.1f} %",
    }
    keep("memory", [row], about)
