"""Takes out of events and alarms what can betray a person: the exact place, and a category in a source's own words.

The log is written once and for ever but for this: the law asks for it, and what the city counts by is left in it.
"""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection, select, update

from liveroom.domain.alarms.model import AlarmKind
from liveroom.domain.complaints.decide import BLANK, blank
from liveroom.domain.events import Kind
from liveroom.log import codec, schema

SURGES = (Kind.SURGE_BEGAN.value, Kind.SURGE_GROWN.value)


def subjects_of(complaint: str) -> tuple[str, ...]:
    """The ids under which something may be kept of a complaint: its own, and those of its alarms."""
    return (complaint, *(f"{kind}:{complaint}" for kind in AlarmKind))


def blank_events(connection: Connection, complaint: str, listed: Collection[str]) -> None:
    """Blank what its events and alarms hold; ``listed`` are the city's categories. Idempotent."""
    table, its = schema.event, subjects_of(complaint)
    rows = connection.execute(select(table.c.seq, table.c.payload).where(table.c.subject_id.in_(its))).all()
    for seq, text in rows:
        if (blanked := _blanked(text, listed)) is not None:
            connection.execute(update(table).where(table.c.seq == seq).values(payload=blanked))
    _blank_alarms(connection, its, listed)


def blank_surges(connection: Connection, listed: Collection[str]) -> None:
    """Blank the categories of surges that an earlier version of the room told in a source's words. Idempotent."""
    event, notice = schema.event, schema.notice
    told = select(event.c.seq, event.c.payload).where(event.c.subject_id == "room", event.c.kind.in_(SURGES))
    for seq, text in connection.execute(told).all():
        if (blanked := _blanked(text, listed)) is not None:
            connection.execute(update(event).where(event.c.seq == seq).values(payload=blanked))
    standing = select(notice.c.id, notice.c.body).where(notice.c.id.like("surge:%"))
    for id_, text in connection.execute(standing).all():
        if (blanked := _blanked(text, listed)) is not None:
            connection.execute(update(notice).where(notice.c.id == id_).values(body=blanked))


def _blanked(text: str, listed: Collection[str]) -> str | None:
    """The text without what betrays; None where there is nothing of it."""
    payload = codec.decode_payload(text)
    blanked = blank(payload, listed)
    return None if blanked == payload else codec.encode(blanked)


def _blank_alarms(connection: Connection, ids: Collection[str], listed: Collection[str]) -> None:
    table = schema.alarm
    for row in connection.execute(select(table.c.id, table.c.body).where(table.c.id.in_(ids))).all():
        alarm = codec.decode_alarm(row.body)
        if alarm.category is not None and alarm.category not in listed:
            body = codec.encode(replace(alarm, category=BLANK))
            connection.execute(update(table).where(table.c.id == row.id).values(body=body))
