"""Which complaints have a finish that an officer promised: the log alone knows, a deadline does not tell who set it."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from liveroom.domain.complaints.model import Stage
from liveroom.domain.events import Kind
from liveroom.log import codec, schema

# What sets a finish of its own; pauses, splits and reopening only move the one there is.
SETS_FINISH = (Kind.AMENDED, Kind.TRIAGED, Kind.EXTENDED, Kind.REPLANNED)


def extended_of(connection: Connection, ids: Collection[str]) -> frozenset[str]:
    """Those of ``ids`` (at most 500) whose finish was set by ``complaint.extended`` last."""
    event = schema.event.c
    query = select(event.subject_id, event.kind, event.payload).where(
        event.subject_id.in_(sorted(ids)), event.kind.in_([kind.value for kind in SETS_FINISH])
    )
    last: dict[str, str] = {}
    for row in connection.execute(query.order_by(event.seq)):
        if Stage.FINISH.value in codec.decode_payload(row.payload).get("deadlines", {}):
            last[row.subject_id] = row.kind
    return frozenset(id_ for id_, kind in last.items() if kind == Kind.EXTENDED.value)
