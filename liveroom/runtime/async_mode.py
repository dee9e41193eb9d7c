"""One async mode a process: patch, spawn, sleep, run what blocks, listen."""

import os
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Generator, Mapping
from functools import wraps
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import yaml

if TYPE_CHECKING:  # every command imports this module, and only one that serves needs that one
    from liveroom.runtime.server.connections import Connections

T = TypeVar("T")


# What the rest of the product may ask of the async library.


class Bell:
    """Wakes one waiter; rings while nobody waits are kept as one. Green when ``threading`` is patched."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        """Wake the waiter now or at its next wait."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """True if rung within ``seconds``."""
        rung = self._event.wait(seconds)
        self._event.clear()
        return rung


class Runtime(Protocol):
    """One implementation an async mode; chosen once by config, passed in, never looked up."""

    mode: str

    def spawn(self, work: Callable[..., Any], *args: Any) -> None:
        """Run ``work`` beside everything else until the process ends."""

    def sleep(self, seconds: float) -> None:
        """Let others run for ``seconds``; 0 yields."""

    def run_db(self, work: Callable[[], T]) -> T:
        """Run one slice of database work where it cannot stall the hub; returns its result or raises its error."""

    def run_aside(self, work: Callable[[], T]) -> T:
        """Run one native call that takes a processor and lets go of the interpreter, such as argon2's, beside the hub
        and the database thread; returns its result or raises its error."""

    def run_child(self, work: Callable[[], T]) -> T:
        """Run one call that waits for a child process of `subprocess`, beside the hub; the same otherwise."""

    def serve(self, app: Any, listener: socket.socket, connections: "Connections") -> None:
        """Serve the WSGI application on a listening socket until ``stop``; ``connections`` says how many may come."""

    def stop(self) -> None:
        """End ``serve``; running requests are answered first."""


# Reads the one setting that must be known before anything else is imported.

DEFAULT = "eventlet"


def early_mode(environment: Mapping[str, str]) -> str:
    """``server.async_mode`` of the environment or the settings file; a broken file gets the default here."""
    given = environment.get("LIVEROOM_ASYNC_MODE")
    if given:
        return given if given in ("eventlet", "threading") else DEFAULT
    try:
        raw = yaml.safe_load(Path(environment.get("LIVEROOM_CONFIG") or "config.yaml").read_text(encoding="utf-8"))
        mode = raw["server"]["async_mode"]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError):
        return DEFAULT
    return mode if mode in ("eventlet", "threading") else DEFAULT


# Bounds how long a database may be silent: a frozen one is then lost here, as a dead one is, and can be asked anew.
#
# A query that its server never answers has no time-out of its own: the server's are the server's to keep.

# Above the lock's 5 s, so that a waiting writer gets the database's own answer; with the 3 s of a new connection
# a request is answered within 10 s.
SILENCE_S = 6.0
Steps = Generator[Any, Any, Any]
Wait = Callable[..., Any]


def bounded(wait: Wait, seconds: float = SILENCE_S) -> Wait:
    """``psycopg.waiting.wait`` that cuts the connection after ``seconds`` without a byte; psycopg sees it closed."""

    @wraps(wait)
    def patient(steps: Steps, fileno: int, *args: Any, **more: Any) -> Any:
        return wait(_watched(steps, fileno, seconds), fileno, *args, **more)

    return patient


def _watched(steps: Steps, fileno: int, seconds: float) -> Steps:
    try:
        state, heard = next(steps), monotonic()
        while True:
            ready = yield state
            if ready:
                heard = monotonic()
            elif monotonic() - heard > seconds:
                _cut(fileno)
            state = steps.send(ready)
    except StopIteration as end:
        return end.value


def _cut(fileno: int) -> None:
    with socket.socket(fileno=os.dup(fileno)) as twin:
        try:
            twin.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is gone already


# Chooses and prepares the async mode; ``patch`` must run before anything else is imported.

MODES = ("eventlet", "threading")
# Every send on the hub lets go of the interpreter, and gets it back from the database's thread after so long: with
# Python's own 5 ms, thirty answers in a row stood still for 150.
SWITCH_S = 0.0005


def patch(mode: str) -> None:
    """Prepare the process for ``mode``. Raises ValueError for an unknown one."""
    if mode not in MODES:
        raise ValueError(f"server.async_mode must be one of {', '.join(MODES)}, not {mode!r}")
    sys.setswitchinterval(SWITCH_S)
    if mode == "eventlet":
        # psycopg's C wait blocks the hub for a whole query; with more than one native thread wake-ups get lost.
        os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_selector")
        os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", "1")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import eventlet
        eventlet.monkey_patch()


def runtime_of(mode: str, database_url: str) -> Runtime:
    """The runtime of a mode for a database. Raises RuntimeError when psycopg would block the hub."""
    native_db = database_url.startswith("sqlite")
    if not native_db:
        _prepare_psycopg(mode)
    if mode == "eventlet":
        from liveroom.runtime.server.eventlet_mode import EventletRuntime

        return EventletRuntime(native_db=native_db)
    from liveroom.runtime.server.thread_mode import ThreadRuntime

    return ThreadRuntime()


def _prepare_psycopg(mode: str) -> None:
    import psycopg.waiting

    if mode == "eventlet" and getattr(psycopg.waiting.wait, "__name__", "") == "wait_c":
        raise RuntimeError("psycopg was imported before the patch: its C wait would stop the whole process")
    psycopg.waiting.wait = bounded(psycopg.waiting.wait)
