"""The HTTP door for sources: POST /api/v1/complaints. Checks in the order 401, 415, 413, 400, 422; docs/intake.md."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Request, Response, request

from ingest import answers
from ingest.door import BATCH, Answer, Caller, Callers, Door
from ingest.gate import Full, Gate
from ingest.intake import ParsedMany, ParsedOne, parse_body
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Malformed
from liveroom.log.engine import Unavailable
from liveroom.log.time_guard import WrongClock
from liveroom.runtime.http_input import BadJson, TooLarge, Unsupported, problem, read_body
from liveroom.runtime.server.connections import prove


def intake_blueprint(room: Door, sources: Callers, gate: Gate) -> Blueprint:
    """The blueprint to register with the app."""
    blueprint = Blueprint("intake", __name__)
    intake = Intake(room=room, sources=sources, gate=gate)
    blueprint.add_url_rule("/api/v1/complaints", "complaints", lambda: intake.answer(request), methods=["POST"])
    return blueprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One room's door: who calls, what they bring, what became of it."""

    room: Door
    sources: Callers
    gate: Gate

    def answer(self, asked: Request) -> Response:
        """The response to one POST; whatever goes wrong is a problem document."""
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
        except Full:
            return problem(503, "queue_full", "the intake queue is full", retry_after=answers.RETRY_AFTER)
        except Unavailable as error:
            said = str(error) if isinstance(error, WrongClock) else "the room cannot be reached"
            return problem(503, "unavailable", said, retry_after=answers.RETRY_AFTER)

    def _take(self, asked: Request) -> Response:
        """Check the caller, then the body, then hand over."""
        caller = self._caller(asked)
        if caller is None:
            return problem(401, "unauthorized", "a source's key is needed: Authorization: Bearer KEY")
        self.sources.heard(caller.id)
        match parse_body(read_body(asked), room_now=self.room.now(), kind=self.room.kind):
            case ParsedOne(report):
                with self.gate.passing(1):
                    return answers.one(self.room.accept(report, source=caller.id))
            case ParsedMany(items):
                with self.gate.passing(len(items)):
                    return answers.many(len(items), self._outcomes(items, caller.id))

    def _caller(self, asked: Request) -> Caller | None:
        """Whose key the request bears."""
        scheme, _, key = asked.headers.get("Authorization", "").partition(" ")
        caller = self.sources.by_key(key.strip()) if scheme.lower() == "bearer" and key.strip() else None
        if caller is not None:
            prove(asked.environ)
        return caller

    def _outcomes(self, items: Sequence[Report | Malformed], source: str) -> dict[int, Answer | Malformed]:
        """What became of each item, by index; an item the database failed on has none.

        Raises Unavailable only when nothing good was taken, so that no answer given before is lost.
        """
        outcomes: dict[int, Answer | Malformed] = {
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
