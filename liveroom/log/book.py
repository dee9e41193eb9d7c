"""The log as the rest of the product holds it: write a unit, read one moment, read one moment in slices."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from liveroom.log.engine import UPKEEP
from liveroom.log.reasons import Unavailable as Unavailable
from liveroom.log.reasons import damaged, reason_of
from liveroom.log.scrub import scrub
from liveroom.log.time_guard import TimeGuard
from liveroom.log.unit import Unit
from liveroom.runtime import Runtime
from liveroom.runtime.metrics import CLOCK_JUMPED
from liveroom.runtime.time import monotonic

T = TypeVar("T")
# Below both pools' size: on SQLite's one thread a wait for a connection would keep away whoever could give one back.
SLICES_AT_ONCE = 8
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
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


class Log:
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
        self.failing: Failing | None = None
        self._slots = threading.BoundedSemaphore(SLICES_AT_ONCE)

    def for_upkeep(self) -> "Log":
        """The same log for what may take minutes: no statement of it is ended, and others keep their time-outs."""
        return Log(self._engine.execution_options(**{UPKEEP: True}), self._runtime, self._on_commit, self.guard)

    def write(self, work: Callable[[Unit], T]) -> T:
        """Run ``work`` in one unit and commit it. Raises Unavailable, or what ``work`` raises, with nothing written."""
        try:
            result, before, after = self._run(lambda: self._write(work))
        except Unavailable as error:
            self.failing = Failing(why=str(error), times=self.failing.times + 1 if self.failing else 1, at=monotonic())
            raise
        if after > before:
            self.failing = None
            self._on_commit(after)
        return result

    def _write(self, work: Callable[[Unit], T]) -> tuple[T, int, int]:
        with self._writing() as connection, connection.begin():
            unit = Unit(connection)
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
