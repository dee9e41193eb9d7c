"""Runs a native call that lets go of the interpreter (argon2) in a thread of its own, which the hub never waits for.

Not eventlet's pool: its one thread is the database's, and with more than one wake-ups get lost. So it is asked after.
"""

import os
import sys
from _thread import get_native_id
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
ASK_AGAIN_S = 0.005


def aside(work: Callable[[], T], start: Callable[..., Any], sleep: Callable[[float], None]) -> T:
    """The result or error of ``work``; ``start(function, ())`` begins a native thread, ``sleep`` lets the hub go on."""
    done: list[tuple[Any, Exception | None]] = []

    def run() -> None:
        _give_way()
        try:
            done.append((work(), None))
        except Exception as error:  # noqa: BLE001 - raised again below, where somebody waits for it
            done.append((None, error))

    start(run, ())
    while not done:
        sleep(ASK_AGAIN_S)
    result, failed = done[0]
    if failed is not None:
        raise failed
    return result  # type: ignore[no-any-return]  # it is what work returned


def _give_way() -> None:
    """Let the scheduler prefer the hub, where a priority can be a single thread's."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, get_native_id(), 10)
