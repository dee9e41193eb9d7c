"""Processes of the room that are forked from one which has imported everything, instead of started from nothing.

Most of what a test of real processes cost was Python reading the same modules once more. What a process is started
with before Python runs (a preloaded library, Python's own settings) cannot be had by a fork: that one is started anew.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from liveroom.runtime.async_mode import early_mode
from run import serves
from tests.services.once import alone, of_the_run

ROOT = Path(__file__).resolve().parents[2]
PARENT = Path(__file__).with_name("fork_parent.py")
# What is read while a program or a library starts, before our first line.
TOO_LATE = ("LD_", "PYTHON", "MALLOC_", "GLIBC_", "EVENTLET_", "OPENBLAS_", "PSYCOPG_", "LC_", "LANG")
THERE = hasattr(os, "pidfd_open")
_begun_with = dict(os.environ)


class Forked:
    """A forked process, as `subprocess.Popen` would show it. It stays a zombie until it is asked after."""

    def __init__(self, parent: "_Parent", pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._parent = parent
        self._there: int | None = os.pidfd_open(pid)
        self._asking = threading.Lock()

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return self._asked(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends. Raises subprocess.TimeoutExpired."""
        code = self._asked(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return code

    def _asked(self, timeout: float | None) -> int | None:
        there = self._there
        if there is not None and self._ended(there, timeout):
            with self._asking:
                if self._there is not None:
                    self.returncode = self._parent.ask(self.pid)
                    os.close(self._there)
                    self._there = None
        return self.returncode

    @staticmethod
    def _ended(there: int, timeout: float | None) -> bool:
        waiting = select.poll()
        waiting.register(there, select.POLLIN)
        return bool(waiting.poll(None if timeout is None else timeout * 1000))


class _Parent:
    """The one `fork_parent.py` of a kind that all workers of a run share: whoever needs it first starts it, and it ends
    when the last of them is gone. To import everything takes it three seconds."""

    def __init__(self, kind: str) -> None:
        self._log = of_the_run() / f"forks-{kind}.log"
        address = of_the_run() / f"forks-{kind}.socket"
        with alone(address.name):
            self._line, self.pid = _answering(address) or self._begun(kind, address)
        self._asking = threading.Lock()

    def _begun(self, kind: str, address: Path) -> tuple[socket.socket, int]:
        """Start it anew; it answers when it has imported everything."""
        # One thread of a library would be lost by the fork.
        env = {**_begun_with, "OPENBLAS_NUM_THREADS": "1"}
        with self._log.open("ab") as log:
            words = [sys.executable, str(PARENT), kind, str(address)]
            subprocess.run(words, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
        answering = _answering(address)
        if answering is None:
            raise self._ended()
        return answering

    def fork(self, words: Sequence[str], *, env: Mapping[str, str], cwd: Path, out: Path, err: Path) -> Forked:
        """A child that runs the words."""
        job = {"words": list(words), "env": dict(env), "cwd": str(cwd), "out": str(out), "err": str(err)}
        return Forked(self, self.ask(job))

    def ask(self, what: object) -> int:
        """One line there, one line back. Raises RuntimeError with what it printed when it has ended."""
        with self._asking:
            try:
                self._line.sendall(json.dumps(what).encode() + b"\n")
                return int(_read(self._line))
            except ConnectionError:
                raise self._ended() from None

    def _ended(self) -> RuntimeError:
        return RuntimeError(f"what forks the room's processes has ended\n{self._log.read_text(errors='replace')}")

    def end(self) -> None:
        """This worker asks no more; the children that it asked for are dead when this returns.

        So nothing writes any more where the run removes all. Raises TimeoutError.
        """
        self._line.settimeout(60)
        self._line.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while self._line.recv(100):
                pass
        self._line.close()


def _answering(address: Path) -> tuple[socket.socket, int] | None:
    """A line to the one that listens there, and its process id; None when nobody does, or nobody answers any more."""
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(str(address))
        return line, int(_read(line))
    except (FileNotFoundError, ConnectionError):
        line.close()
        return None


def _read(line: socket.socket) -> bytes:
    """One line. Raises ConnectionError when there is nobody any more."""
    said = b""
    while not said.endswith(b"\n"):
        piece = line.recv(100)
        if not piece:
            raise ConnectionError("nobody writes any more")
        said += piece
    return said


_parents: dict[str, _Parent] = {}
_starting = threading.Lock()


def can_fork(words: Sequence[str], env: Mapping[str, str]) -> bool:
    """Whether a fork is the same as a start of ``words``, as far as the room can tell."""
    if not THERE or len(words) < 2 or words[0] != sys.executable or words[1] != str(ROOT / "run.py"):
        return False
    return _read_early(env) == _read_early(_begun_with)


def _read_early(env: Mapping[str, str]) -> dict[str, str]:
    return {name: said for name, said in env.items() if name.startswith(TOO_LATE)}


def fork(words: Sequence[str], *, env: Mapping[str, str], cwd: Path, out: Path, err: Path) -> Forked:
    """Fork `python run.py WORDS`; ``words`` begin with Python's path, as for a start."""
    kind = early_mode({"LIVEROOM_CONFIG": str(cwd / "config.yaml"), **env}) if serves(list(words[2:])) else "commands"
    with _starting:
        if kind not in _parents:
            _parents[kind] = _Parent(kind)
    return _parents[kind].fork(words[1:], env=env, cwd=cwd, out=out, err=err)


def run(words: Sequence[str], *, env: Mapping[str, str], cwd: Path, timeout: float) -> subprocess.CompletedProcess[str]:
    """Run the words to their end and keep what they print, forked where that is the same."""
    if not can_fork(words, env):
        return subprocess.run(
            words,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        one = fork(words, env=env, cwd=cwd, out=out, err=err)
        try:
            code = one.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(one.pid, signal.SIGKILL)
            one.wait()
            raise
        return subprocess.CompletedProcess(words, code, out.read_text(), err.read_text())


@pytest.fixture(scope="session", autouse=True)
def forks() -> Iterator[None]:
    """What forks processes of the room ends with the run."""
    yield
    while _parents:
        _parents.popitem()[1].end()
