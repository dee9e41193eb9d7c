"""What a start costs: processor time of a call, against that of importing Flask and SQLAlchemy in the same Python."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from bench.figures import keep, machine
from bench.process import cpu_s
from tests.services.server import ROOT, Server

ROUNDS = 9
BASE = "import flask, sqlalchemy"
GOALS = {"--help": 1.0, "source add": 2.5, "serving": 5.0, "serving --drill": 5.0}


def run(*, rounds: int = ROUNDS) -> None:
    """Each call in turn, so often; medians, and their ratios to the plain import of the same rounds."""
    about = machine()
    with tempfile.TemporaryDirectory(prefix="liveroom-bench-") as folder:
        calls = _calls(Path(folder))
        for call in calls.values():
            call()  # makes the rooms, and what is compiled and kept for the next start
        spent: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(rounds):
            for name, call in calls.items():
                spent[name].append(call())
    base = statistics.median(spent[BASE])
    keep("start", [_row(name, times, base) for name, times in spent.items()], about)


def _calls(folder: Path) -> Mapping[str, Callable[[], float]]:
    names = count()
    return {
        BASE: lambda: _call(folder, "-c", BASE),
        "--help": lambda: _call(folder, "run.py", "--help"),
        "source add": lambda: _call(folder, "run.py", "source", "add", f"Source {next(names)}"),
        "serving": lambda: _ready(folder),
        "serving --drill": lambda: _ready(folder, "--drill"),
    }


def _call(folder: Path, *words: str) -> float:
    """Processor time of a call of Python until its end, in seconds."""
    env = {**os.environ, "LIVEROOM_DATA_DIR": str(folder)}
    child = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, words
    return used.ru_utime + used.ru_stime


def _ready(folder: Path, *words: str) -> float:
    """Processor time of a server until it says that it is ready, in seconds; a tick of the system is 10 ms."""
    server = Server(*words, data=folder, env={}, anew=True)
    try:
        server.start()
        return cpu_s(server.process.pid)
    finally:
        server.kill()


def _row(name: str, times: list[float], base: float) -> dict[str, Any]:
    middle = statistics.median(times)
    return {
        "call": name,
        "cpu_ms": round(middle * 1000),
        "least_ms": round(min(times) * 1000),
        "most_ms": round(max(times) * 1000),
        "ratio": round(middle / base, 2),
        "goal": GOALS.get(name, ""),
    }
