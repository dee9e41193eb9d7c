"""The runner of the sources that this room asks: all about a source that is not its kind's own (`ingest.pull`).

`SourceRunners` is the loop of a process. Each source has a lease, so that one process in the room reads it. A batch
goes into the log first; then, in one transaction and only while the lease is held, its position is stored together with
its counts and what was refused. A process that dies in between reads the batch again, and what is known changes
nothing: so each report is in the log once and is counted once.
"""

import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from ingest.mail.letter_intake import LetterIntake
from ingest.pull import MOST_IN_BATCH, Batch, Item, Misconfigured, PullSource, TryLater
from ingest.sources.api import BATCH, Backpressure, IntakeGate, IntakeRoom, taken
from liveroom.accounts import quarantine
from liveroom.accounts.arrivals import (
    Tally,
    lag_of,
    measure_arrivals,
    measure_rejects,
    note_fault,
    note_run,
    note_success,
    position_of,
    write_tally,
)
from liveroom.accounts.quarantine import Reject
from liveroom.accounts.sources import Sources
from liveroom.courier.worker import pause
from liveroom.domain.complaints.intake import Report, report_of, sensor_report
from liveroom.domain.hazards.cap_alert import CapAlert
from liveroom.domain.requests import IntakeResult, Malformed
from liveroom.log.engine import Connection, Unavailable
from liveroom.log.event_log import EventLog, NoLog
from liveroom.log.lease import LASTS, Lease
from liveroom.runtime import Runtime
from liveroom.runtime.time import monotonic
from liveroom.tables.table_plan import TableCity, history_report

# Seconds: of a round of the loop; between two tries at a full gate; the longest rest after a batch.
ROUND_S, GATE_S, REST_S = 0.5, 0.1, 0.5
# Of a source that stays connected: how often it is written down how it does, and when its failures are forgotten.
NOTED_S, WELL_S = 10.0, 60.0
# What a person has to mend is looked at again this often.
MENDED = timedelta(minutes=1)
# No source can ask to be left alone for longer.
LONGEST_ASKED = timedelta(days=1)
log = logging.getLogger(__name__)


class RunnerRoom(IntakeRoom, Protocol):
    """The room as the runner needs it."""

    log: EventLog

    @property
    def city(self) -> TableCity:
        """The city whose categories the items name, and by which tables are read."""

    def hear_many(
        self, alerts: Sequence[CapAlert], *, source: str, own_codes: Sequence[str] = ()
    ) -> Sequence[IntakeResult]:
        """Hear at most BATCH documents of warnings in one transaction; one answer a document, in order."""


class Stopped(Exception):
    """This process ends, or another one has the source: what was not stored is read again there."""


@dataclass(slots=True, eq=False)
class SourceState:
    """A source in this process. ``next_at``: monotonic seconds; ``failures``: in a row.

    While it is read: ``position`` of the last batch, the ``fault`` that came with it, and when (monotonic) that was
    ``noted`` last.
    """

    source: PullSource
    id: str
    lease: Lease
    next_at: float = 0.0
    failures: int = 0
    busy: bool = False
    position: str | None = None
    fault: str = ""
    noted: float = 0.0


@dataclass(slots=True)
class _Outcome:
    """What became of one batch so far."""

    tally: Tally = field(default_factory=Tally)
    rejects: list[Reject] = field(default_factory=list)

    def reject(self, item: Item, fault: Malformed) -> None:
        self.rejects.append(Reject(raw=item.raw, fault=fault, value=item.value))
        self.tally.rejected += 1


class SourceRunners:
    """The sources that one process may read; ``gate`` is the one that its own API counts too."""

    def __init__(
        self,
        room: RunnerRoom,
        register: Sources,
        sources: Sequence[PullSource],
        gate: IntakeGate,
        chance: Callable[[], float] = random.random,
        letters: LetterIntake | None = None,
    ) -> None:
        """``letters`` takes what came by mail; None: as reports alone."""
        self._room = room
        self._register = register
        self._sources = sources
        self._gate = gate
        self._chance = chance
        self._letters = letters
        self._states: tuple[SourceState, ...] | None = None
        self._leased_at = float("-inf")
        self._paused: frozenset[str] = frozenset()
        self._stopping = False

    def run(self, runtime: Runtime) -> None:
        """Read for ever, or until ``stop``; a database that is away is asked again at the next round.

        Without a source it ends once it is written down that none is told anything any more.
        """
        while not self._stopping and (self._sources or self._states is None):
            try:
                self.step(runtime)
            except (Unavailable, NoLog) as error:
                log.warning("the sources cannot reach the log: %s", error)
            except Exception:
                log.exception("the sources failed; they go on at the next round")
            runtime.sleep(ROUND_S)

    def stop(self) -> None:
        """Take no further batch, and leave the sources to another process; without a database the leases lapse."""
        self._stopping = True
        if states := self._states:
            with suppress(Unavailable, NoLog):
                self._room.log.note(lambda c: _release_all(c, states))

    @property
    def busy(self) -> bool:
        """Whether a source is being read."""
        return any(state.busy for state in self._states or ())

    def step(self, runtime: Runtime) -> None:
        """Renew the leases, and begin to read every source that is due and not paused. Raises Unavailable."""
        states = self._registered()
        held = self._room.log.note(lambda c: [state for state in states if state.lease.take_in(c)])
        self._leased_at = monotonic()
        self._paused = self._register.paused()
        for state in held:
            if not state.busy and state.next_at <= monotonic() and not self._is_over(state):
                state.busy = True
                runtime.spawn(self._serve, state, runtime)

    def _is_over(self, state: SourceState) -> bool:
        return self._stopping or state.id in self._paused

    def _registered(self) -> tuple[SourceState, ...]:
        """The sources with their ids, registered at the first round."""
        if self._states is None:
            states = tuple(self._register_one(source) for source in self._sources)
            self._register.tell({state.id: state.source.status_to() for state in states})
            self._states = states
        return self._states

    def _register_one(self, source: PullSource) -> SourceState:
        id_ = self._register.ensure(source.name, source.every_s)
        self._register.expect(id_, source.every_s)
        return SourceState(source, id_, Lease(self._room.log, f"source:{id_}", LASTS))

    def _serve(self, state: SourceState, runtime: Runtime) -> None:
        """Read one source until there is no more, and say when it is read again."""
        try:
            with self._failures(state):
                self._read(state, runtime)
                state.failures, state.next_at = 0, monotonic() + state.source.every_s
        except (Unavailable, NoLog) as error:
            log.warning("source %s cannot reach the log: %s", state.id, error)
            state.next_at = monotonic() + self._pause(state)
        except Stopped:
            state.next_at = monotonic()
        finally:
            state.busy = False

    @contextmanager
    def _failures(self, state: SourceState) -> Iterator[None]:
        """Write down why reading failed and when it is tried again. Raises what is no fault of the source."""
        try:
            yield
        except (Unavailable, NoLog, Stopped):
            raise
        except TryLater as error:
            asked = min(error.seconds, LONGEST_ASKED.total_seconds())
            state.next_at = monotonic() + max(asked, self._pause(state))
            self._fault(state, str(error))
        except Misconfigured as error:
            state.next_at = monotonic() + max(MENDED.total_seconds(), state.source.every_s)
            self._fault(state, str(error))
        except Exception as error:
            log.exception("source %s could not be read", state.id)
            state.next_at = monotonic() + self._pause(state)
            self._fault(state, f"fault: {type(error).__name__}")

    def _pause(self, state: SourceState) -> float:
        state.failures += 1
        return pause(state.failures, self._chance()).total_seconds()

    def _fault(self, state: SourceState, why: str) -> None:
        log.warning("source %s: %s", state.id, why)
        self._room.log.touch(lambda c: note_fault(c, state.id, why))

    def _read(self, state: SourceState, runtime: Runtime) -> None:
        state.position = self._room.log.read(lambda c: position_of(c, state.id))
        state.fault, state.noted = "", monotonic()
        begun_reading = monotonic()
        batches = iter(state.source.fetch_in(state.position, self._room.city))

        def following() -> Batch | None:
            return next(batches, None)

        try:
            while (batch := runtime.run_aside(following) if state.source.local else following()) is not None:
                begun = monotonic()
                if batch.items or batch.position != state.position:
                    self._take(state, batch, runtime)
                    state.position = batch.position
                    self._register.heard(state.id)
                    runtime.sleep(min(monotonic() - begun, REST_S))  # others write too
                self._note(state, batch.fault)
                if monotonic() - begun_reading > WELL_S:
                    state.failures = 0
                if self._is_over(state):
                    raise Stopped
        finally:
            close = getattr(batches, "close", None)
            if close is not None:
                close()
        self._write_down(state)

    def _note(self, state: SourceState, fault: str) -> None:
        """Write down now and then how a source does that is still read, and at once where that changed."""
        pause = min(NOTED_S, state.source.every_s / 2)
        if fault == state.fault and monotonic() - state.noted < pause:
            return
        if fault and fault != state.fault:
            log.warning("source %s: %s", state.id, fault)
        state.fault = fault
        self._write_down(state)

    def _write_down(self, state: SourceState) -> None:
        state.noted = monotonic()

        def note(connection: Connection) -> None:
            if state.fault:
                note_fault(connection, state.id, state.fault, partly=True)
            else:
                note_success(connection, state.id)

        self._room.log.touch(note)
        self._register.heard(state.id)

    def _take(self, state: SourceState, batch: Batch, runtime: Runtime) -> None:
        """Put a batch into the log, then store its position with all that it brought."""
        if len(batch.items) > MOST_IN_BATCH:
            raise ValueError(f"{len(batch.items)} items in a batch, at most {MOST_IN_BATCH}")
        outcome = _Outcome()
        now = self._room.now()
        read = self._warnings if state.source.warns else self._reports
        ready = list(read(state.source, batch.items, now, outcome))
        with self._passing(len(ready), runtime):
            for start in range(0, len(ready), BATCH):
                self._refuse_if_lost()
                self._give(state, ready[start : start + BATCH], now, outcome)

        rejects = quarantine.encoded(outcome.rejects)

        def store(connection: Connection) -> None:
            if not state.lease.take_in(connection):
                raise Stopped
            quarantine.keep(connection, state.id, rejects)
            write_tally(connection, state.id, outcome.tally)
            note_run(connection, state.id, position=batch.position)
            if self._stopping:  # to take the lease was to renew it
                state.lease.release_in(connection)

        self._room.log.touch(store)
        measure_arrivals(state.id, outcome.tally)
        measure_rejects(state.id, outcome.rejects)

    def _refuse_if_lost(self) -> None:
        """Raises Stopped in a process that was frozen for so long that another one may have its sources."""
        if monotonic() - self._leased_at >= LASTS.total_seconds():
            raise Stopped

    def _reports(
        self, source: PullSource, items: Sequence[Item], now: datetime, outcome: _Outcome
    ) -> Iterator[tuple[Item, Report]]:
        """The items that are reports; the others are rejects of the outcome."""
        read = sensor_report if source.sensor else history_report if source.history else report_of
        for item in items:
            try:
                if item.fault is not None:
                    raise item.fault
                report = read(item.value, now, self._room.kind)
            except Malformed as fault:
                outcome.reject(item, fault)
                continue
            yield item, replace(report, category=self._room.city.category_key(report.category.strip()))

    @staticmethod
    def _warnings(
        _source: PullSource, items: Sequence[Item], _now: datetime, outcome: _Outcome
    ) -> Iterator[tuple[Item, CapAlert]]:
        """The items that are documents of warnings; the others are rejects of the outcome."""
        for item in items:
            if item.fault is not None:
                outcome.reject(item, item.fault)
            else:
                yield item, item.value

    @contextmanager
    def _passing(self, reports: int, runtime: Runtime) -> Iterator[None]:
        """Wait for the gate, which the sources that send by themselves may have filled. Raises Stopped."""
        while True:
            with suppress(Backpressure), self._gate.passing(reports):
                yield
                return
            if self._stopping:
                raise Stopped
            runtime.sleep(GATE_S)

    def _give(self, state: SourceState, some: Sequence[tuple[Item, Any]], now: datetime, outcome: _Outcome) -> None:
        """Give the room some of a batch, in one transaction. Raises Unavailable."""
        if not state.source.warns:
            self._accept(state.id, some, now, outcome)
            return
        alerts = [alert for _, alert in some]
        answers = self._room.hear_many(alerts, source=state.id, own_codes=state.source.own_codes())
        for alert, answer in zip(alerts, answers, strict=True):
            outcome.tally.add(taken(answer, lag_of(alert.sent, now)))

    def _accept(self, source: str, some: Sequence[tuple[Item, Report]], now: datetime, outcome: _Outcome) -> None:
        def take(reports: Sequence[Report]) -> Sequence[IntakeResult | Malformed]:
            return self._room.accept_many(reports, source=source)

        if self._letters is not None and any(item.letter is not None for item, _ in some):
            answers: Sequence[IntakeResult | Malformed] = self._letters.accept(some, source, take)
        else:
            answers = take([report for _, report in some])
        for (item, report), answer in zip(some, answers, strict=True):
            if isinstance(answer, Malformed):
                outcome.reject(item, answer)
            else:
                outcome.tally.add(taken(answer, lag_of(report.reported_at, now)))


def _release_all(connection: Connection, states: Sequence[SourceState]) -> None:
    for state in states:
        state.lease.release_in(connection)
