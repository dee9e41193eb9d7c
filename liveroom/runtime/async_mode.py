"""The async mode of a process: eventlet or plain threads, chosen once, before anything else is imported.

`early_mode` reads the setting, `patch` prepares the process, and `runtime_of` gives the `Runtime` that is passed to
everything that spawns, sleeps or runs what blocks.
"""

import os
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from functools import wraps
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import yaml

if TYPE_CHECKING:  # every command imports this module, and only one that serves needs that one
    from liveroom.runtime.server.connections import Connections

T = TypeVar("T")

MODES = ("eventlet", "threading")
_DEFAULT = "eventlet"
# libyaml, where it is there, takes a tenth of the time, and every process begins with this.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Every send on the hub releases the interpreter, and waits so long to get it back from the database's thread: with
# Python's own 5 ms, thirty answers in a row took 150 ms longer.
_SWITCH_S = 0.0005


class Bell:
    """Wakes one waiter; rings while nobody waits count as one. Green when ``threading`` is patched."""

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
    """What the product may ask of the async library; one implementation a mode, passed in and never looked up."""

    mode: str

    def spawn(self, work: Callable[..., Any], *args: Any) -> None:
        """Run ``work`` concurrently; it ends with the process at the latest."""

    def sleep(self, seconds: float) -> None:
        """Let others run for ``seconds``; 0 yields."""

    def run_db(self, work: Callable[[], T]) -> T:
        """Run a slice of database work where it cannot block the hub; returns its result or raises its error."""

    def run_aside(self, work: Callable[[], T]) -> T:
        """Run a native call that takes CPU time and releases the interpreter, such as argon2's.

        It blocks neither the hub nor the database's thread; returns its result or raises its error.
        """

    def run_child(self, work: Callable[[], T]) -> T:
        """Run a call that waits for a child process of `subprocess`; the rest as in `run_aside`."""

    def serve(self, app: Any, listener: socket.socket, connections: "Connections") -> None:
        """Serve the WSGI application on a listening socket until ``stop``; ``connections`` limits how many come."""

    def stop(self) -> None:
        """End ``serve`` after the requests under way have been answered."""


def early_mode(environment: Mapping[str, str]) -> str:
    """``server.async_mode`` of the environment or the settings file, read before anything else is imported.

    A wrong value or a broken file gives the default; `runtime.config` reports the fault later.
    """
    given = environment.get("LIVEROOM_ASYNC_MODE")
    if given:
        return given if given in MODES else _DEFAULT
    try:
        text = Path(environment.get("LIVEROOM_CONFIG") or "config.yaml").read_text(encoding="utf-8")
        raw = yaml.load(text, Loader=_LOADER)
        mode = raw["server"]["async_mode"]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError):
        return _DEFAULT
    return mode if mode in MODES else _DEFAULT


def patch(mode: str) -> None:
    """Prepare the process for ``mode``, before anything else is imported. Raises ValueError for an unknown mode."""
    if mode not in MODES:
        raise ValueError(f"server.async_mode must be one of {', '.join(MODES)}, not {mode!r}")
    sys.setswitchinterval(_SWITCH_S)
    if mode == "eventlet":
        # psycopg's C wait blocks the hub for a whole query. With more than one native thread, wake-ups get lost.
        os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_selector")
        os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", "1")
        # Names are resolved by the system, as every other program here does, and not by eventlet's own resolver: that
        # knows nothing of nsswitch.conf, and its library (dnspython) takes a tenth of the whole start to import.
        os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import eventlet
        eventlet.monkey_patch()
        _resolve_aside()


# These ask for the address of a name, which an address has already; the others ask for the name of an address.
_OF_A_NAME = ("getaddrinfo", "gethostbyname", "gethostbyname_ex")


def _resolve_aside() -> None:
    """Let the system's resolver, which blocks, run in a native thread of its own when the hub's thread asks it."""
    import eventlet
    from eventlet import patcher
    from eventlet.green import socket as green

    from liveroom.runtime.server.thread_mode import aside

    threads = patcher.original("_thread")
    hub_thread = threads.get_ident()

    def resolve_aside(resolve: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(resolve)
        def resolved(*args: Any, **more: Any) -> Any:
            known = resolve.__name__ in _OF_A_NAME and bool(args) and _is_address(args[0])
            if threads.get_ident() != hub_thread or known:
                return resolve(*args, **more)
            return aside(lambda: resolve(*args, **more), threads.start_new_thread, eventlet.sleep)

        return resolved

    for name in (*_OF_A_NAME, "gethostbyaddr", "getnameinfo"):
        resolved = resolve_aside(getattr(socket, name))
        setattr(socket, name, resolved)
        setattr(green, name, resolved)


def _is_address(host: object) -> bool:
    """Whether ``host`` is an address already, which costs no question."""
    if not isinstance(host, str):
        return host is None
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError, ValueError):
            return bool(socket.inet_pton(family, host))
    return False


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
    psycopg.waiting.wait = _bounded(psycopg.waiting.wait)


# How long PostgreSQL may be silent. A query that its server never answers has no time-out of its own here, so a frozen
# server would never be lost; now it is, like a dead one, and can be asked again.

# Above the lock's 5 s, so that a waiting writer gets the database's own answer; with the 3 s of a new connection
# a request is answered within 10 s.
_SILENCE_S = 6.0
_Steps = Generator[Any, Any, Any]
_Wait = Callable[..., Any]


def _bounded(wait: _Wait, seconds: float = _SILENCE_S) -> _Wait:
    """``psycopg.waiting.wait`` that shuts the connection after ``seconds`` without a byte; psycopg sees it closed."""

    @wraps(wait)
    def patient(steps: _Steps, fileno: int, *args: Any, **more: Any) -> Any:
        return wait(_watched(steps, fileno, seconds), fileno, *args, **more)

    return patient


def _watched(steps: _Steps, fileno: int, seconds: float) -> _Steps:
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
            return  # closed already
