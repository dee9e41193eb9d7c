"""A child process of the tests: logged to a file, waited for, killable, and gone when the tests are."""

import os
import random
import shutil
import signal
import socket
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.services.forks import Forked, can_fork, fork

# Each worker of a test run gives ports of its own, and none again soon: what is given may be bound later, or anew.
WORKERS = 8
_given: deque[int] = deque(maxlen=500)


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nothing listens on.

    Below the ports that the kernel lends to outgoing connections, so that thousands of clients cannot take it while its
    server restarts; by the system's own chance, since hypothesis makes the ordinary one repeat itself.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    ours = [port for port in range(15_000 + worker, 32_000, WORKERS) if port not in _given]
    for port in random.SystemRandom().sample(ours, 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            _given.append(port)
            return port
    raise RuntimeError("no free port among 200 tried")


def listening(port: int) -> bool:
    """Return whether something accepts connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """One program that can be started again after it ended. Start it from the tests' main thread: the kernel kills it
    when the thread that started it ends, so that nothing outlives a killed test run."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        anew: bool = False,
    ) -> None:
        """``anew``: never forked from one that has imported everything, but started as a person starts it."""
        self.log = log
        self.env = {**os.environ, **(env or {})}
        self._forks = not anew and user is None and can_fork(words, self.env)
        self.words = list(words) if self._forks else [*_guard(user), *words]
        self._child: subprocess.Popen[bytes] | Forked | None = None

    @property
    def running(self) -> bool:
        """True while the program runs."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """The running program's process id."""
        assert self._child is not None, "not started"
        return self._child.pid

    def start(self, *, cwd: Path) -> None:
        """Start the program; its output is added to the log."""
        assert not self.running, f"{self.words} runs already"
        if self._forks:
            self._child = fork(self.words, env=self.env, cwd=cwd, out=self.log, err=self.log)
            return
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self.words,
                cwd=cwd,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def end(self, how: signal.Signals = signal.SIGTERM, *, within: float = 60.0) -> int:
        """Send the signal, wait, and return the exit code (-9 when killed). SIGKILL takes its children too."""
        assert self._child is not None, "not started"
        if self.running:
            send = os.killpg if how is signal.SIGKILL else os.kill
            send(self._child.pid, how)
        try:
            code = self._child.wait(within)
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
            raise
        return code

    def wait(self, *, within: float = 60.0) -> int:
        """Wait until it ends by itself and return the exit code. Raises subprocess.TimeoutExpired."""
        assert self._child is not None, "not started"
        return self._child.wait(within)

    def text(self) -> str:
        """Return all it has printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def tail(self, lines: int = 60) -> str:
        """Return the last lines of the log."""
        return "\n".join(self.text().splitlines()[-lines:])


def _guard(user: str | None) -> list[str]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    becoming = [f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
    return [setpriv, "--pdeathsig=KILL", *becoming, "--"]
