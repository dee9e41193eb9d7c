"""Chance that is none: the same words give the same numbers, so a restarted drill goes on as if nothing had been."""

import math
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def chance(*words: object) -> Random:
    """Numbers that depend on ``words`` alone, whatever was drawn elsewhere."""
    return Random("|".join(map(str, words)))


def about(rng: Random, median: float, spread: float, low: float, high: float) -> float:
    """A log-normal draw around ``median``, kept within ``low`` and ``high``: how long people take for things."""
    return min(high, max(low, median * math.exp(rng.gauss(0, spread))))


def one(rng: Random, items: Sequence[T], weights: Sequence[float]) -> T:
    """One of ``items`` by weight."""
    return rng.choices(items, weights)[0]
