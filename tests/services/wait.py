"""Waiting for a condition: the one place in the tests that may sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
PAUSE_S = 0.05


def until(look: Callable[[], Found], *, within: float = 30.0, why: str = "the condition") -> Found:
    """Call `look` until it returns something true, and return that. Raises TimeoutError after `within` seconds.

    The last look begins when the time is up: one that was held up on its way back says nothing of now.
    """
    give_up, over = time.monotonic() + within, False
    while not (found := look()):
        if over:
            raise TimeoutError(f"waited {within:g} s for {why}; last seen: {found!r}")
        time.sleep(PAUSE_S)
        over = time.monotonic() > give_up
    return found
