"""Alarms: their rows as events change them, reads by the feed and the clock, and the statistics of alarm health.

An activation is an entry to unacknowledged; a flood is found by them. A deadline's warning is counted beside the
activations with no priority, because it is no alarm (control-room rule CR-33).
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from heapq import nlargest
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from liveroom.domain.alarms.evolve import evolve_alarm
from liveroom.domain.alarms.model import INHERITED, LISTED, Alarm, AlarmState
from liveroom.domain.alarms.performance import STALE_AFTER, Activation
from liveroom.domain.alarms.rules import counts
from liveroom.domain.clock_repair import ClockRepair, alarm_moved, repair_of
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind, LoggedEvent, Subject
from liveroom.domain.events.room_payloads import ClockRepaired
from liveroom.domain.room import ROOM
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import event_log, schema
from liveroom.log.rows import insert_rows, upsert
from liveroom.projection import IN_A_QUERY
from liveroom.projection.projector import Projector

WARNING, NO_PRIORITY = "warning", 0
HOUR, WINDOW = timedelta(hours=1), timedelta(minutes=10)
MANY = 1 << 16
# The origin of an alarm without source and agency.
NOBODY = "-"
_noted = schema.activation.c
_WARNINGS = select(func.count()).where(
    _noted.kind == WARNING,
    _noted.at > bindparam("since"),
    _noted.at <= bindparam("until"),
    _noted.seq != bindparam("but"),
)
_OF_IDS = select(schema.alarm.c.id, schema.alarm.c.body).where(schema.alarm.c.id.in_(bindparam("ids", expanding=True)))


class AlarmProjector(Projector):
    """The alarms as one transaction sees and leaves them; loads each once, writes each once."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._now: dict[str, Alarm | None] = {}
        self._changed: set[str] = set()
        self._activations: list[dict[str, Any]] = []

    def get(self, ids: Collection[str]) -> dict[str, Alarm]:
        """Those of ``ids`` that were ever raised, as folded so far."""
        unseen = [id_ for id_ in ids if id_ not in self._now]
        if unseen:
            rows = self._connection.execute(_OF_IDS, {"ids": unseen})
            loaded = {row.id: event_log.decode_alarm(row.body) for row in rows}
            self._now.update({id_: loaded.get(id_) for id_ in unseen})
        return {id_: alarm for id_ in ids if (alarm := self._now[id_]) is not None}

    def none_yet(self, ids: Collection[str]) -> None:
        """Save the query: these alarms cannot exist, their complaint is new."""
        for id_ in ids:
            self._now.setdefault(id_, None)

    def apply(self, logged: LoggedEvent, _before: Complaint | None, _after: Complaint | None, /) -> None:
        """Fold an alarm's event, count a deadline's warning, follow a repair of the clock."""
        if logged.event.subject is Subject.ALARM:
            self._evolve(logged)
        elif logged.event.kind is Kind.DEADLINE_WARNED:
            self._note(logged, logged.event.id, WARNING, NO_PRIORITY)
        elif isinstance(payload := logged.event.payload, ClockRepaired):
            self._move_back(repair_of(payload, logged.event.at))

    def _evolve(self, logged: LoggedEvent) -> None:
        """Fold one alarm event; an entry to unacked is an activation."""
        id_ = logged.event.id
        before = self.get((id_,)).get(id_)
        after = evolve_alarm(before, logged)
        self._now[id_] = after
        self._changed.add(id_)
        if after.activated_at is not None and (before is None or before.activated_at != after.activated_at):
            self._note(logged, id_, after.kind.value, after.priority)

    def _move_back(self, repair: ClockRepair) -> None:
        """Move back the moments ahead that alarms and activations got from a wrong clock."""
        table, now = schema.alarm.c, to_micros(repair.now)
        touched = self._connection.execute(select(table.id).where(table.seq >= repair.first)).scalars().all()
        for start in range(0, len(touched), IN_A_QUERY):
            self.get(touched[start : start + IN_A_QUERY])
        for id_, alarm in tuple(self._now.items()):
            if alarm is not None and (moved := alarm_moved(alarm, repair)) != alarm:
                self._now[id_] = moved
                self._changed.add(id_)
        for row in self._activations:
            if row["seq"] >= repair.first:
                row["at"] = to_micros(repair.moved(from_micros(row["at"])) or repair.now)
        ahead = (_noted.seq >= repair.first) & (_noted.at > now)
        by = (repair.was - repair.now) // timedelta(microseconds=1)
        self._connection.execute(update(schema.activation).where(ahead).values(at=_noted.at - by))

    def warnings_before(self, at: datetime, seq: int) -> int:
        """Warnings of deadlines in the hour before ``at``, the event with number ``seq`` not counted."""
        since, until = to_micros(at - HOUR), to_micros(at)
        noted = [row for row in self._activations if row["kind"] == WARNING and row["seq"] != seq]
        waiting = [row for row in noted if since < row["at"] <= until]
        written = self._connection.execute(_WARNINGS, {"since": since, "until": until, "but": seq}).scalar_one()
        return written + len(waiting)

    def activated(self, id_: str, at: datetime) -> bool:
        """Whether the alarm's last event was an entry to unacked at ``at``."""
        last = self._activations[-1] if self._activations else None
        return last is not None and (last["alarm"], last["at"]) == (id_, to_micros(at)) and last["kind"] != WARNING

    def activations_before(
        self, at: datetime, within: timedelta = WINDOW, youngest: int = MANY
    ) -> tuple[datetime, ...]:
        """When alarms that count for a flood became unacked up to ``at``, in order; at most the ``youngest``."""
        since, until = to_micros(at - within), to_micros(at)
        noted = (row["at"] for row in self._activations if row["priority"] > NO_PRIORITY and counts(row["alarm"]))
        waiting = (moment for moment in noted if since < moment <= until)
        found = nlargest(youngest, (*_activations(self._connection, since, until, youngest), *waiting))
        return tuple(from_micros(moment) for moment in reversed(found))

    def _note(self, logged: LoggedEvent, id_: str, kind: str, priority: int) -> None:
        at = to_micros(logged.event.at)
        self._activations.append({"seq": logged.seq, "at": at, "alarm": id_, "kind": kind, "priority": priority})

    def flush(self) -> None:
        """Write what changed."""
        rows = [row_of(alarm) for id_ in sorted(self._changed) if (alarm := self._now[id_]) is not None]
        upsert(self._connection, schema.alarm, rows)
        insert_rows(self._connection, schema.activation, self._activations)
        self._now, self._changed, self._activations = {}, set(), []


def alarms_of(connection: Connection, ids: Collection[str]) -> tuple[Alarm, ...]:
    """The alarms of ``ids`` (at most 500), in no order."""
    if not ids:
        return ()
    query = select(schema.alarm.c.body).where(schema.alarm.c.id.in_(tuple(ids)))
    return tuple(event_log.decode_alarm(body) for body in connection.execute(query).scalars())


def standing_after(connection: Connection, after: str, limit: int) -> tuple[Alarm, ...]:
    """Up to ``limit`` alarms that are not normal, with an id above ``after``, by id."""
    table = schema.alarm.c
    query = select(table.body).where(table.state != AlarmState.NORMAL.value, table.id > after)
    return tuple(
        event_log.decode_alarm(body) for body in connection.execute(query.order_by(table.id).limit(limit)).scalars()
    )


def alarms_due(connection: Connection, to: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
    """Up to ``limit`` (id, moment) of alarms that time moves at or before ``to``, earliest first; by index."""
    table = schema.alarm.c
    query = select(table.id, table.next_due).where(table.next_due <= to_micros(to)).order_by(table.next_due)
    return tuple((row.id, from_micros(row.next_due)) for row in connection.execute(query.limit(limit)))


_ACTIVATIONS = (
    select(_noted.at)
    .where(
        _noted.at > bindparam("since"),
        _noted.at <= bindparam("until"),
        _noted.priority > NO_PRIORITY,
        ~_noted.alarm.startswith(INHERITED, autoescape=True),
    )
    .order_by(_noted.at.desc())
    .limit(bindparam("most"))
)


def _activations(connection: Connection, since: int, until: int, youngest: int) -> Sequence[int]:
    """The youngest moments (microseconds) at which alarms that count became unacked in (since, until]; by index."""
    return connection.execute(_ACTIVATIONS, {"since": since, "until": until, "most": youngest}).scalars().all()


def row_of(alarm: Alarm) -> dict[str, Any]:
    """The projection row of an alarm."""
    return {
        "id": alarm.id,
        "seq": alarm.seq,
        "state": alarm.state.value,
        "next_due": to_micros(alarm.next_due) if alarm.next_due else None,
        "body": event_log.encode(alarm),
    }


def any_unacked(connection: Connection) -> bool:
    """Whether an alarm waits for somebody."""
    waits = schema.alarm.c.state == AlarmState.UNACKED.value
    return connection.execute(select(schema.alarm.c.id).where(waits).limit(1)).first() is not None


# ---- statistics of alarm health (rules CR-27 to CR-32) ----


def first_event_at(connection: Connection) -> datetime | None:
    """Room time of the first event, before which nobody worked here; None in an empty log."""
    table = schema.event.c
    at = connection.execute(select(table.at).order_by(table.seq).limit(1)).scalar_one_or_none()
    return None if at is None else from_micros(at)


def activation_rows(
    connection: Connection, since: datetime, *, after: int, limit: int
) -> tuple[tuple[int, Activation], ...]:
    """Up to ``limit`` (seq, activation) since a moment with a seq above ``after``, in order; without origins."""
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
    """(kind, moment) of the sound tests asked for, confirmed and missed since a moment, in order. Rule: CR-96."""
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
