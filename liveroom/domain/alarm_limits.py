"""How long each silence may last and how much is too much: the numbers of control-room.md, in one frozen object."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


def _by_priority(first: int, second: int, third: int) -> Mapping[int, timedelta]:
    return {1: timedelta(minutes=first), 2: timedelta(minutes=second), 3: timedelta(minutes=third)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRules:
    """The numbers by which alarms live; mappings are by priority.

    ``positions``: staffed desks. ``page_after``: CR-18. ``ack_expires``: CR-20. ``shelve_longest``: CR-21.
    ``review_within`` and, by our own choice, ``suppress_longest``: CR-22. ``chatter_count`` activations in 60 s: CR-23.
    ``warned_per_hour`` pre-warnings a position are raised one by one, the rest grouped: CR-33. ``surge_count``
    complaints of a category in neighbouring areas ``surge_within``: the issue's own choice.
    """

    positions: int = 1
    page_after: timedelta = timedelta(seconds=60)
    ack_expires: Mapping[int, timedelta] = field(default_factory=lambda: _by_priority(15, 60, 240))
    shelve_longest: Mapping[int, timedelta] = field(default_factory=lambda: _by_priority(30, 240, 480))
    review_within: timedelta = timedelta(days=7)
    suppress_longest: timedelta = timedelta(days=7)
    chatter_count: int = 3
    warned_per_hour: int = 4
    surge_count: int = 12
    surge_within: timedelta = timedelta(minutes=20)
