"""Complaints as service requests: reads for Open311 by receipt, last change and id, and what happened to them.

Everybody may know of what the public map shows. A source knows of its own beside, in any state. Each read is one slice:
its caller goes on after a key, or with the next block of the log, and bounds how far.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from liveroom.domain.complaints.model import Complaint, State, Status
from liveroom.domain.events import Kind, LoggedEvent, Subject
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.event_log import database_now, logged_of, read_head
from liveroom.projection.complaints import complaints
from liveroom.projection.public import erased_among
from liveroom.projection.search import Key, Walk, walk
from liveroom.runtime.time import RoomTime

# Events a block: a slice of the database's thread.
BLOCK = 250
SHOWN = frozenset({Status.WAITING, Status.IN_PROCESS, Status.DONE})
# What moves a complaint so that whoever follows it may know. Only the lead agency's steps count.
STEPS = (
    Kind.FORWARDED,
    Kind.ACCEPTED,
    Kind.DECLINED,
    Kind.STARTED,
    Kind.HELD,
    Kind.RESUMED,
    Kind.PROOF_SUBMITTED,
    Kind.SENT_BACK,
    Kind.VALIDATED,
    Kind.CLOSED,
    Kind.REOPENED,
    Kind.REFERRED,
    Kind.REJECTED,
    Kind.MERGED,
    Kind.SPLIT,
)
# What is said to the citizen, and so to the source that sent the complaint.
SAID = (Kind.REPLIED, Kind.ASKED)
# The state after each step in FixMyStreet's words.
STEP_WORDS = {
    Kind.FORWARDED: "investigating",
    Kind.ACCEPTED: "action_scheduled",
    Kind.DECLINED: "open",
    Kind.STARTED: "in_progress",
    Kind.HELD: "planned",
    Kind.RESUMED: "in_progress",
    Kind.PROOF_SUBMITTED: "in_progress",
    Kind.SENT_BACK: "in_progress",
    Kind.VALIDATED: "fixed",
    Kind.CLOSED: "closed",
    Kind.REOPENED: "open",
    Kind.REFERRED: "not_councils_responsibility",
    Kind.REJECTED: "no_further_action",
    Kind.MERGED: "duplicate",
    Kind.SPLIT: "open",
}
STATE_WORDS = {
    State.RECEIVED: "open",
    State.FORWARDED: "investigating",
    State.ACCEPTED: "action_scheduled",
    State.WORKING: "in_progress",
    State.PROOF_SUBMITTED: "in_progress",
    State.DONE: "closed",
    State.NOT_OURS: "not_councils_responsibility",
    State.REJECTED: "no_further_action",
    State.MERGED: "duplicate",
}
_DATED = [kind.value for kind in (Kind.RECEIVED, *STEPS)]
_TOLD = [kind.value for kind in (*STEPS, *SAID)]
_complaint, _event = schema.complaint.c, schema.event.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who asks: ``own``: a source, None for anybody; ``public``: whether the city lets everybody read.

    ``listed``: the categories that everybody may know of.
    """

    own: str | None
    public: bool
    listed: frozenset[str]

    def sees(self, complaint: Complaint) -> bool:
        """Whether it may be shown to them at all; what was erased is decided by rows."""
        if self.owns(complaint):
            return True
        alone = complaint.status in SHOWN and complaint.merged_into is None
        return self.public and alone and complaint.category in self.listed

    def owns(self, complaint: Complaint) -> bool:
        """Whether they sent it."""
        return self.own is not None and complaint.source == self.own


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRequest:
    """A complaint as it is shown: ``leading`` is the one that it was merged into, else the complaint itself.

    ``changed_at``: room time of the last step of either, in event ``step``.
    """

    complaint: Complaint
    leading: Complaint
    changed_at: datetime
    step: int


def moment(connection: Connection) -> tuple[RoomTime, datetime, int]:
    """The room's time, room time now, and the number of the last event."""
    head = read_head(connection)
    return head.time, head.time.at(database_now(connection)), head.seq


def by_receipt(
    connection: Connection, reader: Reader, way: Walk, before: Key, limit: int
) -> tuple[list[ServiceRequest], Key | None]:
    """Of the next ``limit`` (at most 500) newest first: what may be shown; and the next key, None at the end."""
    rows = walk(connection, way, before, limit)
    shown = {status.value for status in SHOWN}
    open_to_all = {row.id for row in rows if reader.public and row.status in shown and row.category in reader.listed}
    ids = open_to_all | _own_among(connection, reader, [row.id for row in rows if row.id not in open_to_all])
    found = {one.complaint.id: one for one in by_id(connection, reader, ids)}
    following = (rows[-1].received_at, rows[-1].id) if len(rows) == limit else None
    return [found[row.id] for row in rows if row.id in found], following


def by_change(connection: Connection, reader: Reader, low: int, high: int) -> list[ServiceRequest]:
    """Those whose last step is an event in (low, high], the latest first; a block spans at most BLOCK events."""
    query = select(_event.subject_id).where(_event.seq > low, _event.seq <= high, _event.kind.in_(_DATED)).distinct()
    ids = list(connection.execute(query).scalars())
    if reader.own is not None:  # what is merged into another moves with it
        ids = sorted({*ids, *(child for one in complaints(connection, ids) for child in one.children)})
    parts = (ids[start : start + 500] for start in range(0, len(ids), 500))
    found = [one for part in parts for one in by_id(connection, reader, part) if low < one.step <= high]
    return sorted(found, key=lambda one: one.step, reverse=True)


def by_id(connection: Connection, reader: Reader, ids: Collection[str]) -> list[ServiceRequest]:
    """Those of ``ids`` (at most 500) that may be shown, in no order."""
    known = [one for one in complaints(connection, list(ids)) if reader.sees(one)]
    erased = erased_among(connection, [one.id for one in known if not reader.owns(one)])
    shown = [one for one in known if one.id not in erased]
    leading = _leading(connection, shown)
    query = select(_event.subject_id, func.max(_event.seq).label("seq"), func.max(_event.logged_at).label("at"))
    moved = sorted({one.id for one in (*shown, *leading.values())})
    last = query.where(_event.subject_id.in_(moved), _event.kind.in_(_DATED))
    rows = connection.execute(last.group_by(_event.subject_id)).all() if shown else ()
    steps, time = {row.subject_id: row for row in rows}, read_head(connection).time
    found = []
    for one in shown:
        led = leading.get(one.merged_into or "", one)
        step = max(steps[one.id], steps[led.id], key=lambda row: row.seq)
        at = max(one.received_at, time.at(from_micros(step.at)))
        found.append(ServiceRequest(complaint=one, leading=led, changed_at=at, step=step.seq))
    return found


def _leading(connection: Connection, merged: Collection[Complaint]) -> dict[str, Complaint]:
    wanted = {one.merged_into for one in merged if one.merged_into is not None}
    return {one.id: one for one in complaints(connection, sorted(wanted))}


def _own_among(connection: Connection, reader: Reader, ids: Collection[str]) -> set[str]:
    if reader.own is None or not ids:
        return set()
    query = select(_complaint.id).where(_complaint.id.in_(list(ids)), _complaint.source == reader.own)
    return set(connection.execute(query).scalars())


# ---- what happened ----


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A step of a complaint, ``at`` room time; ``text``: the id of what was said with it, for its own source alone."""

    complaint: Complaint
    logged: LoggedEvent
    at: datetime
    text: str | None = None


def updates_in(connection: Connection, reader: Reader, low: int, high: int) -> list[Update]:
    """The steps in (low, high] of what may be shown, oldest first; a block spans at most BLOCK events."""
    return _updates(connection, reader, (_event.seq > low, _event.seq <= high))


def updates_of(connection: Connection, reader: Reader, ids: Collection[str]) -> list[Update]:
    """The steps of these complaints (at most 500), oldest first."""
    return _updates(connection, reader, (_event.subject_id.in_(list(ids)),))


def _updates(connection: Connection, reader: Reader, where: Sequence[Any]) -> list[Update]:
    query = select(schema.event).where(*where, _event.subject == Subject.COMPLAINT.value, _event.kind.in_(_TOLD))
    logged = [logged_of(row) for row in connection.execute(query.order_by(_event.seq)).mappings()]
    ids = sorted({one.event.id for one in logged})
    blocks = (ids[start : start + 500] for start in range(0, len(ids), 500))
    shown = {one.complaint.id: one.complaint for block in blocks for one in by_id(connection, reader, block)}
    time = read_head(connection).time
    found = [
        Update(complaint=shown[one.event.id], logged=one, at=time.at(one.logged_at))
        for one in logged
        if one.event.id in shown and one.event.fields.get("lead", True)
    ]
    return [_with_words(one) for one in found if one.logged.event.kind in STEPS or reader.owns(one.complaint)]


def _with_words(update: Update) -> Update:
    event = update.logged.event
    said = event.fields.get("text") if event.kind in SAID else None
    return replace(update, text=said if isinstance(said, str) else None)


def seq_before(connection: Connection, time: RoomTime, at: datetime) -> int:
    """The number of the last event logged before the room's moment ``at``, 0 for none; found by halving."""
    if time.rate == 0:  # a room whose time stands still has one moment, now
        return 0 if at <= from_micros(time.room_base) else read_head(connection).seq
    real = time.real_base + (to_micros(at) - time.room_base) // time.rate
    low, high = 0, read_head(connection).seq
    while low < high:
        middle = (low + high + 1) // 2
        logged = connection.execute(select(_event.logged_at).where(_event.seq == middle)).scalar_one()
        low, high = (middle, high) if logged < real else (low, middle - 1)
    return low
