"""The event log: one table of events, numbered without gaps and written one transaction at a time under the head lock.

`EventLog` is how the rest of the product holds the database: `write` appends events, `touch` and `note` write what is
no event, `read` and `slices` see one moment. `Transaction` numbers what one write appends. `Head` is the one row with
the log's identity, its last number and mark, and room time. Below them: events and complaints as JSON, reads of events,
and the answers to commands that were done.

`at` of an event is room time, `logged_at` real time; both are aware UTC here and whole microseconds in the tables. A
mark is 96 random bits that all events of one transaction share: number and mark together prove a position. Raises
Unavailable while the database does not answer, WrongClock while its clock cannot be believed.
"""

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
from sqlalchemy import (
    Connection,
    Engine,
    RootTransaction,
    RowMapping,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from liveroom.domain.alarms.model import Alarm
from liveroom.domain.complaints.model import Complaint, Stage
from liveroom.domain.events import PAYLOADS, Event, Kind, LoggedEvent, Subject
from liveroom.domain.requests import Command, CommandIdConflict, CommandResult
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.engine import UPKEEP, Unavailable, damaged, reason_of, scrub
from liveroom.log.rows import Prepared, PreparedQuery, insert_rows
from liveroom.log.time_guard import STEP, TimeGuard, WrongClock, spell, stamp
from liveroom.runtime import Runtime
from liveroom.runtime.metrics import CLOCK_JUMPED
from liveroom.runtime.time import RoomTime, monotonic, system_now

# Below both pools' size: on SQLite's one thread a wait for a connection would keep away whoever could give one back.
SLICES_AT_ONCE = 8
T = TypeVar("T")
log = logging.getLogger(__name__)

# ---- the head row, and the time ----

# Made once: every write, read and beat begins with it.
_THE_HEAD = select(
    *(
        schema.head.c[name]
        for name in (
            *("epoch", "kind", "city", "seq", "mark", "logged_at", "origin", "real_base", "room_base", "rate"),
            "projection",
        )
    )
).where(schema.head.c.id == literal_column("1"))
_HEAD, _LOCKED = PreparedQuery(_THE_HEAD), PreparedQuery(_THE_HEAD.with_for_update())
_MOVE_HEAD = Prepared(
    update(schema.head)
    .where(schema.head.c.id == literal_column("1"))
    .values(seq=bindparam("to"), mark=bindparam("mark_there"), logged_at=bindparam("at"))
)


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


def read_head(connection: Connection, *, lock: bool = False) -> Head:
    """The head; ``lock`` keeps every other writer out until this transaction ends. Raises NoLog."""
    found = (_LOCKED if lock else _HEAD).rows(connection, {})
    if not found:
        raise NoLog("no room has been created in this database")
    epoch, kind, city, seq, mark, logged_at, origin, real_base, room_base, rate, projection = found[0]
    return Head(
        epoch=epoch,
        kind=kind,
        city=city,
        seq=seq,
        mark=mark,
        logged_at=from_micros(logged_at),
        origin=origin,
        time=RoomTime(real_base=real_base, room_base=room_base, rate=rate),
        projection=projection,
    )


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


def renew_epoch(connection: Connection, *, epoch: str, logged_at: datetime, time: RoomTime) -> None:
    """Begin a new epoch at a moment of real time: the log goes on, and every screen takes a new snapshot."""
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
    """What the clock says, right or wrong: PostgreSQL's own; for SQLite this machine's, which is the same."""
    if connection.dialect.name != "postgresql":
        return system_now()
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def room_now(connection: Connection) -> datetime:
    """Room time now, aware UTC."""
    return read_head(connection).time.at(database_now(connection))


def writable_now(connection: Connection) -> datetime:
    """Room time now, for whoever is about to write. Raises WrongClock when the last event lies ahead of it."""
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


# ---- events, complaints and alarms as rows: JSON text in, typed values out ----

# Of an event's payload; it stands in every row.
VERSION = 1

_KINDS = {kind.value: kind for kind in Kind}
_SUBJECTS = {subject.value: subject for subject in Subject}
# The same value is the same text, whichever process wrote it: sets have no order of their own.
_encoder = msgspec.json.Encoder(order="deterministic")
# Payloads are sorted too by the names of their fields, typed or not: the text of a kind never changes.
_payload_encoder = msgspec.json.Encoder(order="sorted")
_payload_decoders = {kind.value: msgspec.json.Decoder(payload) for kind, payload in PAYLOADS.items()}
_mapping_decoder = msgspec.json.Decoder(dict[str, Any])
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


def row_of(logged: LoggedEvent) -> dict[str, Any]:
    """The ``event`` row of a logged event."""
    event = logged.event
    return {
        "seq": logged.seq,
        "kind": str(event.kind),  # a third of the time of `.value`
        "subject": str(event.subject),
        "subject_id": event.id,
        "at": to_micros(event.at),
        "logged_at": to_micros(logged.logged_at),
        "mark": logged.mark,
        "actor": logged.actor,
        "version": VERSION,
        "payload": _payload_encoder.encode(event.payload).decode(),
    }


def logged_of(row: RowMapping) -> LoggedEvent:
    """The logged event of an ``event`` row; a type that only a later version knows keeps its plain name."""
    event = Event(
        kind=_KINDS.get(row["kind"], row["kind"]),
        subject=_SUBJECTS.get(row["subject"], row["subject"]),
        id=row["subject_id"],
        at=from_micros(row["at"]),
        payload=_payload_decoders.get(row["kind"], _mapping_decoder).decode(row["payload"]),
    )
    return LoggedEvent(
        seq=row["seq"],
        mark=row["mark"],
        logged_at=from_micros(row["logged_at"]),
        actor=row["actor"],
        event=event,
    )


def decode_payload(text: str) -> dict[str, Any]:
    """The payload of an event row."""
    return msgspec.json.decode(text, type=dict[str, Any])


# ---- writes and reads ----


class Transaction:
    """One write of events: the head lock first, numbers without gaps, one mark, all or nothing.

    ``real`` and ``now`` (room time) are taken once, after the lock was got.

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

    def append(self, events: Iterable[Event], *, actor: str) -> tuple[LoggedEvent, ...]:
        """Number ``events``; they are in the log once the transaction commits."""
        logged = []
        for event in events:
            self.seq += 1
            entry = LoggedEvent(seq=self.seq, mark=self.mark, logged_at=self.real, actor=actor, event=event)
            self._rows.append(row_of(entry))
            logged.append(entry)
        return tuple(logged)

    def spill(self) -> None:
        """Write what was appended so far, which a long write need not hold in memory; nobody sees it yet."""
        insert_rows(self.connection, schema.event, self._rows)
        self._rows = []

    def finish(self) -> int:
        """Write what was appended and move the head; returns the head's number. Nothing appended, nothing written."""
        self.spill()
        if self.seq > self.head.seq:
            moved = {"to": self.seq, "mark_there": self.mark, "at": to_micros(self.real)}
            _MOVE_HEAD.run(self.connection, (moved,))
        return self.seq


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFailure:
    """Why no event is written, how many tries failed since one appended, and when the last was (monotonic s)."""

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
    """The log of one database; ``on_commit(seq)`` rings the doorbell after every commit that appended something.

    ``guard`` watches the clock for this process: after a jump reads go on, writes raise WrongClock.
    """

    def __init__(
        self, engine: Engine, runtime: Runtime, on_commit: Callable[[int], None], guard: TimeGuard | None = None
    ) -> None:
        self.guard = guard or TimeGuard()
        self._engine = engine.execution_options(time_guard=self.guard)
        self._writing_engine = self._engine.execution_options(write=True)
        self._runtime = runtime
        self._on_commit = on_commit
        # Why the last write of this process failed; empty after one that did not.
        self.unwritten = ""
        # Writes that failed since the last that appended: a note, or a write of nothing, may pass on a full disk.
        self.failing: WriteFailure | None = None
        self._slots = threading.BoundedSemaphore(SLICES_AT_ONCE)

    def for_upkeep(self) -> "EventLog":
        """The same log for what may take minutes: its statements are not ended, and others keep their time-outs."""
        return EventLog(self._engine.execution_options(**{UPKEEP: True}), self._runtime, self._on_commit, self.guard)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in one transaction and commit it.

        Raises Unavailable, or what ``work`` raises, with nothing written.
        """
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
            transaction = Transaction(connection)
            result = work(transaction)
            return result, transaction.head.seq, transaction.finish()

    def touch(self, work: Callable[[Connection], T]) -> T:
        """A write that is no event and needs no head lock: users, sessions, uploads. Raises Unavailable."""

        def run() -> T:
            with self._writing() as connection, connection.begin():
                return work(connection)

        return self._run(run)

    def note(self, work: Callable[[Connection], T]) -> T:
        """As ``touch``, for what is old within seconds: pulse, lease, last heard. Raises Unavailable.

        Others see it at once and it survives a kill, but nobody waits for the disk: a power cut may lose the last.
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
        """Run ``work`` on the database's thread; nothing may be logged there, so the guard's news is logged here."""
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
            with as_unavailable(), self._writing_engine.connect() as connection:
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


# ---- reads of events ----

_event = schema.event
_MARK = PreparedQuery(select(_event.c.mark).where(_event.c.seq == bindparam("at")))
_FIRST_OF_KINDS = (
    select(_event)
    .where(
        _event.c.subject_id == bindparam("of"),
        _event.c.kind.in_(bindparam("kinds", expanding=True)),
        _event.c.seq > bindparam("after"),
    )
    .order_by(_event.c.seq)
    .limit(1)
)


def first_of_kinds(connection: Connection, subject_id: str, after: int, kinds: Collection[Kind]) -> LoggedEvent | None:
    """The first event of ``kinds`` logged on a subject after ``after``; None if there is none."""
    if not kinds:
        return None
    asked = {"of": subject_id, "kinds": [kind.value for kind in kinds], "after": after}
    row = connection.execute(_FIRST_OF_KINDS, asked).mappings().one_or_none()
    return logged_of(row) if row is not None else None


def last_of_kind(connection: Connection, subject_id: str, *kinds: Kind) -> LoggedEvent | None:
    """The last event of any of these kinds on a subject; None if there is none."""
    return _one(connection, _of_kinds(subject_id, kinds).order_by(_event.c.seq.desc()))


def link_epoch(connection: Connection, head: Head) -> str:
    """The epoch under which links of this log are signed: its own, or the one before a repair of the clock.

    A restore voids every link, since what they open may be gone; a repair of the clock takes nothing away.
    """
    last = last_of_kind(connection, "room", Kind.CLOCK_REPAIRED)
    if last is None or last.event.fields["epoch"] != head.epoch:
        return head.epoch
    return str(last.event.fields["links"])


def _of_kinds(subject_id: str, kinds: Collection[Kind]) -> Select[Any]:
    return select(_event).where(_event.c.subject_id == subject_id, _event.c.kind.in_([kind.value for kind in kinds]))


def _one(connection: Connection, query: Select[Any]) -> LoggedEvent | None:
    row = connection.execute(query.limit(1)).mappings().one_or_none()
    return None if row is None else logged_of(row)


def history(connection: Connection, subject_id: str) -> tuple[LoggedEvent, ...]:
    """Every event of a subject, in order."""
    query = select(_event).where(_event.c.subject_id == subject_id).order_by(_event.c.seq)
    return tuple(logged_of(row) for row in connection.execute(query).mappings())


def mark_at(connection: Connection, seq: int, head: Head) -> str | None:
    """The mark that proves a position: of the row at ``seq``, or the log's origin at 0; None beyond the head."""
    if seq == 0:
        return head.origin
    found = _MARK.rows(connection, {"at": seq})
    return str(found[0][0]) if found else None


def event_at(connection: Connection, seq: int) -> LoggedEvent | None:
    """The event with this number; None if there is none."""
    return _one(connection, select(_event).where(_event.c.seq == seq))


def events(connection: Connection, after: int, limit: int) -> tuple[LoggedEvent, ...]:
    """Up to ``limit`` events after ``after``, in order."""
    query = select(_event).where(_event.c.seq > after).order_by(_event.c.seq).limit(limit)
    return tuple(logged_of(row) for row in connection.execute(query).mappings())


def subjects(connection: Connection, after: int, to: int) -> tuple[tuple[str, str], ...]:
    """Distinct (subject kind, subject id) of the events in (after, to], in order of their last event."""
    query = select(_event.c.subject, _event.c.subject_id).where(_event.c.seq > after, _event.c.seq <= to)
    seen = dict.fromkeys((row.subject, row.subject_id) for row in connection.execute(query.order_by(_event.c.seq)))
    return tuple(seen)


# What sets a finish of its own; pauses, splits and reopening only move the one there is.
_SETS_FINISH = (Kind.AMENDED, Kind.TRIAGED, Kind.EXTENDED, Kind.REPLANNED)


def extended_of(connection: Connection, ids: Collection[str]) -> frozenset[str]:
    """Those of ``ids`` (at most 500) whose finish an officer promised: ``complaint.extended`` set it last.

    Read from the log, because a deadline does not tell who set it.
    """
    query = select(_event.c.subject_id, _event.c.kind, _event.c.payload).where(
        _event.c.subject_id.in_(sorted(ids)), _event.c.kind.in_([kind.value for kind in _SETS_FINISH])
    )
    last: dict[str, str] = {}
    for row in connection.execute(query.order_by(_event.c.seq)):
        if Stage.FINISH.value in decode_payload(row.payload).get("deadlines", {}):
            last[row.subject_id] = row.kind
    return frozenset(id_ for id_, kind in last.items() if kind == Kind.EXTENDED.value)


# ---- commands already done: the same id with the same body gets the same answer, for 30 days ----

KEPT = timedelta(days=30)
_ANSWER = select(schema.command).where(schema.command.c.id == bindparam("of"))


def answer_of(connection: Connection, command: Command) -> CommandResult | None:
    """The answer this very command got before; None for a new one. Raises CommandIdConflict."""
    row = connection.execute(_ANSWER, {"of": command.command_id}).one_or_none()
    if row is None:
        return None
    if (row.actor, row.body_hash) != (command.actor, command.hash()):
        raise CommandIdConflict
    return msgspec.json.decode(row.answer, type=CommandResult)


def remember(connection: Connection, command: Command, done: CommandResult, *, first_seq: int, real: datetime) -> None:
    """Keep the answer to a command beside the events it caused, from ``first_seq`` on; a one-time token is not kept."""
    row = {
        "id": command.command_id,
        "actor": command.actor,
        "body_hash": command.hash(),
        "first_seq": first_seq,
        "last_seq": done.seq,
        "answer": encode(CommandResult(id=done.id, seq=done.seq, status=done.status, state=done.state)),
        "logged_at": to_micros(real),
    }
    insert_rows(connection, schema.command, (row,))


def prune_commands(connection: Connection, real: datetime) -> int:
    """Forget answers older than 30 days; returns how many."""
    old = schema.command.c.logged_at < to_micros(real - KEPT)
    return connection.execute(delete(schema.command).where(old)).rowcount
