"""The HTTP API of sources: POST /api/v1/complaints, one report or an array of them; docs/intake.md is the contract.

Checks come in the order 401, 415, 413, 400, 422; 503 with Retry-After when the queue is full or the room is away.
An array is answered 200 with one result an item, in order: an item's fault stops no other.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import msgspec
from flask import Blueprint, Request, Response, request

from liveroom.accounts.arrivals import Tally, lag_of
from liveroom.accounts.quarantine import KeepResult, Reject, as_json
from liveroom.accounts.sources import SourcePaused, UnknownKey, key_hash
from liveroom.domain.complaints.intake import Report, report_of
from liveroom.domain.requests import IntakeResult, Malformed
from liveroom.log.engine import Unavailable
from liveroom.log.time_guard import WrongClock
from liveroom.runtime.http_input import BadJson, TooLarge, Unsupported, problem, read_body, read_json
from liveroom.runtime.server.connections import prove

# Items of one request.
MAX_ITEMS = 1000
# Reports that the room takes in one transaction.
BATCH = 100
# Seconds.
RETRY_AFTER, PAUSED_AGAIN = 5, 60


# What a source needs of the room; the room fulfils it.


class IntakeRoom(Protocol):
    """The room as a source sees it."""

    kind: str

    def now(self) -> datetime:
        """Room time, aware UTC."""

    def accept_many(self, reports: Sequence[Report], *, source: str) -> Sequence[IntakeResult | Malformed]:
        """Take at most BATCH reports in one transaction; one answer a report, in order."""


class ApiRoom(IntakeRoom, Protocol):
    """The room as the API sees it."""

    def take(self, sent: Any, *, key: str) -> IntakeResult:
        """Take one report, a JSON value, by the hash of the key that was shown. Raises Malformed, UnknownKey."""


class Caller(Protocol):
    """A source that proved its identity."""

    @property
    def id(self) -> str:
        """The source's id."""

    @property
    def now(self) -> datetime:
        """Room time when it came, aware UTC."""

    @property
    def paused(self) -> bool:
        """Whether nothing is taken from it just now, by somebody's order."""


class SourceRegister(Protocol):
    """The register of sources as the intake sees it."""

    def admit(self, key: str) -> Caller | None:
        """The source that owns this key, None when nobody does."""

    def heard(self, source: str) -> None:
        """Note that the source is alive (its heartbeat)."""


class IntakeCounts(Protocol):
    """Who counts what comes, and keeps what is refused; `liveroom.accounts.arrivals` does."""

    def count(self, source: str, tally: Tally) -> None:
        """Count what came of a source."""

    def keep(self, source: str, rejects: Sequence[Reject]) -> KeepResult:
        """Keep what was refused, and count it; how it is kept. Raises Unavailable."""


class Uncounted:
    """Counts nothing and keeps nothing."""

    def count(self, source: str, tally: Tally) -> None:
        """Count nothing."""

    def keep(self, source: str, rejects: Sequence[Reject]) -> KeepResult:
        """Keep nothing."""
        del source, rejects
        return KeepResult()


# Backpressure.


class Backpressure(Exception):
    """The intake queue is full; come back later."""


class IntakeGate:
    """Bounds the reports that were read and not yet answered, over all requests of this process.

    A rush is answered 503 and never fills the memory.
    """

    def __init__(self, limit: int) -> None:
        """``limit``: reports that may be inside at once."""
        self._limit = limit
        self._pending = 0
        self._lock = threading.Lock()

    @property
    def pending(self) -> int:
        """Reports that are inside now."""
        return self._pending

    @contextmanager
    def passing(self, reports: int) -> Iterator[None]:
        """Let ``reports`` in for the length of the block. Raises Backpressure; an empty gate lets any number in."""
        with self._lock:
            if self._pending and self._pending + reports > self._limit:
                raise Backpressure
            self._pending += reports
        try:
            yield
        finally:
            with self._lock:
                self._pending -= reports


# The endpoint.


def intake_blueprint(
    room: ApiRoom, sources: SourceRegister, gate: IntakeGate, counts: IntakeCounts | None = None
) -> Blueprint:
    """The blueprint to register with the app."""
    blueprint = Blueprint("intake", __name__)
    intake = Intake(room=room, sources=sources, gate=gate, counts=counts or Uncounted())
    blueprint.add_url_rule("/api/v1/complaints", "complaints", lambda: intake.answer(request), methods=["POST"])
    return blueprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The intake of one room: authenticates the source, parses the body, hands the reports over.

    ``known``: by hash of its key each source that was admitted here before. Its next report comes to the room without
    a question of its own: the transaction that takes it looks whether the key holds, and a refusal asks first.
    """

    room: ApiRoom
    sources: SourceRegister
    gate: IntakeGate
    counts: IntakeCounts
    known: dict[str, str] = field(default_factory=dict)

    def answer(self, asked: Request) -> Response:
        """The response to one POST; every failure is a problem document."""
        try:
            return self._take(asked)
        except UnknownKey:
            return problem(401, "unauthorized", "a source's key is needed: Authorization: Bearer KEY")
        except REFUSALS as fault:
            return refused(fault)

    def _take(self, asked: Request) -> Response:
        key = _key_of(asked)
        hash_ = key_hash(key)
        known = self.known.get(hash_)
        caller = None if known else self._admit(asked, key)
        raw = b""
        try:
            raw = read_body(asked)
            value = read_json(raw)
            if not isinstance(value, list):
                return self._take_one(asked, value, hash_, known=known)
            caller = caller or self._admit(asked, key)
            items = parse_items(value, room_now=caller.now, kind=self.room.kind)
        except (Unsupported, TooLarge, BadJson, Backpressure):
            if known and caller is None:
                self._admit(asked, key)
            raise
        except Malformed as fault:
            caller = caller or self._admit(asked, key)
            self.counts.keep(caller.id, [Reject(raw=raw.decode(), value=read_json(raw), fault=fault)])
            raise
        with self.gate.passing(len(items)):
            outcomes = outcomes_of(self.room, items, caller.id)
        sent = [(as_json(one), one) for one in value]
        count_outcomes(self.counts, caller, items, outcomes, sent)
        return _json({"results": results_of(len(items), outcomes)}, 200)

    def _take_one(self, asked: Request, value: Any, hash_: str, *, known: str | None) -> Response:
        """Take a single report; the transaction knows whether the key holds. Raises UnknownKey, SourcePaused."""
        with self.gate.passing(1):
            try:
                answer = self.room.take(value, key=hash_)
            except UnknownKey:
                self.known.pop(hash_, None)
                raise
        source = known or self.known.get(hash_)
        if known:
            prove(asked.environ)
            # The report is in the log: that its source is alive is not worth another answer.
            with suppress(Unavailable):
                self.sources.heard(known)
        if source:
            self.counts.count(source, taken(answer, answer.lags))
        return _single_answer(answer)

    def _admit(self, asked: Request, key: str) -> Caller:
        """The source whose key this is, which is alive. Raises UnknownKey."""
        caller = self.sources.admit(key)
        if caller is None:
            self.known.pop(key_hash(key), None)
            raise UnknownKey
        prove(asked.environ)
        self.sources.heard(caller.id)
        if caller.paused:
            raise SourcePaused
        self.known[key_hash(key)] = caller.id
        return caller


def _key_of(asked: Request) -> str:
    """The key that the request bears. Raises UnknownKey where it bears none."""
    scheme, _, key = asked.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise UnknownKey
    return key.strip()


# Several items at once.

Outcomes = dict[int, IntakeResult | Malformed]


def outcomes_of(room: IntakeRoom, items: Sequence[Report | Malformed], source: str) -> Outcomes:
    """What became of each item, by index; an item the database failed on has none.

    Raises Unavailable only when nothing good was taken, so that no answer given before is lost.
    """
    outcomes: Outcomes = {n: item for n, item in enumerate(items) if isinstance(item, Malformed)}
    good = [(n, item) for n, item in enumerate(items) if isinstance(item, Report)]
    for start in range(0, len(good), BATCH):
        chunk = good[start : start + BATCH]
        try:
            taken = room.accept_many([report for _, report in chunk], source=source)
        except Unavailable:
            if start == 0:
                raise
            break
        outcomes.update(zip((n for n, _ in chunk), taken, strict=True))
    return outcomes


def count_outcomes(
    counts: IntakeCounts,
    caller: Caller,
    items: Sequence[Report | Malformed],
    outcomes: Outcomes,
    sent: Sequence[tuple[str, Any]],
) -> KeepResult:
    """Count items, and keep what was refused; what cannot be kept has no outcome, so that it is sent again.

    ``sent``: of each item its text and its JSON value. Raises Unavailable when nothing good was taken, so that no
    answer given before is lost.
    """
    rejects: dict[int, Reject] = {}
    tally = Tally()
    for n, outcome in outcomes.items():
        item = items[n]
        if isinstance(outcome, Malformed):
            raw, value = sent[n]
            rejects[n] = Reject(raw=raw, value=value, fault=outcome)
        elif isinstance(item, Report):
            tally.add(taken(outcome, lag_of(item.reported_at, caller.now)))
    counts.count(caller.id, tally)
    try:
        return counts.keep(caller.id, list(rejects.values()))
    except Unavailable:
        if not tally.total:
            raise
        for n in rejects:
            del outcomes[n]
        return KeepResult()


# Answers.

REFUSALS = (SourcePaused, Unsupported, TooLarge, BadJson, Malformed, Backpressure, Unavailable)


def refused(fault: Exception) -> Response:
    """The problem document of one of REFUSALS."""
    match fault:
        case SourcePaused():
            return problem(503, "paused", "this room takes nothing from this source just now", retry_after=PAUSED_AGAIN)
        case Unsupported():
            return problem(415, "unsupported_media_type", str(fault))
        case TooLarge():
            return problem(413, "too_large", str(fault))
        case BadJson():
            return problem(fault.status, fault.code, str(fault))
        case Malformed():
            return problem(422, "malformed", fault.message, fault.field)
        case Backpressure():
            return problem(503, "queue_full", "the intake queue is full", retry_after=RETRY_AFTER)
        case _:
            message = str(fault) if isinstance(fault, WrongClock) else "the room cannot be reached"
            return problem(503, "unavailable", message, retry_after=RETRY_AFTER)


def _single_answer(answer: IntakeResult) -> Response:
    """201 for a new complaint, 200 for a known source_id."""
    return _json(_taken(answer), 201 if answer.created else 200)


def results_of(count: int, outcomes: Mapping[int, IntakeResult | Malformed]) -> list[dict[str, Any]]:
    """A result for each of ``count`` items; an item without an outcome was not taken and may be sent again."""
    return [{"index": n, **_result(outcomes.get(n))} for n in range(count)]


def _result(outcome: IntakeResult | Malformed | None) -> dict[str, Any]:
    """The result of one item of an array."""
    if outcome is None:
        return {"error": {"field": "", "code": "unavailable", "message": "the room cannot be reached, send it again"}}
    if isinstance(outcome, Malformed):
        return {"error": {"field": outcome.field, "code": "malformed", "message": outcome.message}}
    return _taken(outcome)


def _taken(answer: IntakeResult) -> dict[str, Any]:
    """The body for a report that was taken."""
    return {"id": answer.id, "seq": answer.seq, "status": answer.status}


def _json(body: Any, status: int) -> Response:
    return Response(msgspec.json.encode(body), status, content_type="application/json")


# The items of an array; knows no HTTP and no database.


def parse_items(items: Sequence[Any], *, room_now: datetime, kind: str) -> tuple[Report | Malformed, ...]:
    """One entry an item, in order, a wrong one as its fault; ``room_now``: aware UTC; ``kind``: of the room.

    Raises TooLarge over MAX_ITEMS.
    """
    if len(items) > MAX_ITEMS:
        raise TooLarge(f"at most {MAX_ITEMS} items a request")
    return tuple(_report_or_fault(item, room_now, kind) for item in items)


def _report_or_fault(value: Any, room_now: datetime, kind: str) -> Report | Malformed:
    try:
        return report_of(value, room_now, kind)
    except Malformed as fault:
        return fault


def taken(answer: IntakeResult, lags: Sequence[float]) -> Tally:
    """One report that the room took, as it is counted; ``lags``: see ``lag_of``."""
    return Tally(accepted=1, lags=list(lags)) if answer.created else Tally(known=1)
