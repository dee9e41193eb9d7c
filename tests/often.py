"""How often a test repeats what chance decides, and of how many combinations it asks: in full by `make soak`.

Mark such a test ``often``, so that the soak runs it.
"""

import os
from collections.abc import Iterable
from typing import TypeVar

SOAKING = "SOAK" in os.environ
Value = TypeVar("Value")


def often(times: int) -> int:
    """``times`` in a soak, else a quarter of them."""
    return times if SOAKING else -(-times // 4)


def some(values: Iterable[Value], fewer: Iterable[Value]) -> list[Value]:
    """All the ``values`` in a soak, else the ``fewer`` in which each part of the promise stands once."""
    return list(values) if SOAKING else list(fewer)
