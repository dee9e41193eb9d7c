"""When a complaint is likely to be finished: by what its agency took for others of its class, and only if that holds.

What the agency took is learnt from the months before and tried on the last three, which it has not seen. What is still
open counts as longer than it has been open (Kaplan-Meier), never as if it were not there. docs/measures.md has the
thresholds.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from msgspec import Struct

from liveroom.domain.complaints.model import Complaint, State
from liveroom.domain.timestamps import to_micros
from liveroom.log.engine import Connection
from liveroom.log.event_log import EventLog
from liveroom.projection.stay_counts import DAY, record

# Days of the record, and of those at its end on which it is tried.
RECORD_DAYS, HELD_BACK_DAYS = 365, 90
# Finished complaints to learn from, and complaints to try it on, without which nothing is said.
LEAST_LEARNT, LEAST_TRIED = 50, 20
# p80 should hold for 80 of 100; below this share of the tried ones it is not said.
LEAST_HITS = 0.7
_KEPT = 512
# A record is read anew after so much room time.
_FRESH = 3_600_000_000


class Record(Struct, frozen=True, kw_only=True):
    """What an agency took for a class: half within ``p50_s``, 80 of 100 within ``p80_s`` (calendar seconds).

    Learnt from ``n`` complaints; of ``tried`` later ones the share ``hit_rate`` was finished within ``p80_s``.
    """

    n: int
    p50_s: int
    p80_s: int
    tried: int
    hit_rate: float


class Expectation(Struct, frozen=True, kw_only=True):
    """When a complaint is likely to be finished: half by ``by_p50``, 80 of 100 by ``by_p80`` (aware UTC)."""

    agency: str
    class_: str
    record: Record
    by_p50: datetime
    by_p80: datetime


class Expectations:
    """The records of agencies, read when they are asked for and kept for an hour of room time."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._kept: OrderedDict[tuple[str, str], tuple[int, Record | None]] = OrderedDict()

    def of(self, complaint: Complaint, now: datetime) -> Expectation | None:
        """When an open complaint is likely to be finished; None where the record does not carry it, or is behind it.

        Of one that is not with its agency yet, or stands still, nothing is said. Raises Unavailable.
        """
        if not complaint.open or complaint.state is State.RECEIVED or not complaint.agency or complaint.paused:
            return None
        record_ = self.record(complaint.agency, complaint.class_, now)
        if record_ is None:
            return None
        by_p80 = complaint.received_at + timedelta(seconds=record_.p80_s)
        if by_p80 <= now:
            return None
        return Expectation(
            agency=complaint.agency,
            class_=complaint.class_,
            record=record_,
            by_p50=complaint.received_at + timedelta(seconds=record_.p50_s),
            by_p80=by_p80,
        )

    def record(self, agency: str, class_: str, now: datetime) -> Record | None:
        """What the agency took for the class; None where there are too few or it did not hold. Raises Unavailable."""
        at, key = to_micros(now), (agency, class_)
        kept = self._kept.get(key)
        if kept is None or not kept[0] <= at < kept[0] + _FRESH:
            kept = self._kept[key] = (at, self._read(agency, class_, at))
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return kept[1]

    def _read(self, agency: str, class_: str, now: int) -> Record | None:
        rows: list[tuple[int, int | None]] = []

        def one(connection: Connection, at: int) -> int | None:
            page = record(connection, agency, class_, at, now)
            rows.extend((received_at, ended_at) for received_at, ended_at in page.rows)
            return page.next

        at: int | None = now - RECORD_DAYS * DAY
        with self._log.slices() as slices:
            while at is not None:
                at = slices.run(partial(one, at=at))
        return record_of(rows, now)


def record_of(rows: Iterable[tuple[int, int | None]], now: int) -> Record | None:
    """What the (received_at, finished_at or None) of RECORD_DAYS until ``now`` carry; all in microseconds."""
    cutoff = now - HELD_BACK_DAYS * DAY
    before: list[tuple[int, int | None]] = []
    after: list[tuple[int, int | None]] = []
    for received_at, ended_at in rows:
        (before if received_at < cutoff else after).append((received_at, ended_at))
    # What was known at the cut-off: what was finished later was open then.
    learnt = [
        (ended_at - received_at, True) if ended_at is not None and ended_at < cutoff else (cutoff - received_at, False)
        for received_at, ended_at in before
    ]
    p50, p80 = taken(learnt, 0.5), taken(learnt, 0.8)
    if sum(done for _, done in learnt) < LEAST_LEARNT or p50 is None or p80 is None:
        return None
    # Only those that had the time: of younger ones the slow ones are not known yet.
    tried = [(received_at, ended_at) for received_at, ended_at in after if received_at <= now - p80]
    if len(tried) < LEAST_TRIED:
        return None
    hits = sum(ended_at is not None and ended_at - received_at <= p80 for received_at, ended_at in tried)
    hit_rate = round(hits / len(tried), 4)
    if hit_rate < LEAST_HITS:
        return None
    return Record(n=len(learnt), p50_s=_seconds(p50), p80_s=_seconds(p80), tried=len(tried), hit_rate=hit_rate)


def taken(cases: Sequence[tuple[int, bool]], share: float) -> int | None:
    """The time within which ``share`` of cases are finished, by Kaplan and Meier; None where so many never were.

    A case is (time, finished): one that is not finished was open for that long.
    """
    at_risk, unfinished = len(cases), 1.0
    for time, group in groupby(sorted(cases), key=_time):
        found = [done for _, done in group]
        unfinished *= 1 - sum(found) / at_risk
        if unfinished <= 1 - share + 1e-12:
            return time
        at_risk -= len(found)
    return None


def _time(case: tuple[int, bool]) -> int:
    return case[0]


def _seconds(micros: int) -> int:
    return -(-micros // 1_000_000)
