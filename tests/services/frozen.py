"""A process stopped by SIGSTOP with its children, as a machine that hangs would: answers nothing, closes nothing."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path


def family(pid: int) -> tuple[int, ...]:
    """The process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += parents.get(one, ())
    return tuple(found)


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Freeze the family of `pid` for the length of the block."""
    os.kill(pid, signal.SIGSTOP)
    stopped = family(pid)
    for one in stopped[1:]:
        with contextlib.suppress(ProcessLookupError):  # a child may end by itself
            os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


def handles(pid: int, number: signal.Signals) -> bool:
    """Whether the process has a handler of its own for a signal; Python's arrive when a server is ready to be ended."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("SigCgt:"):
            return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False


def postmaster(home: Path) -> int:
    """The process id of the PostgreSQL in a folder."""
    return int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
