"""Alarm performance: rate, floods, priorities, chattering and response times against the targets of control-room.md.

Rules: CR-27 to CR-32, CR-89 and CR-90.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from liveroom.domain.alarms.model import CHATTER_WITHIN
from liveroom.domain.alarms.rules import BEARABLE, OVER_BELOW, WITHIN, counts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHATTER_COUNT, CHATTER_DAYS = 3, 7
STALE_AFTER = DAY
TOP = 10


class Light(StrEnum):
    """A figure against its target; ``info`` where there are too few alarms to judge."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """One entry to unacked: which alarm, when, of which kind and priority, from which agency or source."""

    alarm: str
    at: datetime
    kind: str
    priority: int
    origin: str


def rate(activations: Sequence[Activation], since: datetime, until: datetime, positions: int) -> float | None:
    """Alarms an hour and position in (since, until]; None for an empty window. Rule: CR-27."""
    hours = (until - since) / HOUR * positions
    if hours <= 0:
        return None
    return sum(since < one.at <= until for one in activations) / hours


def rate_light(value: float | None) -> Light:
    """At most 6 green, up to 12 amber, above red. Rule: CR-27."""
    if value is None:
        return Light.INFO
    return Light.GREEN if value <= 6 else Light.AMBER if value <= 12 else Light.RED


def in_flood(activations: Sequence[Activation], since: datetime, until: datetime, positions: int) -> timedelta:
    """How long a flood was on within (since, until], by the rule that begins and ends it. Rules: CR-25, CR-28."""
    moments = sorted(one.at for one in activations if one.at <= until and counts(one.alarm))
    steps = sorted([(moment, 1) for moment in moments] + [(moment + WITHIN, -1) for moment in moments])
    count, began, total = 0, None, timedelta()
    for moment, step in steps:
        count += step
        if began is None and count > BEARABLE * positions:
            began = moment
        elif began is not None and count < OVER_BELOW * positions:
            total += _within(began, moment, since, until)
            began = None
    return total if began is None else total + _within(began, until, since, until)


def _within(start: datetime, end: datetime, since: datetime, until: datetime) -> timedelta:
    return max(timedelta(), min(end, until) - max(start, since))


def flood_light(share: float) -> Light:
    """Below 1 % of the window green, below 5 % amber. Rule: CR-28; the second bound is our own."""
    return Light.GREEN if share < 0.01 else Light.AMBER if share < 0.05 else Light.RED


def top_origins(activations: Iterable[Activation]) -> tuple[tuple[tuple[str, str], int], ...]:
    """The ten (kind, origin) with most activations. Rule: CR-29."""
    counted = Counter((one.kind, one.origin) for one in activations)
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:TOP])


def shares(activations: Sequence[Activation]) -> dict[int, float]:
    """The share of each priority; all 0 when there was none. Rule: CR-32, near 80 / 15 / 5 % for P3 / P2 / P1."""
    counted = Counter(one.priority for one in activations)
    return {priority: counted[priority] / max(1, len(activations)) for priority in (1, 2, 3)}


def shares_light(found: dict[int, float], n: int) -> Light:
    """P1 above 10 % is red, above 5 % amber; fewer than 20 alarms are not judged. Rule: CR-32."""
    if n < 20:
        return Light.INFO
    return Light.RED if found[1] > 0.10 else Light.AMBER if found[1] > 0.05 else Light.GREEN


def chattering(activations: Iterable[Activation]) -> tuple[str, ...]:
    """Alarms with three activations within 60 s at any time. Rules: CR-23, CR-32."""
    by_alarm: dict[str, list[datetime]] = {}
    for one in activations:
        by_alarm.setdefault(one.alarm, []).append(one.at)
    return tuple(sorted(alarm for alarm, moments in by_alarm.items() if _chatters(sorted(moments))))


def _chatters(moments: Sequence[datetime]) -> bool:
    last = CHATTER_COUNT - 1
    return any(moments[i + last] - moments[i] <= CHATTER_WITHIN for i in range(len(moments) - last))


def count_light(n: int, fewer_than: int) -> Light:
    """Fewer than the bound green, else red. Rules: CR-30 (5 stale ones), CR-32 (no chattering one)."""
    return Light.GREEN if n < fewer_than else Light.RED


@dataclass(frozen=True, slots=True, kw_only=True)
class Promptness:
    """Of ``n`` cases the share within each target time, in seconds; ``light`` by all of them."""

    n: int
    within: tuple[tuple[int, float], ...]
    light: Light


def promptness(waits: Sequence[float], targets: Sequence[tuple[int, float]]) -> Promptness:
    """Response times ``waits`` (seconds) against (seconds, share) targets. Rules: CR-89, CR-90."""
    n = len(waits)
    within = tuple((seconds, sum(wait <= seconds for wait in waits) / max(1, n)) for seconds, _ in targets)
    if n == 0:
        return Promptness(n=0, within=within, light=Light.INFO)
    met = all(share >= target for (_, share), (_, target) in zip(within, targets, strict=True))
    return Promptness(n=n, within=within, light=Light.GREEN if met else Light.RED)
