"""A parent of the room's processes: it has imported all that they need, and forks one for every line it reads.

`python fork_parent.py KIND SOCKET` with KIND eventlet, threading or commands, for any number of workers that connect to
the Unix socket and are greeted by its process id. A line of JSON from one names the words of one `run.py`, its
environment, its folder and where it prints; the line in answer is the child's process id. A process id by itself asks
for how that child ended, which is waited for. The children of a worker that is gone are killed; with the last worker
the parent ends.

A child is what `python run.py WORDS` is, without the seconds that Python takes to read our code and the libraries, and
without asking another process how strangers' files are looked into here: the log would say the same each time, and
tests/media tries it. It has a process id and a session of its own, no descriptor of its parent, and dies with it.
"""

import _socket
import ctypes
import gc
import json
import os
import runpy
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

# Before eventlet has its own instead: nothing here may wake its hub, which every child makes for itself.
read, write, waitpid = os.read, os.write, os.waitpid
poll = select.poll
# What our code imports only where it is used: a room that is new, has a map, plays a drill, or sends.
LATER = (
    "alembic.command",
    "cli.data",
    "folium",
    "holidays.countries.indonesia",
    "httpx",
    "ingest.drill.driver",
    "ingest.drill.script",
    "ingest.sources.replay",
    "liveroom.runtime.server.eventlet_mode",
    "liveroom.runtime.server.thread_http",
    "psycopg",
    "shapely",
)
ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
# So long it waits for the first, who has started it: a minute is for ever, unless that one was killed meanwhile.
FIRST_MS = 60_000


def prepare(kind: str) -> None:
    """Import as `run.py` would, in its order."""
    sys.path[0] = str(ROOT)
    from liveroom.runtime.async_mode import patch

    if kind == "commands":
        from cli.main import COMMANDS

        for name in {place.module for place in COMMANDS.values()}:
            import_module(f"cli.{name}")
    else:
        patch(kind)
        import_module("cli.main")
        import_module("cli.serve")
        for name in LATER:
            if kind == "eventlet" or not name.endswith("eventlet_mode"):
                import_module(name)
        import_module("app").announce = lambda *_: None  # type: ignore[attr-defined]
    gc.collect()
    gc.freeze()
    assert threading.active_count() == len(os.listdir("/proc/self/task")) == 1, "a fork would lose a thread"  # noqa: PTH208


class Asker:
    """A worker of the tests on its line, and the children that it asked for and has not asked after."""

    def __init__(self, line: int) -> None:
        self._line = line
        self.children: set[int] = set()
        self._kept = b""
        self.say(b"%d" % os.getpid())

    def say(self, what: bytes) -> None:
        """One line there; that it is gone is seen when it is read from."""
        with suppress(BrokenPipeError):
            write(self._line, what + b"\n")

    def asked(self) -> list[Any] | None:
        """What it asks now, None when it is gone."""
        try:
            piece = read(self._line, 65_536)
        except ConnectionResetError:
            return None
        *whole, self._kept = (self._kept + piece).split(b"\n")
        return [json.loads(line) for line in whole] if piece else None

    def end(self) -> None:
        """Its children go with it."""
        for child in self.children:
            os.kill(child, signal.SIGKILL)
            waitpid(child, 0)
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
        os.close(self._line)


def jobs(listener: Any) -> Iterator[tuple[Asker, Any]]:
    """What anybody asks, until nobody is there any more."""
    askers: dict[int, Asker] = {}
    waiting = poll()
    waiting.register(listener, select.POLLIN)
    while True:
        for number, _ in waiting.poll(None if askers else FIRST_MS):
            if number == listener.fileno():
                line, _ = listener._accept()
                waiting.register(line, select.POLLIN)
                askers[line] = Asker(line)
                continue
            asked = askers[number].asked()
            if asked is None:
                waiting.unregister(number)
                askers.pop(number).end()
                continue
            for one in asked:
                yield askers[number], one
        if not askers:
            return


def become(job: dict[str, Any], parent: int) -> None:
    """Stand in this child as a process that was just started."""
    kernel = ctypes.CDLL(None, use_errno=True)
    kernel.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before
        os._exit(1)
    os.setsid()
    append = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(job["out"], append, 0o666), 1)
    os.dup2(os.open(job["err"], append, 0o666) if job["err"] != job["out"] else 1, 2)
    if "eventlet" in sys.modules:
        from eventlet import hubs

        # Lets go of the one that the imports made: two children of one epoll would hear each other. Its number is free
        # soon, and must not be closed again when the hub is found to be garbage.
        hubs.get_hub().poll.close()
        hubs.use_hub()
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["env"])
    time.tzset()
    sys.argv[:] = job["words"]
    gc.enable()


def forked(listener: Any) -> str | None:
    """Fork for everybody who asks. Returns twice and more: in a child the program to run, in the parent at the end."""
    parent = os.getpid()
    for asker, job in jobs(listener):
        if isinstance(job, int):
            answer = os.waitstatus_to_exitcode(waitpid(job, 0)[1])
            asker.children.discard(job)
        else:
            child_stands, child = os.pipe()
            answer = os.fork()
            if answer == 0:
                listener.detach()
                become(job, parent)
                return sys.argv[0]
            asker.children.add(answer)
            os.close(child)
            read(child_stands, 1)  # nothing comes; it ends when the child has closed what it inherited
            os.close(child_stands)
        asker.say(b"%d" % answer)
    return None


def main(kind: str, address: str) -> str | None:
    """Import, listen, and let whoever started this go on: from then on it belongs to all. Returns as ``forked``."""
    prepare(kind)
    Path(address).unlink(missing_ok=True)
    # The plain one: what eventlet has put in the place of `socket` would wake its hub.
    listener = _socket.socket(_socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    if os.fork() != 0:
        os._exit(0)
    os.setsid()
    return forked(listener)


if __name__ == "__main__":
    program = main(*sys.argv[1:])
    if program is not None:
        runpy.run_path(program, run_name="__main__")
