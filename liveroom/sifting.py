"""What a search asks for, along which index it is best walked, and whether a row on the way is wanted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liveroom.city.city import City
from liveroom.domain.complaints.model import OPEN, Status
from liveroom.domain.surge import metres_between
from liveroom.domain.timestamps import to_micros
from liveroom.log.schema import MEANT
from liveroom.projection.listing_read import Walk

ALL = tuple(status.value for status in Status)
LATEST = 1 << 62
# Each value of a filter is walked beside the others; above so many it is cheaper to look at each row.
VALUES_AT_ONCE = 16
Row = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for; empty collections and None ask for nothing. ``near`` is (lat, lon, metres).

    ``claimed``: True, False, or who claimed it. ``phones``: whether ``words`` may be looked up as a telephone number.
    ``held_by``: only what lies with this agency.
    """

    words: str = ""
    statuses: tuple[str, ...] = ALL
    states: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    priorities: frozenset[str] = frozenset()
    agency: str | None = None
    held_by: str | None = None
    overdue: bool | None = None
    claimed: bool | str | None = None
    since: datetime | None = None
    until: datetime | None = None
    near: tuple[float, float, float] | None = None
    phones: bool = False


def way_of(wanted: Wanted, city: City) -> Walk:
    """The index to walk: the agency's, else the areas', categories' or priorities', else that of the statuses alone."""
    near = city.areas_near(*wanted.near) | {""} if wanted.near else frozenset[str]()
    areas = (wanted.areas & near if wanted.areas and near else wanted.areas or near) or wanted.areas
    ways = (
        ("agency", frozenset({wanted.held_by or wanted.agency or ""} - {""})),
        ("area", areas),
        ("category", wanted.categories),
        ("priority", wanted.priorities),
    )
    by, values = next(((by, values) for by, values in ways if 0 < len(values) <= VALUES_AT_ONCE), ("", frozenset()))
    return Walk(
        by=by,
        values=tuple(sorted(values)),
        statuses=_statuses(wanted, by),
        since=to_micros(wanted.since) if wanted.since else 0,
        until=to_micros(wanted.until) if wanted.until else LATEST,
    )


def _statuses(wanted: Wanted, by: str) -> tuple[str, ...]:
    """Nothing that has ended is overdue or needs claiming; a desk sees what is meant for an agency among its own."""
    open_only = wanted.overdue or wanted.claimed not in (None, False)
    statuses = tuple(status for status in wanted.statuses if not open_only or Status(status) in OPEN)
    meant = by == "agency" and wanted.held_by is None and Status.WAITING.value in statuses
    return (*statuses, MEANT) if meant else statuses


def fits(wanted: Wanted, now: int, row: Row) -> bool:
    """Whether a row of ``listing`` is what is asked for at ``now`` (microseconds), its agencies aside."""
    return _is(wanted, row) and _then(wanted, row) and _claimed(wanted, now, row) and _near(wanted, row)


def _is(wanted: Wanted, row: Row) -> bool:
    asked = (
        (wanted.statuses, row.status),
        (wanted.states, row.state),
        (wanted.categories, row.category),
        (wanted.areas, row.area),
        (wanted.priorities, row.priority),
    )
    right = all(not allowed or value in allowed for allowed, value in asked)
    return right and (wanted.overdue is None or wanted.overdue == bool(row.overdue))


def _then(wanted: Wanted, row: Row) -> bool:
    after = wanted.since is None or row.received_at >= to_micros(wanted.since)
    return after and (wanted.until is None or row.received_at < to_micros(wanted.until))


def _claimed(wanted: Wanted, now: int, row: Row) -> bool:
    if wanted.claimed is None:
        return True
    live = row.claimed_until is not None and row.claimed_until > now
    if isinstance(wanted.claimed, str):
        return live and row.claimed_by == wanted.claimed
    return live == wanted.claimed


def _near(wanted: Wanted, row: Row) -> bool:
    if wanted.near is None:
        return True
    lat, lon, metres = wanted.near
    return row.lat is not None and metres_between(lat, lon, row.lat, row.lon) <= metres
