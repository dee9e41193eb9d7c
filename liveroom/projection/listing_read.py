"""Pages of complaints by what they are, newest first: each status and value is walked along its own index."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, Select, and_, literal, select, tuple_, union_all

from liveroom.log.schema import MEANT, listing, listing_agency

Key = tuple[int, str]
NEWEST: Key = (1 << 62, "")
COLUMNS = tuple(listing.c)
WALKED = {"category": listing.c.category, "area": listing.c.area, "priority": listing.c.priority}


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Which index to walk: ``by`` agency, category, area or priority with its ``values``, or "" for none.

    ``statuses`` are walked side by side; ``since`` and ``until`` bound receipt, microseconds, the end not included.
    """

    by: str
    values: tuple[str, ...]
    statuses: tuple[str, ...]
    since: int
    until: int


def walk(connection: Connection, way: Walk, before: Key, limit: int) -> Sequence[Row[tuple[object, ...]]]:
    """Up to ``limit`` rows of ``listing`` that come after the key (received_at, id) ``before``, newest first."""
    pairs = [(value, status) for value in (way.values if way.by else ("",)) for status in way.statuses]
    branches = [_branch(way, *pair, before=before, limit=limit).subquery() for pair in pairs]
    if not branches:
        return ()
    found = union_all(*(select(branch) for branch in branches)).subquery()
    keys = select(found.c.id).order_by(found.c.received_at.desc(), found.c.id.desc()).limit(limit)
    query = select(*COLUMNS).where(listing.c.id.in_(keys))
    return connection.execute(query.order_by(listing.c.received_at.desc(), listing.c.id.desc())).all()


def _branch(way: Walk, value: str, status: str, *, before: Key, limit: int) -> Select[tuple[int, str]]:
    table = listing_agency if way.by == "agency" else listing
    wanted = [table.c.status == status]
    if way.by:
        wanted.append((table.c.agency if way.by == "agency" else WALKED[way.by]) == value)
    place = tuple_(table.c.received_at, table.c.id)
    wanted += [place < tuple_(literal(before[0]), literal(before[1])), table.c.received_at >= way.since]
    wanted.append(table.c.received_at < way.until)
    query = select(table.c.received_at, table.c.id).where(and_(*wanted))
    return query.order_by(table.c.received_at.desc(), table.c.id.desc()).limit(limit)


def rows_of(connection: Connection, ids: Collection[str]) -> Sequence[Row[tuple[object, ...]]]:
    """The rows of these complaints (at most 1,000), in no order."""
    return connection.execute(select(*COLUMNS).where(listing.c.id.in_(list(ids)))).all() if ids else ()


def of_agency(connection: Connection, agency: str, ids: Collection[str], *, meant: bool) -> list[str]:
    """Those of ``ids`` (at most 1,000) that lie with an agency, or are only ``meant`` for it."""
    table = listing_agency.c
    query = select(table.id).where(table.agency == agency, table.id.in_(list(ids)))
    query = query if meant else query.where(table.status != MEANT)
    return list(connection.execute(query).scalars()) if ids else []
