"""Keeps the rows by which desks list complaints in step with the complaints."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, insert

from liveroom.domain.complaints.model import Complaint
from liveroom.domain.timestamps import to_micros
from liveroom.log.schema import MEANT, listing, listing_agency
from liveroom.projection.upsert import upsert

Pair = tuple[Complaint | None, Complaint | None]


def write_listing(connection: Connection, changed: Iterable[Pair]) -> None:
    """Write the rows of what changed, old beside new; only those that say something else than before."""
    pairs = [(old, new) for old, new in changed if new is not None]
    rows = [row for old, new in pairs if (row := listing_row(new)) != (old and listing_row(old))]
    upsert(connection, listing, rows)
    moved = [(old, new) for old, new in pairs if old is None or agency_rows(old) != agency_rows(new)]
    stood = [old.id for old, _ in moved if old is not None]
    if stood:
        connection.execute(delete(listing_agency).where(listing_agency.c.id.in_(stood)))
    shares = [row for _, new in moved for row in agency_rows(new)]
    if shares:
        connection.execute(insert(listing_agency), shares)


def listing_row(complaint: Complaint) -> dict[str, Any]:
    """What a complaint is listed and filtered by."""
    return {
        "id": complaint.id,
        "received_at": to_micros(complaint.received_at),
        "status": complaint.status.value,
        "state": complaint.state.value,
        "category": complaint.category,
        "area": complaint.area or "",
        "priority": complaint.priority,
        "overdue": int(complaint.overdue),
        "claimed_by": complaint.claimed_by,
        "claimed_until": to_micros(complaint.claimed_until) if complaint.claimed_until else None,
        "lat": complaint.lat,
        "lon": complaint.lon,
        "source_id": complaint.source_id,
    }


def agency_rows(complaint: Complaint) -> list[dict[str, Any]]:
    """One row for each agency that has it; for one that it is only meant for, with ``MEANT`` in place of its status."""
    row = {
        "id": complaint.id,
        "received_at": to_micros(complaint.received_at),
        "overdue": int(complaint.overdue),
    }
    held = [{"agency": agency, "status": complaint.status.value, **row} for agency in complaint.agencies]
    if complaint.agency is None or complaint.agency in complaint.agencies:
        return held
    return [*held, {"agency": complaint.agency, "status": MEANT, **row}]
