"""The HTTP API of sources: POST /api/v1/complaints, one report or an array of them; docs/intake.md is the contract.

Checks come in the order 401, 415, 413, 400, 422; 503 with Retry-After when the queue is full or the room is away.
An array is answered 200 with one result an item, in order: an item's fault stops no other.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import msgspec
from flask import Blueprint, Request, Response, request

from liveroom.accounts.arrivals import Tally, lag_of
from liveroom.accounts.quarantine import Reject, as_json
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

    def accept(self, report: Report, *, source: str) -> IntakeResult:
        """Take one report. Raises Malformed."""

    def accept_many(self, reports: Sequence[Report], *, source: str) -> Sequence[IntakeResult | Malformed]:
        """Take at most BATCH reports in one transaction; one answer a report, in order."""


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

    def keep(self, source: str, rejects: Sequence[Reject]) -> None:
        """Keep what was refused, and count it. Raises Unavailable."""


class Uncounted:
    """Counts nothing and keeps nothing."""

    def count(self, source: str, tally: Tally) -> None:
        """Count nothing."""

    def keep(self, source: str, rejects: Sequence[Reject]) -> None:
        """Keep nothing."""


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
    room: IntakeRoom, sources: SourceRegister, gate: IntakeGate, counts: IntakeCounts | None = None
) -> Blueprint:
    """The blueprint to register with the app."""
    blueprint = Blueprint("intake", __name__)
    intake = Intake(room=room, sources=sources, gate=gate, counts=counts or Uncounted())
    blueprint.add_url_rule("/api/v1/complaints", "complaints", lambda: intake.answer(request), methods=["POST"])
    return blueprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The intake of one room: authenticates the source, parses the body, hands the reports over."""

    room: IntakeRoom
    sources: SourceRegister
    gate: IntakeGate
    counts: IntakeCounts

    def answer(self, asked: Request) -> Response:
        """The response to one POST; every failure is a problem document."""
        try:
            return self._take(asked)
        except Unsupported as fault:
            return problem(415, "unsupported_media_type", str(fault))
        except TooLarge as fault:
            return problem(413, "too_large", str(fault))
        except BadJson as fault:
            return problem(fault.status, fault.code, str(fault))
        except Malformed as fault:
            return problem(422, "malformed", fault.message, fault.field)
        except Backpressure:
            return problem(503, "queue_full", "the intake queue is full", retry_after=RETRY_AFTER)
        except Unavailable as error:
            message = str(error) if isinstance(error, WrongClock) else "the room cannot be reached"
            return problem(503, "unavailable", message, retry_after=RETRY_AFTER)

    def _take(self, asked: Request) -> Response:
        caller = self._caller(asked)
        if caller is None:
            return problem(401, "unauthorized", "a source's key is needed: Authorization: Bearer KEY")
        self.sources.heard(caller.id)
        if caller.paused:
            return problem(503, "paused", "this room takes nothing from this source just now", retry_after=PAUSED_AGAIN)
        raw = read_body(asked)
        try:
            match parse_body(raw, room_now=caller.now, kind=self.room.kind):
                case ParsedOne(report):
                    return self._one(caller, report)
                case ParsedMany(items, values):
                    return self._many(caller, items, values)
        except Malformed as fault:
            self.counts.keep(caller.id, [Reject(raw=raw.decode(), value=read_json(raw), fault=fault)])
            raise

    def _one(self, caller: Caller, report: Report) -> Response:
        with self.gate.passing(1):
            answer = self.room.accept(report, source=caller.id)
        self.counts.count(caller.id, taken(answer, report, caller.now))
        return _single_answer(answer)

    def _many(self, caller: Caller, items: Sequence[Report | Malformed], values: Sequence[Any]) -> Response:
        with self.gate.passing(len(items)):
            outcomes = self._outcomes(items, caller.id)
        self._count(caller, items, values, outcomes)
        return _batch_answer(len(items), outcomes)

    def _count(
        self,
        caller: Caller,
        items: Sequence[Report | Malformed],
        values: Sequence[Any],
        outcomes: dict[int, IntakeResult | Malformed],
    ) -> None:
        """Count an array, and keep what was refused; what cannot be kept has no outcome, so that it is sent again.

        Raises Unavailable when nothing good was taken, so that no answer given before is lost.
        """
        rejects: dict[int, Reject] = {}
        tally = Tally()
        for n, outcome in outcomes.items():
            item = items[n]
            if isinstance(outcome, Malformed):
                rejects[n] = Reject(raw=as_json(values[n]), value=values[n], fault=outcome)
            elif isinstance(item, Report):
                tally.add(taken(outcome, item, caller.now))
        self.counts.count(caller.id, tally)
        try:
            self.counts.keep(caller.id, list(rejects.values()))
        except Unavailable:
            if not tally.total:
                raise
            for n in rejects:
                del outcomes[n]

    def _caller(self, asked: Request) -> Caller | None:
        """The source whose key the request bears; None for no key or an unknown one."""
        scheme, _, key = asked.headers.get("Authorization", "").partition(" ")
        caller = self.sources.admit(key.strip()) if scheme.lower() == "bearer" and key.strip() else None
        if caller is not None:
            prove(asked.environ)
        return caller

    def _outcomes(self, items: Sequence[Report | Malformed], source: str) -> dict[int, IntakeResult | Malformed]:
        """What became of each item, by index; an item the database failed on has none.

        Raises Unavailable only when nothing good was taken, so that no answer given before is lost.
        """
        outcomes: dict[int, IntakeResult | Malformed] = {
            n: item for n, item in enumerate(items) if isinstance(item, Malformed)
        }
        good = [(n, item) for n, item in enumerate(items) if isinstance(item, Report)]
        for start in range(0, len(good), BATCH):
            chunk = good[start : start + BATCH]
            try:
                taken = self.room.accept_many([report for _, report in chunk], source=source)
            except Unavailable:
                if start == 0:
                    raise
                break
            outcomes.update(zip((n for n, _ in chunk), taken, strict=True))
        return outcomes


# Answers.


def _single_answer(answer: IntakeResult) -> Response:
    """201 for a new complaint, 200 for a known source_id."""
    return _json(_taken(answer), 201 if answer.created else 200)


def _batch_answer(count: int, outcomes: Mapping[int, IntakeResult | Malformed]) -> Response:
    """200 with a result for each of ``count`` items; an item without an outcome was not taken and may be sent again."""
    return _json({"results": [{"index": n, **_result(outcomes.get(n))} for n in range(count)]}, 200)


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


# The body of a request; knows no HTTP and no database.


@dataclass(frozen=True, slots=True)
class ParsedOne:
    """The body was one object."""

    report: Report


@dataclass(frozen=True, slots=True)
class ParsedMany:
    """The body was an array; one entry an item, in order, and its JSON. An empty array is a heartbeat."""

    items: tuple[Report | Malformed, ...]
    values: tuple[Any, ...] = field(default=(), compare=False)


def parse_body(raw: bytes, *, room_now: datetime, kind: str, max_items: int = MAX_ITEMS) -> ParsedOne | ParsedMany:
    """The reports of a body; ``room_now``: aware UTC; ``kind``: of the room.

    Raises TooLarge (413), BadJson (400), and Malformed (422) when a single object is wrong; in an array each wrong item
    is its own Malformed.
    """
    value = read_json(raw)
    if not isinstance(value, list):
        return ParsedOne(report_of(value, room_now, kind))
    if len(value) > max_items:
        raise TooLarge(f"at most {max_items} items a request")
    return ParsedMany(tuple(_report_or_fault(item, room_now, kind) for item in value), tuple(value))


def _report_or_fault(value: Any, room_now: datetime, kind: str) -> Report | Malformed:
    try:
        return report_of(value, room_now, kind)
    except Malformed as fault:
        return fault


def taken(answer: IntakeResult, report: Report, now: datetime) -> Tally:
    """One report that the room took, as it is counted."""
    return Tally(accepted=1, lags=lag_of(report.reported_at, now)) if answer.created else Tally(known=1)
