"""What the figures of alarm health are made of: activations, answers, forwards, what stands too long."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from liveroom.domain.alarms.metrics import STALE_AFTER, Activation
from liveroom.domain.alarms.model import LISTED, Alarm
from liveroom.domain.events import Kind
from liveroom.domain.room import ROOM
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import event_log, schema
from liveroom.projection.alarms import NO_PRIORITY

NOBODY = "-"
IN_ONE = 500


def founded(connection: Connection) -> datetime | None:
    """When the room's first event was true: nobody sat here before; None in an empty log."""
    table = schema.event.c
    at = connection.execute(select(table.at).order_by(table.seq).limit(1)).scalar_one_or_none()
    return None if at is None else from_micros(at)


def activation_rows(
    connection: Connection, since: datetime, *, after: int, limit: int
) -> tuple[tuple[int, Activation], ...]:
    """Up to ``limit`` (number, activation) since a moment, numbers above ``after``, in order; origin still open."""
    table = schema.activation.c
    query = select(table.seq, table.at, table.alarm, table.kind, table.priority).where(
        table.at > to_micros(since), table.seq > after, table.priority > NO_PRIORITY
    )
    return tuple(
        (
            row.seq,
            Activation(alarm=row.alarm, at=from_micros(row.at), kind=row.kind, priority=row.priority, origin=NOBODY),
        )
        for row in connection.execute(query.order_by(table.seq).limit(limit))
    )


def origins(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """By alarm id (at most 500) its source or agency."""
    table = schema.alarm.c
    bodies = connection.execute(select(table.body).where(table.id.in_(tuple(ids)))).scalars()
    return {one.id: one.source or one.agency or NOBODY for one in map(event_log.decode_alarm, bodies)}


def answers(connection: Connection, ids: Collection[str], since: datetime) -> tuple[tuple[str, datetime], ...]:
    """(alarm, moment) of each acknowledgement of these alarms (at most 500) since a moment, in order."""
    table = schema.event.c
    query = select(table.subject_id, table.at).where(
        table.subject_id.in_(tuple(ids)), table.kind == Kind.ALARM_ACKNOWLEDGED.value, table.at > to_micros(since)
    )
    return tuple((row.subject_id, from_micros(row.at)) for row in connection.execute(query.order_by(table.seq)))


def forward_waits(connection: Connection, since: datetime, limit: int) -> tuple[float, ...]:
    """Seconds from receipt to the first forward of critical complaints since a moment; the newest ``limit``."""
    table = schema.milestone.c
    query = select(table.received_at, table.forwarded_at).where(
        table.critical == 1, table.forwarded_at.is_not(None), table.received_at > to_micros(since)
    )
    rows = connection.execute(query.order_by(table.received_at.desc()).limit(limit))
    return tuple((row.forwarded_at - row.received_at) / 1e6 for row in rows)


def sound_tests(connection: Connection, since: datetime) -> tuple[tuple[Kind, datetime], ...]:
    """(kind, moment) of what was asked, confirmed and missed of sound tests since a moment, in order. Rule: CR-96."""
    table, kinds = schema.event.c, (Kind.SOUND_ASKED, Kind.SOUND_CONFIRMED, Kind.SOUND_MISSED)
    query = select(table.kind, table.at).where(
        table.subject_id == ROOM, table.kind.in_([kind.value for kind in kinds]), table.at > to_micros(since)
    )
    return tuple((Kind(row.kind), from_micros(row.at)) for row in connection.execute(query.order_by(table.seq)))


def stale(connection: Connection, now: datetime, limit: int) -> tuple[Alarm, ...]:
    """Alarms listed and active for more than 24 h, the oldest first. Rule: CR-30."""
    table = schema.alarm.c
    query = select(table.body).where(table.state.in_([state.value for state in LISTED])).limit(limit)
    found = (event_log.decode_alarm(body) for body in connection.execute(query).scalars())
    old = [one for one in found if one.active and one.raised_at is not None and now - one.raised_at > STALE_AFTER]
    return tuple(sorted(old, key=lambda one: (str(one.raised_at), one.id)))
