"""When alarms come faster than people can work on them: a flood begins and ends by counting, nothing else."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from liveroom.domain.alarm_ids import INHERITED

WITHIN = timedelta(minutes=10)
BEARABLE = 10
OVER_BELOW = 5


def counts(alarm: str) -> bool:
    """Whether an activation of the alarm with this id is one that came just now. Rule: CR-25.

    A backlog that is taken in says nothing of how fast things happen, however many agencies it is of.
    """
    return not alarm.startswith(INHERITED)


def flood(
    activations: Sequence[datetime], positions: int, flooding: bool, now: datetime
) -> Literal["begin", "end"] | None:
    """What becomes of the flood at ``now``; None when it stays as it is. Rule: CR-25.

    ``activations``: the entries to unacked that count, in any order; those of the last ten minutes decide.
    ``positions``: staffed desks, at least one. More than 10 a position begin a flood, fewer than 5 end it.
    """
    if flooding:
        end = ends_at(activations, positions)
        return "end" if end is None or end <= now else None
    count = sum(now - WITHIN < moment <= now for moment in activations)
    return "begin" if count > BEARABLE * positions else None


def ends_at(activations: Sequence[datetime], positions: int) -> datetime | None:
    """When a flood ends unless more comes: the fifth youngest leaves the window; None if there are no five."""
    kept = OVER_BELOW * positions
    return sorted(activations)[-kept] + WITHIN if len(activations) >= kept else None
