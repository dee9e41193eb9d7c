"""Checkpoints: the room at some positions of its log, kept so that any other position is reached by few events.

A checkpoint is written every so many events, beside the running room and never in a write. A whole one holds the
state; each after it holds the documents that changed since the one before, until these together would be as many as a
whole one has. `state_at` reads the nearest one before a position and folds on from there. `CheckpointWriter` makes
them. What an erasure redacts is in none (see `past_state`); `codes_of` reads it from the log.

All reads are slices of one transaction; a slice holds the database's thread for about 5 ms.
"""

import logging
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, select

from liveroom.domain.clock_repair import repair_of
from liveroom.domain.complaints.model import Status
from liveroom.domain.events import Kind, LoggedEvent
from liveroom.domain.events.room_payloads import ClockRepaired
from liveroom.domain.room import ROOM
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import EventLog, Head, NoLog, Slices, events, logged_of, mark_at, read_head
from liveroom.projection import IN_A_QUERY
from liveroom.projection.hazards import hazards_begun
from liveroom.projection.notices import body_of, moved_body, notice_for_all
from liveroom.projection.past_state import AlarmThen, ComplaintThen, PastFold, PastState
from liveroom.runtime import Runtime
from liveroom.runtime.time import monotonic

# Events between two checkpoints: folding so many takes a sixth of a second.
EVERY = 5_000
# A log shorter than this has none: its past is folded from event 1 in less than a second.
FIRST = 4 * EVERY
# Checkpoints from a whole one on, itself counted: each is read before a moment after it.
CHAIN = 24
# Documents of a part: 3 ms to read, 5 to write.
PART = 300
# Parts, and events, in one slice.
PARTS_AT_ONCE, EVENTS_AT_ONCE = 4, 250
# Events after which what they changed is written to the state: all at the end would be far more than a slice.
SETTLED = 1_000
# Events of which only the time is read, in one slice.
SCANNED = 20_000
# The same, of which few are read whole.
KINDS_AT_ONCE = 5_000
# While checkpoints are not made yet, a position further from the last one than this has to wait for them.
REACH = 40 * EVERY
log = logging.getLogger(__name__)
_checkpoint, _part, _event = schema.checkpoint.c, schema.checkpoint_part.c, schema.event.c
Pause = Callable[[], None]


class NotReady(Exception):
    """The checkpoints before this position are not made yet: ask again in some minutes."""


class OutOfLog(Exception):
    """A position that the log does not have: before its first event, or after its last."""


# Positions.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    seq: int
    whole: int
    at: int
    logged_at: int


def real(head: Head) -> bool:
    """Whether room time is real time itself, so that ``logged_at`` is when anything was known; in a drill it is not."""
    return head.time.rate == 1 and head.time.real_base == head.time.room_base


def room_time(state: PastState, head: Head) -> datetime:
    """Room time at which a state was reached: when its last event was logged, in a drill the latest that it bears."""
    return from_micros(state.logged_at if real(head) else state.at)


def known_at(logged: LoggedEvent, head: Head) -> datetime:
    """Room time from which `position_at` finds an event: it happened a little before it was logged."""
    return logged.logged_at if real(head) else logged.event.at


def position_at(slices: Slices, head: Head, moment: datetime) -> int:
    """The last position that was logged at or before a moment of room time. Raises OutOfLog, NotReady."""
    wanted, column = to_micros(moment), "logged_at" if real(head) else "at"
    after = slices.run(partial(_last_checkpoint_at, wanted=wanted, column=column))
    for repair in slices.run(partial(_repairs, to=head.seq)):
        if after < repair.seq and to_micros(repair.event.at) <= wanted:
            after = repair.seq
    end = min(head.seq, after + REACH)
    while after < end:
        part = min(end, after + SCANNED)
        later = slices.run(partial(_first_later, after=after, to=part, wanted=wanted, column=column))
        if later is not None:
            after = later - 1
            break
        after = part
    else:
        if end < head.seq:
            raise NotReady
    if after < 1:
        raise OutOfLog
    return after


def _last_checkpoint_at(connection: Connection, wanted: int, column: str) -> int:
    query = select(_checkpoint.seq).where(_checkpoint[column] <= wanted).order_by(_checkpoint.seq.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none() or 0


def _repairs(connection: Connection, to: int) -> tuple[LoggedEvent, ...]:
    """The repairs of the clock: those that the last checkpoint knows, and those after it."""
    query = select(_checkpoint.seq, _checkpoint.head).order_by(_checkpoint.seq.desc()).limit(1)
    last = connection.execute(query).one_or_none()
    known = () if last is None else _numbered(connection, _head_decoder.decode(_plain(last.head)).repairs)
    since = select(schema.event).where(
        _event.subject_id == ROOM, _event.kind == Kind.CLOCK_REPAIRED.value, _event.seq > (last.seq if last else 0)
    )
    later = connection.execute(since.where(_event.seq <= to).order_by(_event.seq)).mappings()
    return (*known, *map(logged_of, later))


def _first_later(connection: Connection, after: int, to: int, wanted: int, column: str) -> int | None:
    """The first event of (after, to] that is later than a moment."""
    query = select(_event.seq).where(_event.seq > after, _event.seq <= to, _event[column] > wanted)
    found: int | None = connection.execute(query.order_by(_event.seq).limit(1)).scalar_one_or_none()
    return found


# The state at a position.


def state_at(slices: Slices, seq: int, pause: Pause, near: PastState | None = None) -> PastState:
    """The room after event ``seq``, which the log has; from ``near`` if that is nearer than any checkpoint.

    ``pause()`` is called between slices. Raises NotReady.
    """
    row = slices.run(partial(_before, seq=seq))
    start = near if near is not None and row.seq <= near.seq <= seq else None
    if seq - (start.seq if start else row.seq) > REACH:
        raise NotReady
    if start is None:
        start = _loaded(slices, row, pause) if row.seq else PastState()
    return start if start.seq == seq else carried_on(slices, start, seq, pause)


def carried_on(slices: Slices, before: PastState, seq: int, pause: Pause) -> PastState:
    """The state after event ``seq``, folded on from one before it."""
    fold = PastFold(before)
    for number, _ in enumerate(fold_on(slices, fold, seq, pause)):
        if number % SETTLED == 0:
            fold.settle()
    return fold.state()


def fold_on(slices: Slices, fold: PastFold, to: int, pause: Pause) -> Iterator[LoggedEvent]:
    """Fold all events up to ``to``; yields each before it is folded, so that who stops there has all before it.

    Raises NotReady when the log does not go that far.
    """
    while fold.seq < to:
        entries = slices.run(partial(events, after=fold.seq, limit=min(EVENTS_AT_ONCE, to - fold.seq)))
        if not entries:  # a fail-over has lost them since somebody saw them
            raise NotReady
        repair = next(
            (number for number, one in enumerate(entries) if isinstance(one.event.payload, ClockRepaired)), -1
        )
        if repair == 0:
            entries = entries[:1]
            _bring_back(slices, fold, entries[0])
        elif repair > 0:
            entries = entries[:repair]
        _learn(slices, fold, fold.unknown(entries))
        for logged in entries:
            yield logged
            fold.fold(logged)
        pause()


def _learn(slices: Slices, fold: PastFold, ids: Collection[str]) -> None:
    """Give a fold the history of complaints and alarms that it does not hold."""
    wanted, seq = sorted(ids), fold.seq
    repairs: tuple[LoggedEvent, ...] = ()
    if fold.now.repairs:
        repairs = slices.run(partial(_numbered, numbers=fold.now.repairs))
    for start in range(0, len(wanted), EVENTS_AT_ONCE):
        part = wanted[start : start + EVENTS_AT_ONCE]
        fold.know(slices.run(partial(_histories, ids=part, to=seq)), repairs)


def _histories(connection: Connection, ids: Sequence[str], to: int) -> tuple[LoggedEvent, ...]:
    query = select(schema.event).where(_event.subject_id.in_(ids), _event.seq <= to).order_by(_event.seq)
    return tuple(logged_of(row) for row in connection.execute(query).mappings())


def _numbered(connection: Connection, numbers: Collection[int]) -> tuple[LoggedEvent, ...]:
    query = select(schema.event).where(_event.seq.in_(tuple(numbers))).order_by(_event.seq)
    return tuple(logged_of(row) for row in connection.execute(query).mappings())


def _bring_back(slices: Slices, fold: PastFold, repair: LoggedEvent) -> None:
    """Before a repair of the clock: what was closed on the day that opens again is on the screens again."""
    payload = repair.event.payload
    assert isinstance(payload, ClockRepaired)
    if payload.date < fold.now.day:
        found = slices.run(partial(_touched_since, date=payload.date, to=repair.seq))
        _learn(slices, fold, fold.lacking(found))


def _touched_since(connection: Connection, date: str, to: int) -> frozenset[str]:
    """Complaints with an event since a day was first opened and before ``to``. Seldom, and as long as it takes."""
    opened = select(_event.seq, _event.payload).where(
        _event.subject_id == ROOM, _event.kind == Kind.DAY_OPENED.value, _event.seq < to
    )
    first = to
    for row in connection.execute(opened.order_by(_event.seq.desc())):
        if str(msgspec.json.decode(row.payload)["date"]) < date:
            break
        first = row.seq
    query = select(_event.subject_id).where(_event.seq >= first, _event.seq < to, _event.subject == "complaint")
    return frozenset(connection.execute(query.distinct()).scalars())


# What a state only has the numbers of.


class Codes(msgspec.Struct, gc=False):
    """What an event said of a place and a category, as far as it was not erased."""

    lat: float | None = None
    lon: float | None = None
    category: str | None = None


_codes = msgspec.json.Decoder(Codes)
NOTHING = Codes()


def codes_of(slices: Slices, complaints: Iterable[ComplaintThen], alarms: Iterable[AlarmThen] = ()) -> dict[int, Codes]:
    """By its number, what each event said that these complaints and alarms refer to."""
    numbers = {number for one in complaints for number in (one.lat, one.lon, one.category)}
    wanted = sorted(numbers | {one.category for one in alarms})
    found = {0: NOTHING}
    for start in range(0, len(wanted), IN_A_QUERY):
        found |= slices.run(partial(_codes_said, numbers=wanted[start : start + IN_A_QUERY]))
    return found


def _codes_said(connection: Connection, numbers: Sequence[int]) -> dict[int, Codes]:
    query = select(_event.seq, _event.payload).where(_event.seq.in_(numbers))
    return {row.seq: _codes.decode(row.payload) for row in connection.execute(query)}


def notices_then(connection: Connection, state: PastState) -> list[dict[str, Any]]:
    """The notices of a state, as ``notices.lines``."""
    found = []
    repairs = _numbered(connection, state.repairs) if state.repairs else ()
    for logged in _numbered(connection, tuple(state.notices.values())):
        named = notice_for_all(logged.event)
        assert named is not None, "what a state refers to began a notice"
        body = dict(body_of(logged, named[0]))
        for one in repairs:
            if isinstance(one.event.payload, ClockRepaired) and one.event.payload.first <= logged.seq < one.seq:
                body = moved_body(body, repair_of(one.event.payload, one.event.at))
        found.append(body)
    return found


def hazards_then(connection: Connection, state: PastState) -> list[dict[str, Any]]:
    """The hazards of a state, as ``hazards.hazards``."""
    return hazards_begun(connection, _numbered(connection, tuple(state.hazards.values())))


def sources_then(connection: Connection, state: PastState) -> list[dict[str, object]]:
    """The sources that were registered by then, named as today, with the state that was logged last.

    The register keeps no history: one that was revoked and registered again begins with that.
    """
    table = schema.source.c
    query = select(table.id, table.name, table.every_s).where(
        table.created_at <= state.logged_at, table.revoked_at.is_(None) | (table.revoked_at > state.logged_at)
    )
    rows = connection.execute(query.order_by(table.every_s.is_(None), table.created_at, table.id))
    return [
        {"id": row.id, "name": row.name, "every_s": row.every_s, "state": state.sources.get(row.id, "ok")}
        for row in rows
    ]


def holders_then(slices: Slices, ids: Collection[str], seq: int) -> dict[str, frozenset[str]]:
    """The agencies that had each of these complaints after event ``seq``, from their events alone."""
    fold, wanted = PastFold(PastState(seq=seq)), sorted(ids)
    for start in range(0, len(wanted), EVENTS_AT_ONCE):
        fold.know(slices.run(partial(_histories, ids=wanted[start : start + EVENTS_AT_ONCE], to=seq)), ())
    return {id_: fold.agencies_of(id_) or frozenset() for id_ in wanted}


# Reading and writing checkpoints.


class _CheckpointHead(msgspec.Struct):
    """All of a state but its documents."""

    mark: str
    day: str
    repairs: tuple[int, ...]
    notices: dict[str, int]
    hazards: dict[str, int]
    sources: dict[str, str]
    totals: dict[str, dict[str, int]]


class _CheckpointPart(msgspec.Struct):
    """Documents, and ids of those that the checkpoint before still had."""

    complaints: list[ComplaintThen]
    alarms: list[AlarmThen]
    gone: list[str]


_head_decoder, _part_decoder = msgspec.json.Decoder(_CheckpointHead), msgspec.json.Decoder(_CheckpointPart)


def _before(connection: Connection, seq: int) -> _Row:
    """The last checkpoint up to a position; one of seq 0 where there is none."""
    query = select(_checkpoint.seq, _checkpoint.whole, _checkpoint.at, _checkpoint.logged_at)
    row = connection.execute(
        query.where(_checkpoint.seq <= seq).order_by(_checkpoint.seq.desc()).limit(1)
    ).one_or_none()
    return _Row(seq=0, whole=0, at=0, logged_at=0) if row is None else _Row(**row._mapping)


def _loaded(slices: Slices, row: _Row, pause: Pause) -> PastState:
    query = select(_checkpoint.head).where(_checkpoint.seq == row.seq)
    head = _head_decoder.decode(_plain(slices.run(lambda c: c.execute(query).scalar_one())))
    state = PastState(
        seq=row.seq,
        mark=head.mark,
        at=row.at,
        logged_at=row.logged_at,
        day=head.day,
        repairs=head.repairs,
        notices=head.notices,
        hazards=head.hazards,
        sources=head.sources,
        totals=head.totals,
    )
    key = (row.whole, -1)
    while parts := slices.run(partial(_parts_after, key=key, to=row.seq)):
        for _, _, body in parts:
            part = _part_decoder.decode(_plain(body))
            for id_ in part.gone:
                state.complaints.pop(id_, None)
                state.alarms.pop(id_, None)
            state.complaints.update((one.id, one) for one in part.complaints)
            state.alarms.update((one.id, one) for one in part.alarms)
            pause()
        key = (parts[-1][0], parts[-1][1])
    return state


def _parts_after(connection: Connection, key: tuple[int, int], to: int) -> Sequence[tuple[int, int, bytes]]:
    later = (_part.seq > key[0]) | ((_part.seq == key[0]) & (_part.part > key[1]))
    query = select(_part.seq, _part.part, _part.body).where(_part.seq >= key[0], _part.seq <= to, later)
    rows = connection.execute(query.order_by(_part.seq, _part.part).limit(PARTS_AT_ONCE))
    return [(row.seq, row.part, row.body) for row in rows]


def _plain(body: bytes) -> bytes:
    return zlib.decompress(body)


def _packed(value: msgspec.Struct) -> bytes:
    return zlib.compress(msgspec.json.encode(value), 6)


class CheckpointWriter:
    """Makes the checkpoints of a room, one after the other, in its own time.

    ``every``: events between two; ``first``: the length from which a log has any.
    """

    def __init__(self, source: EventLog, every: int = EVERY, first: int = FIRST) -> None:
        self._log = source
        self._every, self._first = every, first
        # The state of the last one, while there are more to make.
        self._state: PastState | None = None

    def run(self, runtime: Runtime, active: Callable[[], bool]) -> None:
        """Make for ever what is due; ``active()``: whether this process is the one that does."""
        while True:
            runtime.sleep(IDLE_S)
            try:
                while active() and self.step(Breaks(runtime).take):
                    pass
            except (Unavailable, NoLog) as error:
                log.debug("no checkpoint while the database is away: %s", error)
            except Exception:
                log.exception("a checkpoint failed; it is tried again")
            self._state = None

    def step(self, pause: Pause) -> bool:
        """Make the next one; False when none is due. Raises Unavailable."""
        with self._log.slices() as slices:
            head = slices.run(read_head)
            last = slices.run(partial(_before, seq=head.seq))
            if head.seq < max(self._first, last.seq + self._every):
                return False
            before = self._state
            if before is None or (before.seq, before.mark) != (
                last.seq,
                slices.run(partial(mark_at, seq=last.seq, head=head)),
            ):
                before = _loaded(slices, last, pause) if last.seq else PastState()
            now = carried_on(slices, before, last.seq + self._every, pause)
            chain, carried, size = slices.run(partial(_chain, whole=last.whole))
        documents = _changed_documents(before, now)
        whole = not last.seq or chain >= CHAIN or carried + len(documents.complaints) + len(documents.alarms) > size
        written = self._write(now, now.seq if whole else last.whole, last.seq, documents if not whole else None, pause)
        self._state = now if written else None
        return written

    def _write(self, state: PastState, whole: int, last: int, changes: "_CheckpointPart | None", pause: Pause) -> bool:
        """Write a state, as ``changes`` since checkpoint ``last`` or as a whole. False where that is no longer right.

        The row comes last: without it there is no checkpoint. Another process may be writing the same one, a rebuild
        may throw all of them away, and a fail-over may lose events that were read for it.
        """
        documents = _changed_documents(PastState(), state) if changes is None else changes
        count = len(documents.complaints) + len(documents.alarms)
        if not self._log.touch(partial(_begin, last=last)):
            return False
        parts = 0
        for number, part in enumerate(_parts_of(documents)):
            row = {"seq": state.seq, "part": number, "body": _packed(part)}
            pause()
            self._log.touch(partial(_insert_part, row=row))
            pause()
            parts += 1
        head = _CheckpointHead(
            mark=state.mark,
            day=state.day,
            repairs=state.repairs,
            notices=state.notices,
            hazards=state.hazards,
            sources=state.sources,
            totals={agency: {key: n for key, n in values.items() if n} for agency, values in state.totals.items()},
        )
        row = {
            "seq": state.seq,
            "whole": whole,
            "at": state.at,
            "logged_at": state.logged_at,
            "documents": count,
            "head": _packed(head),
        }
        return self._log.touch(partial(_finish, row=row, mark=state.mark, last=last, parts=parts))


# How often somebody looks whether a checkpoint is due.
IDLE_S = 20.0
# Of the time of its process that it takes at most, a share.
SHARE = 0.25
# No break is longer, in seconds: a process that stood still has not worked.
LONGEST_S = 1.0


class Breaks:
    """Pauses that are as long as the work between them asks for, so that others have most of the time."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._since = monotonic()

    def take(self) -> None:
        """Sleep."""
        worked = monotonic() - self._since
        self._runtime.sleep(min(LONGEST_S, worked * (1 / SHARE - 1)))
        self._since = monotonic()


def _last_number(connection: Connection) -> int:
    return connection.execute(select(func.max(_checkpoint.seq))).scalar_one() or 0


def _begin(connection: Connection, last: int) -> bool:
    """Make room for the checkpoint after ``last``; whether that is still the last one."""
    if _last_number(connection) != last:
        return False
    connection.execute(delete(schema.checkpoint_part).where(_part.seq > last))
    return True


def _finish(connection: Connection, row: Mapping[str, Any], mark: str, last: int, parts: int) -> bool:
    """Make what was written a checkpoint, if all of it is there, the one before it too, and the log has its event."""
    there = select(func.count()).select_from(schema.checkpoint_part).where(_part.seq == row["seq"])
    if _last_number(connection) != last or connection.execute(there).scalar_one() != parts:
        return False
    if connection.execute(select(_event.mark).where(_event.seq == row["seq"])).scalar_one_or_none() != mark:
        return False
    connection.execute(insert(schema.checkpoint).values(**row))
    return True


def _insert_part(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(insert(schema.checkpoint_part).values(**row))


def _chain(connection: Connection, whole: int) -> tuple[int, int, int]:
    """Of the checkpoints from a whole one on: how many, how many documents came after it, and how many it has."""
    query = select(_checkpoint.seq, _checkpoint.documents).where(_checkpoint.seq >= whole)
    rows = connection.execute(query.order_by(_checkpoint.seq)).all() if whole else ()
    return len(rows), sum(row.documents for row in rows[1:]), rows[0].documents if rows else 0


def _changed_documents(before: PastState, now: PastState) -> _CheckpointPart:
    return _CheckpointPart(
        complaints=[one for id_, one in now.complaints.items() if before.complaints.get(id_) is not one],
        alarms=[one for id_, one in now.alarms.items() if before.alarms.get(id_) is not one],
        gone=[
            *(id_ for id_ in before.complaints if id_ not in now.complaints),
            *(id_ for id_ in before.alarms if id_ not in now.alarms),
        ],
    )


def _parts_of(documents: _CheckpointPart) -> Iterator[_CheckpointPart]:
    """The same in parts of PART; those that are gone are in the first."""
    yield _CheckpointPart(complaints=documents.complaints[:PART], alarms=documents.alarms[:PART], gone=documents.gone)
    for start in range(PART, max(len(documents.complaints), len(documents.alarms)), PART):
        end = start + PART
        yield _CheckpointPart(complaints=documents.complaints[start:end], alarms=documents.alarms[start:end], gone=[])


def erased_since(connection: Connection, seq: int) -> bool:
    """Whether something was erased after a position that is not long ago."""
    query = select(_event.seq).where(_event.seq > seq, _event.kind == Kind.ERASED.value).limit(1)
    return connection.execute(query).first() is not None


# A day of the past, for a bar of time.


def ends_of_log(connection: Connection, head: Head) -> tuple[datetime | None, datetime | None]:
    """Room time of the first event and of the last; both None in an empty log."""
    if head.seq == 0:
        return None, None
    column = _event.logged_at if real(head) else _event.at
    first = connection.execute(select(column).where(_event.seq == 1)).scalar_one()
    if real(head):
        return from_micros(first), head.logged_at
    last = select(func.max(_event.at)).where(_event.seq > head.seq - EVERY)
    return from_micros(first), from_micros(connection.execute(last).scalar_one())


def arrivals(
    connection: Connection, *, since: datetime, until: datetime, bucket_s: int, agency: str | None
) -> dict[int, int]:
    """How many complaints were received in each bucket of [since, until), by number; of one agency or of all."""
    table = schema.listing.c if agency is None else schema.listing_agency.c
    first = to_micros(since)
    bar = ((table.received_at - first) // (bucket_s * 1_000_000)).label("bar")
    within = [table.received_at >= first, table.received_at < to_micros(until)]
    if agency is not None:
        within += [schema.listing_agency.c.agency == agency, table.status.in_([status.value for status in Status])]
    rows = connection.execute(select(bar, func.count().label("n")).where(*within).group_by(bar))
    return {int(row.bar): row.n for row in rows}


def events_of_kinds(slices: Slices, after: int, to: int, kinds: Collection[Kind]) -> tuple[LoggedEvent, ...]:
    """The events of these kinds in (after, to], in order."""
    found: list[LoggedEvent] = []
    for start in range(after, to, KINDS_AT_ONCE):
        found += slices.run(partial(_of_kinds, after=start, to=min(to, start + KINDS_AT_ONCE), kinds=kinds))
    return tuple(found)


def _of_kinds(connection: Connection, after: int, to: int, kinds: Collection[Kind]) -> tuple[LoggedEvent, ...]:
    named = _event.kind.in_([kind.value for kind in kinds])
    query = select(schema.event).where(_event.seq > after, _event.seq <= to, named).order_by(_event.seq)
    return tuple(logged_of(row) for row in connection.execute(query).mappings())
