"""Nearest-rank percentiles (CR-88) and shares; an empty set has neither."""

from collections.abc import Sequence


def nearest_rank(values: Sequence[int], percent: int) -> int | None:
    """The smallest of the sorted ``values`` that at least ``percent`` % of them do not exceed; None without any."""
    if not values:
        return None
    return values[max(1, -(-percent * len(values) // 100)) - 1]


def share(part: int, of: int) -> float | None:
    """``part`` of ``of``, 0 to 1; None of nothing."""
    return round(part / of, 4) if of else None
