"""Receipts as early signs read them: what came in, when and where; what is open of late; what was at a place before.

Each function is one slice of a read, by an index, bounded by its arguments. Times are microseconds since 1970.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import cos, radians
from typing import NamedTuple

from rapidfuzz import fuzz
from sqlalchemy import Connection, and_, func, select, tuple_

from liveroom.domain.complaints.model import OPEN, Status
from liveroom.domain.signs.matter import PlacedReport
from liveroom.domain.signs.recurrence import LOOKED_BACK, TIMES, WITHIN_M, PlacedComplaint, Recurrence, recurrences
from liveroom.domain.surge import METRES_A_DEGREE, metres_between
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.schema import listing
from liveroom.projection.search import report_texts

# (received_at, id), as an index is walked.
Key = tuple[int, str]
_OPEN = [status.value for status in OPEN]


class ReceiptRow(NamedTuple):
    """One complaint as it came in; ``area`` empty without one."""

    received_at: int
    id: str
    category: str
    area: str


def receipts_after(connection: Connection, key: Key, end: int, limit: int) -> Sequence[ReceiptRow]:
    """Up to ``limit`` receipts before ``end``, beyond the key, in its order."""
    table = listing.c
    query = select(table.received_at, table.id, table.category, table.area)
    beyond = tuple_(table.received_at, table.id) > tuple_(*key)
    # The plain bound lets either database begin in the index.
    query = query.where(table.received_at >= key[0], table.received_at < end, beyond)
    rows = connection.execute(query.order_by(table.received_at, table.id).limit(limit))
    return [ReceiptRow._make(row) for row in rows]


# ---- matters that grow ----

# Characters of a text that are compared.
CHARACTERS = 400


def open_since(connection: Connection, since: int, limit: int) -> Sequence[PlacedReport]:
    """The newest open complaints with a place that came in since a moment, at most ``limit``."""
    table = listing.c
    query = select(table.id, table.category, table.lat, table.lon, table.received_at).where(
        table.status.in_(_OPEN), table.received_at >= since, table.lat.is_not(None)
    )
    rows = connection.execute(query.order_by(table.received_at.desc(), table.id.desc()).limit(limit))
    return [
        PlacedReport(
            id=row.id, category=row.category, lat=row.lat, lon=row.lon, received_at=from_micros(row.received_at)
        )
        for row in rows
    ]


class Likeness:
    """How alike the words of two reports are, 0 to 1; without words on a side, neither alike nor not: ``unknown``."""

    def __init__(self, words: Mapping[str, str], *, unknown: float, most: int) -> None:
        """``words`` by complaint; after ``most`` comparisons nothing is alike any more, so that a look stays short."""
        self._words = words
        self._unknown = unknown
        self._left = most

    def __call__(self, one: PlacedReport, other: PlacedReport) -> float:
        """Compare two."""
        mine, theirs = self._words.get(one.id, ""), self._words.get(other.id, "")
        if self._left <= 0:
            return 0.0
        self._left -= 1
        return fuzz.token_set_ratio(mine, theirs) / 100 if mine and theirs else self._unknown


def words_of(connection: Connection, ids: Sequence[str]) -> Mapping[str, str]:
    """The beginning of each description (at most 500 complaints)."""
    texts = report_texts(connection, ids)
    return {id_: found.get("description", "")[:CHARACTERS] for id_, found in texts.items()}


# ---- places that recur ----


def newest_open(connection: Connection, before: Key, limit: int) -> Sequence[Key]:
    """Up to ``limit`` open complaints with a place that came in before the key, newest first."""
    table = listing.c
    query = select(table.received_at, table.id).where(
        table.status.in_(_OPEN), table.lat.is_not(None), tuple_(table.received_at, table.id) < tuple_(*before)
    )
    rows = connection.execute(query.order_by(table.received_at.desc(), table.id.desc()).limit(limit))
    return [(row.received_at, row.id) for row in rows]


def times_there(
    connection: Connection, ids: Iterable[str], *, least: int = TIMES
) -> Mapping[str, tuple[Recurrence, ...]]:
    """By complaint, the times that its matter was at its place up to now, where these are at least ``least``.

    Complaints that were rejected, sent elsewhere or merged are no time of their own. ``ids``: about 50 a slice.
    """
    one, other, milestone = listing.alias("one"), listing.alias("other"), schema.milestone.c
    # Wide enough at any latitude of a city; the distance itself is judged below.
    north = WITHIN_M / METRES_A_DEGREE
    query = (
        select(
            one.c.id.label("of"),
            one.c.lat.label("of_lat"),
            one.c.lon.label("of_lon"),
            other.c.id,
            other.c.lat,
            other.c.lon,
            other.c.received_at,
            other.c.status,
            milestone.finished_at,
        )
        .select_from(
            one.join(
                other,
                and_(
                    other.c.category == one.c.category,
                    other.c.lat >= one.c.lat - north,
                    other.c.lat <= one.c.lat + north,
                    func.abs(other.c.lon - one.c.lon) <= north / max(0.01, cos(radians(FARTHEST))),
                ),
            ).join(schema.milestone, milestone.id == other.c.id)
        )
        .where(one.c.id.in_(list(ids)), other.c.received_at >= one.c.received_at - LOOKED_BACK_US)
        .where(other.c.status.in_([*_OPEN, Status.DONE.value]))
    )
    found: defaultdict[str, list[PlacedComplaint]] = defaultdict(list)
    for row in connection.execute(query):
        if metres_between(row.of_lat, row.of_lon, row.lat, row.lon) <= WITHIN_M:
            done = row.status == Status.DONE.value and row.finished_at is not None
            found[row.of].append(
                PlacedComplaint(
                    id=row.id,
                    received_at=from_micros(row.received_at),
                    finished_at=from_micros(row.finished_at) if done else None,
                )
            )
    times = {of: recurrences(occurrences) for of, occurrences in found.items()}
    return {of: found for of, found in times.items() if len(found) >= least}


# No city of people lies beyond; a degree of longitude is shortest there.
FARTHEST = 72.0
LOOKED_BACK_US = to_micros(from_micros(0) + LOOKED_BACK)
