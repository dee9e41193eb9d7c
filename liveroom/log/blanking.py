"""Takes out of events and alarms what can betray a person: the exact place, and a category in a source's own words.

The log is written once and for ever but for this: the law asks for it, and what the city counts by is left in it.
"""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection, select, update

from liveroom.domain.alarm import AlarmKind
from liveroom.domain.erasure import BLANK, blank
from liveroom.log import codec, schema


def subjects_of(complaint: str) -> tuple[str, ...]:
    """The ids under which something may be kept of a complaint: its own, and those of its alarms."""
    return (complaint, *(f"{kind}:{complaint}" for kind in AlarmKind))


def blank_events(connection: Connection, complaint: str, listed: Collection[str]) -> None:
    """Blank what its events and alarms hold; ``listed`` are the city's categories. Idempotent."""
    table, its = schema.event, subjects_of(complaint)
    rows = connection.execute(select(table.c.seq, table.c.payload).where(table.c.subject_id.in_(its))).all()
    for seq, text in rows:
        payload = codec.decode_payload(text)
        if (blanked := blank(payload, listed)) != payload:
            connection.execute(update(table).where(table.c.seq == seq).values(payload=codec.encode(blanked)))
    _blank_alarms(connection, its, listed)


def _blank_alarms(connection: Connection, ids: Collection[str], listed: Collection[str]) -> None:
    table = schema.alarm
    for row in connection.execute(select(table.c.id, table.c.body).where(table.c.id.in_(ids))).all():
        alarm = codec.decode_alarm(row.body)
        if alarm.category is not None and alarm.category not in listed:
            body = codec.encode(replace(alarm, category=BLANK))
            connection.execute(update(table).where(table.c.id == row.id).values(body=body))
