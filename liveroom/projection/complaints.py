"""Complaints: their rows, the open day and the states of sources and screens; reads for feed, clock, import and detail.

Each read uses an index and is bounded by its caller: ids are at most 500, lists have a limit and go on after a key.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from liveroom.accounts.users import Person, people_of
from liveroom.city.city import City
from liveroom.domain.complaints.deadlines import arithmetic
from liveroom.domain.complaints.model import OPEN, Complaint
from liveroom.domain.events import Kind, LoggedEvent, Subject
from liveroom.domain.events.account_payloads import ScreenDark, ScreenRevoked, ScreenSeen, SourceChanged
from liveroom.domain.events.room_payloads import ClockRepaired, DayOpened
from liveroom.domain.requests import Unknown
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import event_log, schema
from liveroom.log.event_log import EventLog, history, room_now
from liveroom.log.outbox import Delivery, to_agencies
from liveroom.log.rows import PreparedQuery, upsert
from liveroom.log.texts import Dossier, dossier_of
from liveroom.log.uploads import Upload, uploads_of
from liveroom.projection.projector import (
    AuditFinding,
    Change,
    ChangeProjector,
    Projector,
    Refolded,
    row_difference,
)
from liveroom.projection.totals import wire_counts, wire_keys

_complaint = schema.complaint
OPEN_STATUSES: Collection[str] = tuple(sorted(status.value for status in OPEN))
SCREEN_STATES: Mapping[Kind, str] = {
    Kind.SCREEN_SEEN: "ok",
    Kind.SCREEN_DARK: "dark",
    Kind.SCREEN_REVOKED: "revoked",
}


class ComplaintProjector(ChangeProjector):
    """Writes each complaint as it is."""

    def write(self, changes: Sequence[Change]) -> None:
        """Write the rows of complaints that changed."""
        upsert(self._connection, _complaint, [row_of(new) for _, new in changes])

    @staticmethod
    def differences(connection: Connection, complaints: Sequence[Refolded], /) -> list[AuditFinding]:
        """Rows that differ from the log, columns included, because the clock and the totals live on them."""
        found: list[AuditFinding] = []
        for one in complaints:
            row = connection.execute(select(_complaint).where(_complaint.c.id == one.id)).mappings().one_or_none()
            expected, kept = row_of(one.complaint) if one.complaint else {}, dict(row or {})
            # Sets in a body have no order of their own.
            if row and one.complaint and event_log.decode_complaint(row["body"]) == one.complaint:
                kept["body"] = expected["body"]
            found += row_difference("complaint", one.id, expected, kept)
        return found


def row_of(complaint: Complaint) -> dict[str, Any]:
    """The ``complaint`` row of a complaint; what is searched and sorted by has a column, all of it is in ``body``."""
    return {
        "id": complaint.id,
        "seq": complaint.seq,
        "source": complaint.source,
        "source_id": complaint.source_id,
        "day": complaint.day,
        "status": str(complaint.status),
        "overdue": int(complaint.overdue),
        "closed_day": complaint.closed_day,
        "next_due": to_micros(complaint.next_due) if complaint.next_due else None,
        "received_at": to_micros(complaint.received_at),
        "body": event_log.encode(complaint),
    }


class StateProjector(Projector):
    """Keeps the day that is open, and the last state of each source and screen."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._day: dict[str, Any] | None = None
        self._sources: dict[str, dict[str, Any]] = {}
        self._screens: dict[str, dict[str, Any]] = {}

    def apply(self, logged: LoggedEvent, _before: Complaint | None, _after: Complaint | None, /) -> None:
        """Fold one event; most change no state."""
        if logged.event.subject is Subject.COMPLAINT:
            return
        payload, id_, seq = logged.event.payload, logged.event.id, logged.seq
        match payload:
            case DayOpened() | ClockRepaired():
                self._day = {"id": 1, "date": payload.date, "seq": seq}
            case SourceChanged():
                self._sources[id_] = {"id": id_, "state": payload.state, "seq": seq}
            case ScreenSeen() | ScreenDark() | ScreenRevoked():
                self._screens[id_] = {"id": id_, "state": SCREEN_STATES[payload.KIND], "seq": seq}
            case _:
                pass

    def flush(self) -> None:
        """Write the states that changed."""
        upsert(self._connection, schema.day, [self._day] if self._day else [])
        upsert(self._connection, schema.source_state, list(self._sources.values()))
        upsert(self._connection, schema.screen_state, list(self._screens.values()))
        self._day, self._sources, self._screens = None, {}, {}


# ---- reads ----


def today(connection: Connection) -> str:
    """The city's day that is open (ISO date); empty before the first ``day.opened``."""
    return connection.execute(select(schema.day.c.date)).scalar_one_or_none() or ""


def day_before(connection: Connection, seq: int) -> str:
    """The day that was open at ``seq``; empty if none was."""
    event = schema.event
    query = select(event.c.payload).where(
        event.c.subject_id == "room", event.c.seq <= seq, event.c.kind.in_(("day.opened", "clock.repaired"))
    )
    row = connection.execute(query.order_by(event.c.seq.desc()).limit(1)).scalar_one_or_none()
    return str(event_log.decode_payload(row)["date"]) if row is not None else ""


def counts(connection: Connection, date: str) -> dict[str, object]:
    """``counts`` of the feed at this moment."""
    total = schema.total
    rows = connection.execute(select(total.c.key, total.c.value).where(total.c.key.in_(wire_keys(date))))
    return wire_counts({row.key: row.value for row in rows}, date)


def sources(connection: Connection) -> list[dict[str, object]]:
    """Every source in use with its logged state: those with a rhythm first, then by age."""
    table, state = schema.source, schema.source_state
    query = (
        select(table.c.id, table.c.name, table.c.every_s, state.c.state)
        .select_from(table.outerjoin(state, state.c.id == table.c.id))
        .where(table.c.revoked_at.is_(None))
        .order_by(table.c.every_s.is_(None), table.c.created_at, table.c.id)
    )
    rows = connection.execute(query)
    return [{"id": r.id, "name": r.name, "every_s": r.every_s, "state": r.state or "ok"} for r in rows]


def heard(connection: Connection, real: datetime) -> dict[str, float]:
    """Age in seconds of the last sign of life of each source that ever gave one."""
    table = schema.source
    query = select(table.c.id, table.c.heard_at).where(table.c.heard_at.is_not(None), table.c.revoked_at.is_(None))
    now = to_micros(real)
    return {row.id: max(0, round((now - row.heard_at) / 1e6, 1)) for row in connection.execute(query)}


def complaints(connection: Connection, ids: Sequence[str]) -> tuple[Complaint, ...]:
    """The complaints of ``ids`` (at most 500), in no order."""
    return tuple(map(event_log.decode_complaint, bodies(connection, ids)))


def bodies(connection: Connection, ids: Sequence[str]) -> tuple[str, ...]:
    """The complaints of ``ids`` (at most 500) as the text in which rows keep them, in no order."""
    if not ids:
        return ()
    return tuple(connection.execute(select(_complaint.c.body).where(_complaint.c.id.in_(ids))).scalars())


def closed_between(connection: Connection, first: str, before: str) -> tuple[str, ...]:
    """Ids of complaints done or elsewhere on a day in [first, before); what leaves the wall when ``before`` opens."""
    query = select(_complaint.c.id).where(_complaint.c.closed_day >= first, _complaint.c.closed_day < before)
    return tuple(connection.execute(query).scalars())


_OPEN_AFTER = PreparedQuery(
    select(_complaint.c.body)
    .where(_complaint.c.status == bindparam("with"), _complaint.c.id > bindparam("beyond"))
    .order_by(_complaint.c.id)
    .limit(bindparam("most"))
)


def open_after(connection: Connection, status: str, after: str, limit: int) -> tuple[str, ...]:
    """The bodies of up to ``limit`` complaints of one status with an id above ``after``, by id."""
    found = _OPEN_AFTER.rows(connection, {"with": status, "beyond": after, "most": limit})
    return tuple(body for (body,) in found)


def closed_after(connection: Connection, date: str, after: tuple[str, str], limit: int) -> tuple[str, ...]:
    """The bodies of up to ``limit`` complaints closed since ``date`` beyond the key (closed_day, id) ``after``."""
    key = _complaint.c.closed_day > after[0]
    same = (_complaint.c.closed_day == after[0]) & (_complaint.c.id > after[1])
    query = select(_complaint.c.body).where(_complaint.c.closed_day >= date, key | same)
    return tuple(connection.execute(query.order_by(_complaint.c.closed_day, _complaint.c.id).limit(limit)).scalars())


def open_of_source(connection: Connection, source: str) -> tuple[Complaint, ...]:
    """The open complaints of one source, oldest first."""
    query = select(_complaint.c.body).where(_complaint.c.source == source, _complaint.c.status.in_(OPEN_STATUSES))
    bodies = connection.execute(query.order_by(_complaint.c.id)).scalars()
    return tuple(event_log.decode_complaint(body) for body in bodies)


def named_by_source(connection: Connection, source: str, names: Sequence[str]) -> frozenset[str]:
    """Which of these numbers of a source the room has."""
    table = _complaint.c
    query = select(table.source_id).where(table.source == source, table.source_id.in_(names))
    return frozenset(connection.execute(query).scalars())


def last_number(connection: Connection, source: str, first: str, last: str) -> str | None:
    """The highest number of a source from ``first`` to ``last``, which have one format; None if there is none."""
    table = _complaint.c
    query = select(table.source_id).where(table.source == source, table.source_id.between(first, last))
    return connection.execute(query.order_by(table.source_id.desc()).limit(1)).scalar_one_or_none()


def due(connection: Connection, to: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
    """Up to ``limit`` (id, next deadline) with a deadline at or before ``to``, earliest first; found by index."""
    table = _complaint.c
    query = select(table.id, table.next_due).where(table.next_due <= to_micros(to)).order_by(table.next_due)
    return tuple((row.id, from_micros(row.next_due)) for row in connection.execute(query.limit(limit)))


# ---- the detail of one complaint ----


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Everything about one complaint at one moment, ``now`` (room time).

    ``people`` by actor, of those who log in. ``deadline`` as ``deadlines.arithmetic`` gives it. ``deliveries`` by
    agency: the one that says how far it is. The dossier has the citizen only if asked for.
    """

    complaint: Complaint
    history: tuple[LoggedEvent, ...]
    dossier: Dossier
    people: Mapping[str, Person]
    deadline: dict[str, Any]
    now: datetime
    uploads: tuple[Upload, ...] = ()
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)


def detail(log: EventLog, city: City, id_: str, *, people: bool) -> Detail:
    """Everything about a complaint, its person too for ``people``. Raises Unknown, Unavailable."""
    return log.read(lambda c: detail_at(c, city, id_, people=people))


def detail_at(connection: Connection, city: City, id_: str, *, people: bool) -> Detail:
    """``detail`` in the caller's transaction. Raises Unknown."""
    found = complaints(connection, (id_,))
    if not found:
        raise Unknown(id_)
    past, now = history(connection, id_), room_now(connection)
    return Detail(
        complaint=found[0],
        history=past,
        dossier=dossier_of(connection, id_, people=people),
        people=people_of(connection, _actors(found[0], past)),
        deadline=arithmetic(found[0], past, city.policy, now),
        now=now,
        uploads=uploads_of(connection, id_),
        deliveries=to_agencies(connection, id_),
    )


def _actors(complaint: Complaint, past: Iterable[LoggedEvent]) -> frozenset[str]:
    claimed = {complaint.claimed_by} if complaint.claimed_by is not None else set()
    return frozenset({logged.actor for logged in past} | claimed)
