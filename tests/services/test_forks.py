"""A forked process of the room is a process like one that was started: the tests kill, stop and ask it as any other."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.services import fork_parent
from tests.services.forks import ROOT, Forked, _Parent, can_fork, fork, run
from tests.services.once import NOTED
from tests.services.server import Server
from tests.services.wait import until

pytestmark = pytest.mark.server
RUN = [sys.executable, str(ROOT / "run.py")]


def forked(tmp_path: Path, *words: str) -> Forked:
    env = {**os.environ, "LIVEROOM_DATA_DIR": str(tmp_path)}
    return fork([*RUN, *words], env=env, cwd=ROOT, out=tmp_path / "out", err=tmp_path / "err")


def file_of(pid: int, name: str) -> Path:
    return Path("/proc") / str(pid) / name


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_it_stands_alone_and_its_end_is_told(server: Callable[..., Server], mode: str) -> None:
    one, other = (server(env={"LIVEROOM_ASYNC_MODE": mode}) for _ in range(2))
    pids = [one.process.pid, other.process.pid]
    assert [os.getsid(pid) for pid in pids] == pids and [os.getpgid(pid) for pid in pids] == pids
    places = [{str(link.readlink()) for link in file_of(pid, "fd").iterdir() if link.is_symlink()} for pid in pids]
    assert not [place for place in places[0] & places[1] if place.startswith(("pipe:", "socket:"))]
    os.kill(one.process.pid, signal.SIGSTOP)
    assert httpx.get(f"{other.url}/healthz", timeout=60).status_code == 200
    os.kill(one.process.pid, signal.SIGCONT)
    assert httpx.get(f"{one.url}/healthz", timeout=60).status_code == 200
    assert (one.stop(), one.process.running) == (0, False)
    assert other.process.running
    os.kill(other.process.pid, signal.SIGKILL)
    assert other.process.wait() == -signal.SIGKILL
    assert str(one.data) in one.log() and str(other.data) not in one.log()


def test_a_command_says_the_same_as_one_that_was_started(tmp_path: Path) -> None:
    env = {**os.environ, "LIVEROOM_DATA_DIR": str(tmp_path)}
    for words in (["city", "check"], ["source", "remove", "nobody"], ["--help"], ["no-such-command"]):
        known = run([*RUN, *words], env=env, cwd=ROOT, timeout=120)
        started = subprocess.run(
            [*RUN, *words], env=env, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert (known.returncode, known.stdout, known.stderr) == (started.returncode, started.stdout, started.stderr)


def test_one_that_is_waited_for_too_long_goes_on(tmp_path: Path) -> None:
    one = forked(tmp_path, "clock")
    with pytest.raises(subprocess.TimeoutExpired):
        one.wait(0)
    assert one.poll() is None
    os.killpg(one.pid, signal.SIGKILL)
    assert (one.wait(60), one.poll(), one.returncode) == (-9, -9, -9)
    with pytest.raises(ProcessLookupError):
        os.kill(one.pid, 0)


def test_it_dies_with_the_one_that_forked_it_and_that_one_with_the_tests(tmp_path: Path) -> None:
    script = (
        "import json, os, sys\nfrom pathlib import Path\nfrom tests.services.forks import ROOT, fork\n"
        "words, here = [sys.executable, str(ROOT / 'run.py'), 'clock'], Path(sys.argv[1])\n"
        "one = fork(words, env=dict(os.environ), cwd=ROOT, out=here / 'out', err=here / 'out')\n"
        "print(json.dumps([one.pid, one._parent.pid]), flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    # A run of its own, which has one worker; a longer address is none for a socket.
    env = {**os.environ, "LIVEROOM_DATA_DIR": str(tmp_path), NOTED: tempfile.mkdtemp()}
    words = [sys.executable, "-c", script, str(tmp_path)]
    said = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    for pid in json.loads(said.stdout):
        until(lambda pid=pid: not alive(pid), why="the kernel to have ended it")


def test_one_to_which_nobody_comes_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever started it was killed while it imported."""
    monkeypatch.setattr(fork_parent, "FIRST_MS", 0)
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        listener.listen()
        assert list(fork_parent.jobs(listener)) == []


def test_who_ends_waits_for_its_children_to_be_dead(tmp_path: Path) -> None:
    parent = _Parent("commands")
    env = {**os.environ, "LIVEROOM_DATA_DIR": str(tmp_path)}
    out, words = tmp_path / "out", [str(ROOT / "run.py"), "clock"]
    pids = [parent.fork(words, env=env, cwd=ROOT, out=out, err=out).pid for _ in range(3)]
    parent.end()
    assert [pid for pid in pids if alive(pid)] == []


def alive(pid: int) -> bool:
    try:
        return " Z" not in file_of(pid, "stat").read_text().rpartition(")")[2][:3]
    except FileNotFoundError:
        return False


def test_what_is_set_before_python_runs_is_started_anew() -> None:
    assert can_fork([*RUN, "web"], dict(os.environ))
    assert can_fork(RUN, {**os.environ, "LIVEROOM_PORT": "1"})
    assert not can_fork(RUN, {**os.environ, "LD_PRELOAD": "libfaketime.so.1"})
    assert not can_fork(RUN, {**os.environ, "PYTHONOPTIMIZE": "1"})
    assert not can_fork([sys.executable, "other.py"], dict(os.environ))
