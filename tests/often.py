"""How often a test repeats what chance decides, which sequence comes or who wins a race: in full by `make soak`."""

import os

SOAKING = "SOAK" in os.environ


def often(times: int) -> int:
    """``times`` in a soak, else a quarter of them. Mark the test ``often``, so that the soak runs it."""
    return times if SOAKING else -(-times // 4)
