"""The HTTP door for people: POST /api/v1/complaints/ID/COMMAND; docs/commands.md. Results are seen in the feed."""

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Blueprint, Request, Response, request

from display.feed.cards import Cards
from liveroom.domain.refusals import Code, Malformed, Refused
from liveroom.json_body import BadJson, TooLarge, read_json
from liveroom.log.book import Unavailable
from liveroom.metrics import COMMANDS
from liveroom.orders import Order, Stale, Unknown
from liveroom.problems import problem
from liveroom.request_body import Unsupported, read_body
from liveroom.room import Room

ENVELOPE = ("command_id", "seen_seq", "actor", "role", "actor_agency")
FORBIDDEN = frozenset({Code.ROLE, Code.NOT_YOUR_COMPLAINT})
LONGEST = 128


def commands_blueprint(room: Room, trusted: Callable[[], bool]) -> Blueprint:
    """The blueprint; ``trusted`` says whether the request may name its own actor and role."""
    blueprint = Blueprint("commands", __name__)

    @blueprint.post("/api/v1/complaints/<complaint>/<command>")
    def give(complaint: str, command: str) -> Response:
        if not trusted():
            return problem(401, "unauthorized", "commands are taken on this machine only")
        response = _answer(room, request, complaint, command)
        COMMANDS.labels("any", str(response.status_code)).inc()
        return response

    return blueprint


def _answer(room: Room, asked: Request, complaint: str, command: str) -> Response:
    try:
        done = room.do(_order(read_json(read_body(asked)), complaint, command))
    except Unsupported as fault:
        return problem(415, "unsupported_media_type", str(fault))
    except TooLarge as fault:
        return problem(413, "too_large", str(fault))
    except BadJson as fault:
        return problem(400, fault.code, str(fault))
    except Unavailable:
        return problem(503, "unavailable", "the database does not answer", retry_after=1)
    except (Unknown, Malformed, Refused, Stale) as no:
        return _refusal(room, no)
    return Response(msgspec.json.encode(done), content_type="application/json")


def _refusal(room: Room, no: Unknown | Malformed | Refused | Stale) -> Response:
    match no:
        case Unknown():
            return problem(404, "unknown_complaint", "there is no complaint with this id", "id")
        case Malformed():
            return problem(422, "malformed", no.message, no.field)
        case Refused():
            status = 403 if no.code in FORBIDDEN else 422
            return problem(status, no.code.value, no.message, no.field)
        case Stale():
            card = Cards(room.city.policy, "desk").of(no.complaint)
            more = {"card": card, "changed_by": no.actor, "event": no.kind}
            return problem(409, "stale", f"{no.actor} was faster ({no.kind})", more=more)


def _order(body: Any, complaint: str, command: str) -> Order:
    if not isinstance(body, dict):
        raise Malformed("", "the body must be an object")
    seen = body.get("seen_seq")
    if not isinstance(seen, int) or isinstance(seen, bool) or not 0 <= seen < 1 << 53:
        raise Malformed("seen_seq", "must be the seq of the card as shown")
    return Order(
        command_id=_code(body, "command_id"),
        name=command,
        subject=complaint,
        actor=_code(body, "actor"),
        role=_code(body, "role"),
        actor_agency=_code(body, "actor_agency") if body.get("actor_agency") is not None else None,
        seen_seq=seen,
        fields={key: value for key, value in body.items() if key not in ENVELOPE},
    )


def _code(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or "\x00" in value:
        raise Malformed(name, f"must be text of 1 to {LONGEST} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Malformed(name, "holds half a character (a lone surrogate)") from error
    return value
