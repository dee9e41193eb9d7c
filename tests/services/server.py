"""The room itself as a process, started by `python run.py` exactly as a person starts it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import cache
from pathlib import Path

import httpx
import pytest

from liveroom.room import bootstrap
from liveroom.runtime.disk import DiskCache
from tests.rooms.packs import pack_of_this_tree
from tests.rooms.tables import migrated_file
from tests.services.forks import run
from tests.services.once import of_the_run
from tests.services.process import Process, free_port, listening
from tests.services.wait import until

ROOT = Path(__file__).resolve().parents[2]
RUN, READY_S = "run.py", 180.0
# Tests and benches ask a real room from this machine as anybody; what it is without that, tests say by UNTRUSTED.
TRUSTED, UNTRUSTED = {"LIVEROOM_TRUST_LOOPBACK": "1"}, {"LIVEROOM_TRUST_LOOPBACK": "0"}


@cache
def shared_cache() -> Path:
    """What servers of this run keep of their packs; a file of another pack or another code is never taken."""
    folder = of_the_run() / "cache"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


# What is found out of a pack is kept for the next room of this run too, as a room keeps it for its next start.
bootstrap.cache_of = lambda _config: DiskCache(shared_cache())
# And in rooms of this process it is read once: it costs them more than all else together, and is the same in each.
bootstrap.load_city = pack_of_this_tree

servers_of_test: pytest.StashKey[list["Server"]] = pytest.StashKey()


class Server:
    """One `run.py WORDS`; `data` is its folder, `url` its address. Several may share a room: give them one database."""

    def __init__(self, *words: str, data: Path, env: Mapping[str, str], program: str = RUN, anew: bool = False) -> None:
        self.data = data
        self.port = int(env.get("LIVEROOM_PORT") or free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {**TRUSTED, "LIVEROOM_DATA_DIR": str(data), **env, "LIVEROOM_PORT": str(self.port)}
        self.process = Process(
            [sys.executable, str(ROOT / program), *words],
            log=data / f"server-{self.port}.log",
            env=self.env,
            anew=anew,
        )
        if not anew and program == RUN:
            self._prepare("drill" if "--drill" in words else "test" if "LIVEROOM_TIME_FILE" in env else "real")

    def _prepare(self, kind: str) -> None:
        """Give it what any start would work out once more: the tables of a new room, and what is kept of the pack."""
        if not self.data.is_dir():
            return
        cache, database = self.data / "cache", self.data / f"{kind}.db"
        if not cache.exists():
            cache.symlink_to(shared_cache())
        if "LIVEROOM_DATABASE_URL" not in self.env and not database.exists():
            migrated_file(database)

    def start(self, *, ready: bool = True) -> "Server":
        """Start; with `ready` wait until /readyz answers 200. Raises RuntimeError with the log when it ends instead."""
        self.process.start(cwd=ROOT)
        if ready:
            until(self.is_ready, within=READY_S, why=f"{self.url}/readyz to answer 200")
        return self

    def is_ready(self) -> bool:
        """Return whether /readyz says 200. Raises RuntimeError when the process is gone."""
        if not self.process.running:
            raise RuntimeError(f"the server ended with {self.process.end()}\n{self.process.tail()}")
        # Asked twenty times a second while it starts: httpx would read the world's certificates each time.
        if not listening(self.port):
            return False
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """Kill -9, with its children; nothing is said goodbye to."""
        self.process.end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to stop (SIGTERM) and return its exit code."""
        return self.process.end(signal.SIGTERM)

    def log(self) -> str:
        """Return what it has printed, over all its starts."""
        return self.process.text()

    def command(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `run.py WORDS` beside the server, on the same data; `check` asserts exit code 0."""
        done = run([sys.executable, str(ROOT / RUN), *words], cwd=ROOT, env={**os.environ, **self.env}, timeout=300)
        assert not check or done.returncode == 0, f"run.py {' '.join(words)}:\n{done.stdout}{done.stderr}"
        return done

    def last_word(self, *words: str) -> str:
        """Run a command that prints a key or token and return it: `server.last_word("source", "add", "call")`."""
        return self.command(*words).stdout.split()[-1]


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Return `serve(*words, env={}, data=None, ready=True, program=RUN, anew=False) -> Server`; all are killed
    after the test."""
    started: list[Server] = []
    request.node.stash[servers_of_test] = started

    def serve(
        *words: str,
        env: Mapping[str, str] | None = None,
        data: Path | None = None,
        ready: bool = True,
        program: str = RUN,
        anew: bool = False,
    ) -> Server:
        folder = data or tmp_path / f"room-{len(started)}"
        folder.mkdir(parents=True, exist_ok=True)
        one = Server(*words, data=folder, env=env or {}, program=program, anew=anew)
        started.append(one)
        return one.start(ready=ready)

    yield serve
    for one in started:
        if one.process.running:
            one.kill()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the logs of the room's processes under a failed test."""
    report = yield
    if report.failed:
        for server in item.stash.get(servers_of_test, []):
            report.sections.append((f"log of {server.url}", server.process.tail()))
    return report
