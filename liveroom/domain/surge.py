"""Surges: many complaints of one category in neighbouring areas within minutes, and distances within a city.

A surge is a notice on the wall, never an alarm. Its limits are those of `AlarmRules`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import cos, hypot, radians
from typing import TypeVar

from liveroom.domain.alarms.model import AlarmRules
from liveroom.domain.events import Event
from liveroom.domain.events.room_payloads import SurgeBegan, SurgeEnded, SurgeGrown
from liveroom.domain.room import about_room
from liveroom.domain.timestamps import to_text

# Area -> the areas that touch it.
Neighbours = Mapping[str, frozenset[str]]

S = TypeVar("S", SurgeBegan, SurgeGrown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """Complaints of one category in one area within the last ``surge_within``: ``n`` of them.

    ``id`` and ``at`` are the first one's. A complaint without an area does not count.
    """

    id: str
    category: str
    area: str
    at: datetime
    n: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """One surge. ``id`` comes from its first complaint and stays; ``areas`` are sorted."""

    id: str
    category: str
    areas: tuple[str, ...]
    n: int
    since: datetime


def surges(recent: Sequence[Recent], neighbours: Neighbours, rules: AlarmRules) -> tuple[Surge, ...]:
    """Where one category has at least ``surge_count`` complaints in connected areas; in order of beginning.

    ``recent`` is the window of time, chosen by the caller.
    """
    return tuple(one for one in _clusters(recent, neighbours) if one.n >= rules.surge_count)


def surge_events(
    known: Sequence[Surge], recent: Sequence[Recent], neighbours: Neighbours, rules: AlarmRules, *, now: datetime
) -> tuple[Event, ...]:
    """The events since the ``known`` surges began: grown, ended, begun. Two that grow together become the older one.

    A surge lasts while half of ``surge_count`` remain in the window, and only grows.
    """
    left = [one for one in _clusters(recent, neighbours) if 2 * one.n >= rules.surge_count]
    events: list[Event] = []
    for surge in sorted(known, key=lambda one: one.since):
        found = next((one for one in left if _same(surge, one)), None)
        if found is None:
            events.append(about_room(SurgeEnded(id=surge.id), at=now))
            continue
        left.remove(found)
        areas = sorted({*surge.areas, *found.areas})
        if found.n > surge.n or len(areas) > len(surge.areas):
            grown = replace(surge, areas=tuple(areas), n=max(found.n, surge.n))
            events.append(about_room(_as(SurgeGrown, grown), at=now))
    events.extend(about_room(_as(SurgeBegan, one), at=now) for one in left if one.n >= rules.surge_count)
    return tuple(events)


def _clusters(recent: Iterable[Recent], neighbours: Neighbours) -> list[Surge]:
    """Clusters of any size, in order of their first complaint."""
    ordered = sorted(recent, key=lambda one: (one.at, one.id))
    found = []
    for category in sorted({one.category for one in ordered}):
        of_it = [one for one in ordered if one.category == category]
        for areas in _connected({one.area for one in of_it}, neighbours):
            found.append(_surge([one for one in of_it if one.area in areas]))
    return sorted(found, key=lambda one: (one.since, one.id))


def _connected(areas: set[str], neighbours: Neighbours) -> list[set[str]]:
    """The areas in groups that are connected through each other, in order of their first."""
    groups: list[set[str]] = []
    for first in sorted(areas):
        if any(first in group for group in groups):
            continue
        group, ahead = {first}, [first]
        while ahead:
            found = (neighbours.get(ahead.pop(), frozenset()) & areas) - group
            group |= found
            ahead += found
        groups.append(group)
    return groups


def _surge(complaints: Sequence[Recent]) -> Surge:
    first = complaints[0]
    return Surge(
        id=f"surge:{first.id}",
        category=first.category,
        areas=tuple(sorted({one.area for one in complaints})),
        n=sum(one.n for one in complaints),
        since=first.at,
    )


def _same(one: Surge, other: Surge) -> bool:
    return one.category == other.category and not set(one.areas).isdisjoint(other.areas)


def _as(payload: type[S], surge: Surge) -> S:
    return payload(id=surge.id, category=surge.category, areas=list(surge.areas), n=surge.n, since=to_text(surge.since))


# Within a city the earth is flat enough.
METRES_A_DEGREE = 111_195.0


def metres_between(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Metres between two points in WGS 84 degrees, right to a metre in a kilometre."""
    east = (other_lon - lon) * cos(radians((lat + other_lat) / 2))
    return METRES_A_DEGREE * hypot(other_lat - lat, east)
