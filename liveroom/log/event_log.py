"""EventLog (was book.Log), Transaction (was Unit), Head, codec, reads of events."""

import logging
import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, RootTransaction, Row, RowMapping, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from liveroom.domain.alarms.model import Alarm
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Event, Kind, Logged, Subject
from liveroom.domain.requests import Command, Done
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.engine import UPKEEP, Unavailable, damaged, reason_of, scrub
from liveroom.log.time_guard import STEP, TimeGuard, WrongClock, spell, stamp
from liveroom.runtime import Runtime
from liveroom.runtime.metrics import CLOCK_JUMPED
from liveroom.runtime.time import RoomTime, monotonic, system_now

T = TypeVar("T")

# The one head row: identity of the log, its last number and mark, and the room's time.

# Made once: every write, look and beat begins with it.
_HEAD = select(schema.head).where(schema.head.c.id == 1)
_LOCKED = _HEAD.with_for_update()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head row as read; ``mark`` is the mark of the row at ``seq`` (``origin`` while the log is empty)."""

    epoch: str
    kind: str
    city: str
    seq: int
    mark: str
    logged_at: datetime
    origin: str
    time: RoomTime
    projection: str


class NoLog(Exception):
    """The database has tables but no head row yet: no room was created in it."""


def draw() -> str:
    """A fresh random mark or epoch: 96 bits, so that two histories never share one."""
    return secrets.token_hex(12)


def head_of(row: Row[Any] | None) -> Head:
    """The head of its row. Raises NoLog without one."""
    if row is None:
        raise NoLog("no room has been created in this database")
    time = RoomTime(real_base=row.real_base, room_base=row.room_base, rate=row.rate)
    return Head(
        epoch=row.epoch,
        kind=row.kind,
        city=row.city,
        seq=row.seq,
        mark=row.mark,
        logged_at=from_micros(row.logged_at),
        origin=row.origin,
        time=time,
        projection=row.projection,
    )


def read_head(connection: Connection, *, lock: bool = False) -> Head:
    """The head; ``lock`` keeps every other writer out until this transaction ends. Raises NoLog."""
    return head_of(connection.execute(_LOCKED if lock else _HEAD).one_or_none())


def create_head(connection: Connection, *, kind: str, city: str, time: RoomTime, projection: str) -> None:
    """Create the room's log: draws its epoch and writes the kind that this database keeps for ever.

    Of several processes that start at once on an empty database one does; the others leave its log as it is.
    """
    origin, epoch = draw(), draw()
    values = {
        "id": 1,
        "epoch": epoch,
        "kind": kind,
        "city": city,
        "seq": 0,
        "mark": origin,
        "origin": origin,
        "logged_at": to_micros(database_now(connection)),
        "projection": projection,
    }
    with suppress(IntegrityError), connection.begin_nested():
        connection.execute(insert(schema.head).values(**values, **_bases(time)))


def set_time(connection: Connection, time: RoomTime) -> None:
    """Set the room's time; under the head lock, so that no event is dated by two clocks."""
    connection.execute(update(schema.head).where(schema.head.c.id == 1).values(_bases(time)))


def renew(connection: Connection, *, epoch: str, logged_at: datetime, time: RoomTime) -> None:
    """Begin a new epoch at a moment of real time: the log goes on, what is shown of it is asked for anew."""
    values = {"epoch": epoch, "logged_at": to_micros(logged_at), **_bases(time)}
    connection.execute(update(schema.head).where(schema.head.c.id == 1).values(values))


def _bases(time: RoomTime) -> dict[str, int]:
    return {"real_base": time.real_base, "room_base": time.room_base, "rate": time.rate}


def database_now(connection: Connection) -> datetime:
    """Real time, aware UTC, as far as the guard of the connection's log believes it.

    After a jump of the clock what is read goes on by the time that was; raises WrongClock for what is written.
    """
    options = connection.get_execution_options()
    if (guard := options.get("time_guard")) is None:
        return clock_of(connection)
    now: datetime = guard.read(partial(clock_of, connection), writing=bool(options.get("write")))
    return now


def clock_of(connection: Connection) -> datetime:
    """What the clock says, right or wrong: PostgreSQL's own, for SQLite that of this machine, which is the same."""
    if connection.dialect.name != "postgresql":
        return system_now()
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def room_now(connection: Connection) -> datetime:
    """Room time now, aware UTC."""
    return read_head(connection).time.at(database_now(connection))


def writable_now(connection: Connection) -> datetime:
    """Room time now, where an event may be dated so. Raises WrongClock when the last one lies ahead."""
    head, real = read_head(connection), database_now(connection)
    refuse_ahead(head, real)
    return head.time.at(real)


def refuse_ahead(head: Head, real: datetime) -> None:
    """Raises WrongClock when the last event lies so far ahead of ``real`` that no small step of the clock explains it.

    Either this clock is behind, or that of whoever wrote the event was ahead; only a person knows.
    """
    ahead = head.logged_at - real
    if ahead <= STEP:
        return
    repair = "run.py clock repair" + (" --drill" if head.kind == "drill" else "")
    raise WrongClock(
        f"the last event was written at {stamp(head.logged_at)}, which is {spell(ahead)} ahead of the clock of the "
        "database's machine: nothing is written until that clock is set right (`timedatectl`); if it is right now and "
        f"was ahead then, `{repair}` puts the room right"
    )


# Events and complaints as rows: JSON text in, typed values out.

VERSION = 1

_KINDS = {kind.value: kind for kind in Kind}
_SUBJECTS = {subject.value: subject for subject in Subject}
# The same value is the same text, whichever process wrote it: sets have no order of their own.
_encoder = msgspec.json.Encoder(order="deterministic")
_complaint = msgspec.json.Decoder(Complaint)
_alarm = msgspec.json.Decoder(Alarm)


def encode(value: object) -> str:
    """Compact JSON text of plain data or a dataclass."""
    return _encoder.encode(value).decode()


def decode_complaint(body: str) -> Complaint:
    """The complaint of a projection row's ``body``."""
    return _complaint.decode(body)


def decode_alarm(body: str) -> Alarm:
    """The alarm of a projection row's ``body``."""
    return _alarm.decode(body)


def row_of(logged: Logged) -> dict[str, Any]:
    """The ``event`` row of a logged event."""
    fact = logged.event
    return {
        "seq": logged.seq,
        "kind": fact.kind.value,
        "subject": fact.subject.value,
        "subject_id": fact.id,
        "at": to_micros(fact.at),
        "logged_at": to_micros(logged.logged_at),
        "mark": logged.mark,
        "actor": logged.actor,
        "version": VERSION,
        "payload": encode(fact.payload),
    }


def logged_of(row: RowMapping) -> Logged:
    """The logged event of an ``event`` row; a type that only a later version knows keeps its plain name."""
    fact = Event(
        kind=_KINDS.get(row["kind"], row["kind"]),
        subject=_SUBJECTS.get(row["subject"], row["subject"]),
        id=row["subject_id"],
        at=from_micros(row["at"]),
        payload=msgspec.json.decode(row["payload"]),
    )
    return Logged(
        seq=row["seq"],
        mark=row["mark"],
        logged_at=from_micros(row["logged_at"]),
        actor=row["actor"],
        event=fact,
    )


def decode_payload(text: str) -> dict[str, Any]:
    """The payload of an event row."""
    return msgspec.json.decode(text, type=dict[str, Any])


# One write: the head lock first, events numbered densely, one mark, all or nothing.


class Transaction:
    """A transaction under the head lock. ``real`` and ``now`` (room time) are taken once, after the lock was got.

    Raises WrongClock when the clock jumped, or the last event lies more than a small step ahead of it.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.head: Head = read_head(connection, lock=True)
        real = database_now(connection)
        refuse_ahead(self.head, real)
        self.real: datetime = max(real, self.head.logged_at)
        self.now: datetime = self.head.time.at(self.real)
        self.seq = self.head.seq
        self.mark = draw()
        self._rows: list[dict[str, Any]] = []

    def append(self, events: Iterable[Event], *, actor: str) -> tuple[Logged, ...]:
        """Number ``events``; they are in the log once the unit commits."""
        logged = []
        for fact in events:
            self.seq += 1
            entry = Logged(seq=self.seq, mark=self.mark, logged_at=self.real, actor=actor, event=fact)
            self._rows.append(row_of(entry))
            logged.append(entry)
        return tuple(logged)

    def finish(self) -> int:
        """Write what was appended and move the head; returns the head's number. Nothing appended, nothing written."""
        if self._rows:
            self.connection.execute(insert(schema.event), self._rows)
            values = {"seq": self.seq, "mark": self.mark, "logged_at": to_micros(self.real)}
            self.connection.execute(update(schema.head).where(schema.head.c.id == 1).values(values))
            self._rows = []
        return self.seq


# The log as the rest of the product holds it: write a unit, read one moment, read one moment in slices.

# Below both pools' size: on SQLite's one thread a wait for a connection would keep away whoever could give one back.
SLICES_AT_ONCE = 8
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFailure:
    """Why no unit is written, how many failed since one appended, and when the last was tried, in monotonic seconds."""

    why: str
    times: int
    at: float


class Slices:
    """One read-only transaction whose work runs in slices, others in between; all slices see the same moment."""

    def __init__(self, connection: Connection, runtime: Runtime) -> None:
        self._connection = connection
        self._runtime = runtime

    def run(self, work: Callable[[Connection], T]) -> T:
        """One slice on the database thread; keep it under 20 ms."""
        return self._runtime.run_db(lambda: work(self._connection))


class EventLog:
    """``on_commit(seq)`` rings the doorbell after every commit that appended something.

    ``guard`` watches the clock for this process: after a jump reads go on, writes raise WrongClock.
    """

    def __init__(
        self, engine: Engine, runtime: Runtime, on_commit: Callable[[int], None], guard: TimeGuard | None = None
    ) -> None:
        self.guard = guard or TimeGuard()
        self._engine = engine.execution_options(time_guard=self.guard)
        self._runtime = runtime
        self._on_commit = on_commit
        # Why the last write of this process failed; empty after one that did not.
        self.unwritten = ""
        # The units that failed since the last that appended: a note, or a unit of nothing, may pass on a full disk.
        self.failing: WriteFailure | None = None
        self._slots = threading.BoundedSemaphore(SLICES_AT_ONCE)

    def for_upkeep(self) -> "EventLog":
        """The same log for what may take minutes: no statement of it is ended, and others keep their time-outs."""
        return EventLog(self._engine.execution_options(**{UPKEEP: True}), self._runtime, self._on_commit, self.guard)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in one unit and commit it. Raises Unavailable, or what ``work`` raises, with nothing written."""
        try:
            result, before, after = self._run(lambda: self._write(work))
        except Unavailable as error:
            self.failing = WriteFailure(
                why=str(error), times=self.failing.times + 1 if self.failing else 1, at=monotonic()
            )
            raise
        if after > before:
            self.failing = None
            self._on_commit(after)
        return result

    def _write(self, work: Callable[[Transaction], T]) -> tuple[T, int, int]:
        with self._writing() as connection, connection.begin():
            unit = Transaction(connection)
            result = work(unit)
            return result, unit.head.seq, unit.finish()

    def touch(self, work: Callable[[Connection], T]) -> T:
        """A write that is no event and needs no head lock: users, sessions, uploads. Raises Unavailable."""

        def run() -> T:
            with self._writing() as connection, connection.begin():
                return work(connection)

        return self._run(run)

    def note(self, work: Callable[[Connection], T]) -> T:
        """As ``touch`` for what is old within seconds: pulse, lease, last heard. Raises Unavailable.

        It is seen at once and outlives a kill, but nobody waits for the disk: with the power the last may be lost.
        """

        def run() -> T:
            with self._writing() as connection:
                connection.execution_options(forgettable=True)
                with connection.begin():
                    if connection.dialect.name == "postgresql":
                        connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
                    return work(connection)

        return self._run(run)

    def scrub(self) -> bool:
        """Let nothing of what was erased linger beside the rows; False: ask again later. Raises Unavailable."""
        with as_unavailable():
            return self._runtime.run_aside(partial(scrub, self._engine))

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one read-only transaction on one moment. Raises Unavailable."""

        def run() -> T:
            with as_unavailable(), self._reader() as connection, connection.begin():
                return work(connection)

        return self._run(run)

    def _run(self, work: Callable[[], T]) -> T:
        """On the database's thread, where nothing may be logged: what the guard of the clock saw there is said here."""
        try:
            return self._runtime.run_db(work)
        finally:
            if (news := self.guard.news()) is not None:
                CLOCK_JUMPED.set(self.guard.jump is not None)
                log.error(news) if self.guard.jump is not None else log.warning(news)

    @contextmanager
    def slices(self) -> Iterator[Slices]:
        """One moment read in slices, on a connection whose transaction stays open. Raises Unavailable."""
        with self._slots, as_unavailable():
            connection, transaction = self._runtime.run_db(self._open)
            try:
                yield Slices(connection, self._runtime)
            finally:
                self._runtime.run_db(partial(_close, connection, transaction))

    def _open(self) -> tuple[Connection, RootTransaction]:
        connection = self._reader()
        return connection, connection.begin()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with as_unavailable(), self._engine.connect().execution_options(write=True) as connection:
                yield connection
        except Unavailable as error:
            self.unwritten = str(error)
            raise
        self.unwritten = ""

    def _reader(self) -> Connection:
        connection = self._engine.connect()
        if connection.dialect.name == "postgresql":
            return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return connection


def _close(connection: Connection, transaction: RootTransaction) -> None:
    try:
        transaction.rollback()
    finally:
        connection.close()


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Raise Unavailable for whatever means that the database is down, locked or gone."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        if isinstance(error, DBAPIError) and not _transient(error):
            raise
        raise Unavailable(reason_of(error)) from error


def _transient(error: DBAPIError) -> bool:
    """Down, locked, cut off or damaged; a broken statement or constraint is a bug and rises as itself."""
    known = type(error).__name__ in ("OperationalError", "InterfaceError")
    return known or error.connection_invalidated or damaged(error)


# Reads of the log itself: events of a subject, marks, ranges.

_event = schema.event


def first_of_kinds(connection: Connection, subject_id: str, after: int, kinds: Collection[Kind]) -> Logged | None:
    """The first event of ``kinds`` logged on a subject after ``after``; None if there is none."""
    if not kinds:
        return None
    query = (
        select(_event)
        .where(_event.c.subject_id == subject_id, _event.c.seq > after, _event.c.kind.in_([k.value for k in kinds]))
        .order_by(_event.c.seq)
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else logged_of(row)


def last_of_kind(connection: Connection, subject_id: str, kind: Kind) -> Logged | None:
    """The last event of a kind on a subject; None if there is none."""
    query = select(_event).where(_event.c.subject_id == subject_id, _event.c.kind == kind.value)
    row = connection.execute(query.order_by(_event.c.seq.desc()).limit(1)).mappings().one_or_none()
    return None if row is None else logged_of(row)


def last_of_kinds(connection: Connection, subject_id: str, kinds: Collection[Kind]) -> Logged | None:
    """The last event of ``kinds`` on a subject; None if there is none."""
    query = select(_event).where(_event.c.subject_id == subject_id, _event.c.kind.in_([k.value for k in kinds]))
    row = connection.execute(query.order_by(_event.c.seq.desc()).limit(1)).mappings().one_or_none()
    return None if row is None else logged_of(row)


def history(connection: Connection, subject_id: str) -> tuple[Logged, ...]:
    """Every event of a subject, in order."""
    query = select(_event).where(_event.c.subject_id == subject_id).order_by(_event.c.seq)
    return tuple(logged_of(row) for row in connection.execute(query).mappings())


def mark_at(connection: Connection, seq: int, head: Head) -> str | None:
    """The mark that proves a position: of the row at ``seq``, or the log's origin at 0; None beyond the head."""
    if seq == 0:
        return head.origin
    return connection.execute(select(_event.c.mark).where(_event.c.seq == seq)).scalar_one_or_none()


def events(connection: Connection, after: int, limit: int) -> tuple[Logged, ...]:
    """Up to ``limit`` events after ``after``, in order."""
    query = select(_event).where(_event.c.seq > after).order_by(_event.c.seq).limit(limit)
    return tuple(logged_of(row) for row in connection.execute(query).mappings())


def subjects(connection: Connection, after: int, to: int) -> tuple[tuple[str, str], ...]:
    """Distinct (subject kind, subject id) of the events in (after, to], in order of their last event."""
    query = select(_event.c.subject, _event.c.subject_id).where(_event.c.seq > after, _event.c.seq <= to)
    seen = dict.fromkeys((row.subject, row.subject_id) for row in connection.execute(query.order_by(_event.c.seq)))
    return tuple(seen)


# Commands already done: the same id with the same body gets the same answer, for 30 days.

KEPT = timedelta(days=30)


class Reused(Exception):
    """The command id was used before by somebody else or with another body."""


def answer_of(connection: Connection, order: Command) -> Done | None:
    """The answer this very order got before; None for a new one. Raises Reused."""
    query = select(schema.command).where(schema.command.c.id == order.command_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if (row.actor, row.body_hash) != (order.actor, order.hash()):
        raise Reused(order.command_id)
    return msgspec.json.decode(row.answer, type=Done)


def remember(connection: Connection, order: Command, done: Done, *, first_seq: int, real: datetime) -> None:
    """Keep the answer of an order beside the events it caused."""
    connection.execute(
        insert(schema.command).values(
            id=order.command_id,
            actor=order.actor,
            body_hash=order.hash(),
            first_seq=first_seq,
            last_seq=done.seq,
            answer=encode(done),
            logged_at=to_micros(real),
        )
    )


def prune(connection: Connection, real: datetime) -> int:
    """Forget answers older than 30 days; returns how many."""
    old = schema.command.c.logged_at < to_micros(real - KEPT)
    return connection.execute(delete(schema.command).where(old)).rowcount
