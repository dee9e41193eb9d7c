"""Chooses and prepares the async mode; ``patch`` must run before anything else is imported."""

import os
import sys
import warnings

from liveroom.runtime.contract import Runtime
from liveroom.runtime.patience import bounded

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
        from liveroom.runtime.green import Green

        return Green(native_db=native_db)
    from liveroom.runtime.threads import Threads

    return Threads()


def _prepare_psycopg(mode: str) -> None:
    import psycopg.waiting

    if mode == "eventlet" and getattr(psycopg.waiting.wait, "__name__", "") == "wait_c":
        raise RuntimeError("psycopg was imported before the patch: its C wait would stop the whole process")
    psycopg.waiting.wait = bounded(psycopg.waiting.wait)
