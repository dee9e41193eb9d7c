"""Waiting for a condition: the one place in the tests that may sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
# Between two looks; what takes long is looked at less often, since each look costs this machine something.
SHORTEST_S, LONGEST_S, SHARE = 0.05, 0.25, 0.1
# How long is waited for what comes at once where nothing else happens; on a machine with much to do 30 s were too few.
PATIENCE_S = 120.0


def until(look: Callable[[], Found], *, within: float = PATIENCE_S, why: str = "the condition") -> Found:
    """Call `look` until it returns something true, and return that. Raises TimeoutError after `within` seconds.

    The last look begins when the time is up: one that was held up on its way back says nothing of now.
    """
    began, over = time.monotonic(), False
    while not (found := look()):
        if over:
            raise TimeoutError(f"waited {within:g} s for {why}; last seen: {found!r}")
        waited = time.monotonic() - began
        time.sleep(min(max(waited * SHARE, SHORTEST_S), LONGEST_S))
        over = time.monotonic() > began + within
    return found
