"""What comes of each source, counted: taken, known and refused by the hour, gaps and lags, and how reading goes.

Messages of hooks are known again for a day (`was_seen`).

`Arrivals` is what a door in tells it to: counts are gathered in memory and written every few seconds, what was refused
at once, before the answer leaves. `SourceHealth` is what a person is shown. The interval at which a source is usually
heard is given by a person (``every_s``, whose silence is an alarm) or learned from its gaps, which is shown and alarms
nobody. Hours are those of room time, which in a drill is not the hour outside; all else is the database's real time,
aware UTC. `measure_sources` shows the same as metrics, by the id of each source that is registered.
"""

import hashlib
import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

import msgspec
from prometheus_client import Gauge
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from liveroom.accounts import quarantine
from liveroom.accounts.quarantine import KeepResult, Reject, reason_of
from liveroom.accounts.sources import RegisteredSource, all_sources
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import EventLog, database_now, room_now
from liveroom.log.rows import insert_or_not
from liveroom.log.schema import arrival, hook_message, source_pace, source_run
from liveroom.runtime import Runtime, metrics

# Seconds between two writes of what was counted.
FLUSH_S = 2.0
# What was refused is kept so many at a time: others write between.
KEPT_AT_ONCE = 100
# Gaps and lags that are remembered of a source, and the fewest gaps that say something.
REMEMBERED, FEWEST = 64, 8
# A source is usually heard within this many median gaps; and nothing shorter than that many seconds is called silence.
FACTOR, SHORTEST_S = 6, 60
HOURS = 24
_FAULT = 300
log = logging.getLogger(__name__)
_HOUR = 3_600_000_000


@dataclass(slots=True)
class Tally:
    """What became of some reports; ``lags``: seconds from when they were reported until they came.

    ``unsigned``: requests to its hook that did not prove to come from it; they say nothing of the source itself.
    ``empty``: payloads of its hook in which there was nothing that could be a report.
    """

    accepted: int = 0
    known: int = 0
    rejected: int = 0
    unsigned: int = 0
    empty: int = 0
    lags: list[float] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count these too."""
        self.accepted += other.accepted
        self.known += other.known
        self.rejected += other.rejected
        self.unsigned += other.unsigned
        self.empty += other.empty
        self.lags = [*self.lags, *other.lags][-REMEMBERED:]

    @property
    def total(self) -> int:
        """All of them."""
        return self.accepted + self.known + self.rejected


class Arrivals:
    """The counts of one process; ``run`` writes them, so does ``flush``."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._lock = threading.Lock()
        # By source and hour of room time; None: the hour in which it is written.
        self._waiting: dict[tuple[str, int | None], Tally] = {}

    def count(self, source: str, tally: Tally, at: datetime | None = None) -> None:
        """Count what came of a source: now, or for a drill's past ``at`` a moment of room time."""
        measure_arrivals(source, tally)
        self._add({(source, None if at is None else to_micros(at) // _HOUR): tally})

    def _add(self, tallies: Mapping[tuple[str, int | None], Tally]) -> None:
        with self._lock:
            for key, tally in tallies.items():
                self._waiting.setdefault(key, Tally()).add(tally)

    def keep(self, source: str, rejects: Sequence[Reject]) -> KeepResult:
        """Keep what was refused in quarantine, and count it. Raises Unavailable: then the sender must send again."""
        beyond = cut = 0
        for start in range(0, len(rejects), KEPT_AT_ONCE):
            part = rejects[start : start + KEPT_AT_ONCE]
            keep = partial(quarantine.keep, source=source, rejects=quarantine.encoded(part))
            kept = self._log.touch(keep)
            beyond, cut = beyond + kept.beyond, cut + kept.cut
            self.count(source, Tally(rejected=len(part)))
            measure_rejects(source, part)
        return KeepResult(beyond=beyond, cut=cut)

    def run(self, runtime: Runtime) -> None:
        """Write for ever what was counted; a database that is away gets it later."""
        while True:
            runtime.sleep(FLUSH_S)
            try:
                self.flush()
            except Unavailable as error:
                log.warning("what sources sent is counted later: %s", error)
            except Exception:
                log.exception("what sources sent could not be counted; it goes on")

    def flush(self) -> None:
        """Write what was counted now. Raises Unavailable with nothing forgotten."""
        with self._lock:
            taken, self._waiting = self._waiting, {}
        if not taken:
            return

        def write(connection: Connection) -> None:
            for (source, hour), tally in taken.items():
                write_tally(connection, source, tally, hour)

        try:
            self._log.note(write)
        except Unavailable:
            self._add(taken)
            raise


def write_tally(connection: Connection, source: str, tally: Tally, at_hour: int | None = None) -> None:
    """Add to the counts of this hour, and remember the gap since the last time something came, and the lags.

    With ``at_hour``, in hours since 1970 of room time, only to the counts of that one.
    """
    if not (tally.total or tally.unsigned or tally.empty):
        return
    row, hour = arrival.c, _this_hour(connection) if at_hour is None else at_hour
    added = {name: getattr(tally, name) for name in ("accepted", "known", "rejected", "unsigned", "empty")}
    sums = {name: func.coalesce(row[name], 0) + n for name, n in added.items()}
    change = update(arrival).where(row.source == source, row.hour == hour).values(**sums)
    if not connection.execute(change).rowcount:
        connection.execute(delete(arrival).where(row.source == source, row.hour < hour - 2 * HOURS))
        if not insert_or_not(connection, arrival, source=source, hour=hour, **added):
            connection.execute(change)
    if tally.total and at_hour is None:
        _remember(connection, source, to_micros(database_now(connection)), tally.lags)


def _this_hour(connection: Connection) -> int:
    return to_micros(room_now(connection)) // _HOUR


def _remember(connection: Connection, source: str, now: int, lags: Iterable[float]) -> None:
    row = connection.execute(select(source_pace).where(source_pace.c.source == source)).one_or_none()
    gaps, known = ([], []) if row is None else (_seconds(row.gaps), _seconds(row.lags))
    gaps += [] if row is None else [(now - row.last_at) / 1e6]
    values = {"last_at": now, "gaps": _text(gaps), "lags": _text([*known, *lags])}
    if row is None:
        insert_or_not(connection, source_pace, source=source, **values)
    else:
        connection.execute(update(source_pace).where(source_pace.c.source == source).values(**values))


def _seconds(text: str) -> list[float]:
    return msgspec.json.decode(text, type=list[float])


def _text(numbers: Sequence[float]) -> str:
    return msgspec.json.encode([round(n, 1) for n in numbers[-REMEMBERED:]]).decode()


# How reading a source goes, for those that this room asks.


def position_of(connection: Connection, source: str) -> str | None:
    """Up to where the source was read; None at its beginning."""
    return connection.execute(select(source_run.c.position).where(source_run.c.source == source)).scalar_one_or_none()


def note_run(connection: Connection, source: str, **values: object) -> None:
    """Write down how it went: ``position``, ``success_at``, ``tried_at``, ``fault``, ``fault_at``."""
    if not connection.execute(update(source_run).where(source_run.c.source == source).values(**values)).rowcount:
        connection.execute(insert(source_run).values(source=source, **values))


def note_success(connection: Connection, source: str) -> None:
    """A try that reached the end of what there was."""
    now = to_micros(database_now(connection))
    note_run(connection, source, tried_at=now, success_at=now, fault=None, fault_at=None)


def note_fault(connection: Connection, source: str, why: str, *, partly: bool = False) -> None:
    """A try that failed, or that reached its end ``partly``; the fault keeps the time since which it stands."""
    now, said = to_micros(database_now(connection)), quarantine.storable(why)[:_FAULT]
    row = connection.execute(select(source_run).where(source_run.c.source == source)).one_or_none()
    since = row.fault_at if row is not None and row.fault is not None else now
    reached = {"success_at": now} if partly else {}
    note_run(connection, source, tried_at=now, fault=said, fault_at=since, **reached)


# Messages that came by a hook: whoever sends one again within a day, or has caught it, changes nothing.

SEEN_KEPT = timedelta(days=1)
_seen = hook_message.c


def was_seen(connection: Connection, source: str, mark: str) -> bool:
    """Whether the message with this mark was taken from a source within SEEN_KEPT."""
    since = to_micros(database_now(connection) - SEEN_KEPT)
    same = (_seen.source == source, _seen.mark == _mark_hash(mark), _seen.at >= since)
    return connection.execute(select(_seen.at).where(*same)).first() is not None


def note_seen(connection: Connection, source: str, mark: str) -> None:
    """Remember a message that was taken, and forget those of this source that came more than SEEN_KEPT ago."""
    now = database_now(connection)
    connection.execute(delete(hook_message).where(_seen.source == source, _seen.at < to_micros(now - SEEN_KEPT)))
    insert_or_not(connection, hook_message, source=source, mark=_mark_hash(mark), at=to_micros(now))


def _mark_hash(mark: str) -> str:
    return hashlib.sha256(mark.encode("utf-8", "surrogatepass")).hexdigest()


# What a person is shown.


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How a source does. ``hours``: reports by the hour, the last 24, oldest first, this hour last.

    ``lag_s``: the median of the last reports that say when they were reported; None without. ``learned_s``: within how
    many seconds it is usually heard, by its gaps; None while there are too few. ``rejected``, ``unsigned`` (requests
    to its hook that did not prove to come from it) and ``empty`` (payloads of it in which nothing could be a report):
    in those 24 hours. ``open``: in quarantine, waiting for somebody.
    """

    hours: tuple[int, ...]
    rejected: int
    unsigned: int
    empty: int
    open: int
    lag_s: float | None
    learned_s: int | None
    position: str | None
    tried_at: datetime | None
    success_at: datetime | None
    fault: str | None
    fault_at: datetime | None

    @property
    def partly(self) -> bool:
        """Whether it was read although there is a fault: that of a part of it, such as a gauge."""
        return self.fault is not None and self.success_at is not None and self.success_at == self.tried_at

    @property
    def per_hour(self) -> int:
        """Reports of the last whole hour and this one's, whichever is more: an hour that has begun says little."""
        return max(self.hours[-2:])


NOTHING: Mapping[str, Any] = {"position": None, "tried_at": None, "success_at": None, "fault": None, "fault_at": None}


def health_of_all(connection: Connection, sources: Iterable[str]) -> dict[str, SourceHealth]:
    """The health of each of ``sources``, by id."""
    this_hour = _this_hour(connection)
    counted: dict[str, list[int]] = {}
    rejected: dict[str, int] = {}
    unsigned: dict[str, int] = {}
    empty: dict[str, int] = {}
    for row in connection.execute(select(arrival).where(arrival.c.hour > this_hour - HOURS)):
        hours = counted.setdefault(row.source, [0] * HOURS)
        if row.hour <= this_hour:  # one ahead was written before the clock was set back
            hours[row.hour - this_hour - 1] += row.accepted + row.known
        rejected[row.source] = rejected.get(row.source, 0) + row.rejected
        unsigned[row.source] = unsigned.get(row.source, 0) + (row.unsigned or 0)
        empty[row.source] = empty.get(row.source, 0) + (row.empty or 0)
    paces = {row.source: row for row in connection.execute(select(source_pace))}
    runs = {row.source: row for row in connection.execute(select(source_run))}
    open_ = quarantine.open_entries(connection)
    return {
        id_: SourceHealth(
            hours=tuple(counted.get(id_, [0] * HOURS)),
            rejected=rejected.get(id_, 0),
            unsigned=unsigned.get(id_, 0),
            empty=empty.get(id_, 0),
            open=open_.get(id_, 0),
            lag_s=_lag(paces.get(id_)),
            learned_s=None if id_ not in paces else learned(_seconds(paces[id_].gaps)),
            **(NOTHING if id_ not in runs else _run(runs[id_])),
        )
        for id_ in sources
    }


def learned(gaps: Sequence[float]) -> int | None:
    """Within how many seconds a source with these gaps is usually heard; None for too few to say."""
    return max(SHORTEST_S, round(FACTOR * median(gaps))) if len(gaps) >= FEWEST else None


def _lag(pace: Row[Any] | None) -> float | None:
    lags = [] if pace is None else _seconds(pace.lags)
    return median(lags) if lags else None


def _run(row: Row[Any]) -> dict[str, Any]:
    moments = {name: getattr(row, name) for name in ("tried_at", "success_at", "fault_at")}
    return {
        "position": row.position,
        "fault": row.fault,
        **{name: None if micros is None else from_micros(micros) for name, micros in moments.items()},
    }


def lag_of(reported_at: datetime | None, now: datetime) -> list[float]:
    """How many seconds ago a report that comes now was reported, as Tally takes it; nothing where it does not say."""
    if reported_at is None or now - reported_at > timedelta(days=2):  # what is older was imported, and came in time
        return []
    return [max(0.0, (now - reported_at).total_seconds())]


# The same for whoever watches many rooms: counters of this process as it comes, and what is read when it is asked.


def measure_arrivals(source: str, tally: Tally) -> None:
    """Count what came of a source for /metrics; a source is registered before anything of it is counted."""
    for outcome, n in (("accepted", tally.accepted), ("known", tally.known), ("refused", tally.rejected)):
        if n:
            metrics.SOURCE_REPORTS.labels(source, outcome).inc(n)


def measure_rejects(source: str, rejects: Iterable[Reject]) -> None:
    """Count what was refused by the kind of its reason."""
    for reject in rejects:
        metrics.SOURCE_REFUSED.labels(source, reason_of(reject.fault.message)).inc()


def measure_sources(log: EventLog) -> None:
    """Set the gauges of the sources that are registered now; one that was revoked is shown no more. Raises Unavailable.

    One that was never heard counts from when it was registered; one without lags has none.
    """
    sources, lags, open_ = log.read(_to_measure)
    for gauge, values in (
        (metrics.SOURCE_HEARD, {one.source.id: _age_s(one) for one in sources}),
        (metrics.SOURCE_PAUSED, {one.source.id: float(one.paused_at is not None) for one in sources}),
        (metrics.SOURCE_QUARANTINE, {one.source.id: float(open_.get(one.source.id, 0)) for one in sources}),
        (metrics.SOURCE_LAG, {one.source.id: lags[one.source.id] for one in sources if one.source.id in lags}),
    ):
        for (gone,) in [sample for sample in _labels(gauge) if sample[0] not in values]:
            gauge.remove(gone)
        for source, value in values.items():
            gauge.labels(source).set(value)


def _to_measure(connection: Connection) -> tuple[list[RegisteredSource], dict[str, float], dict[str, int]]:
    used = [one for one in all_sources(connection) if one.revoked_at is None]
    paces = connection.execute(select(source_pace.c.source, source_pace.c.lags))
    lags = {source: median(known) for source, text in paces if (known := _seconds(text))}
    return used, lags, quarantine.open_entries(connection)


def _age_s(one: RegisteredSource) -> float:
    return (one.now - (one.heard_at or one.since)).total_seconds()


def _labels(gauge: Gauge) -> list[tuple[str, ...]]:
    """The label values that a gauge has now."""
    return [tuple(sample.labels.values()) for family in gauge.collect() for sample in family.samples]
