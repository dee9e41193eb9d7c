"""How the room's noes are told over HTTP: one shape, one status each, with who was faster and the card as it is."""

from typing import Any

from flask import Response

from display.feed.alarm_cards import alarm_card
from display.feed.cards import Cards
from liveroom.domain.alarm import Alarm
from liveroom.domain.refusals import Code, Malformed, Refused
from liveroom.json_body import BadJson, TooLarge
from liveroom.log.book import Unavailable
from liveroom.orders import Stale, Unknown
from liveroom.problems import problem
from liveroom.request_body import Unsupported

FORBIDDEN = frozenset({Code.ROLE, Code.NOT_YOUR_COMPLAINT})
Fault = Unsupported | TooLarge | BadJson | Unavailable
No = Unknown | Malformed | Refused | Stale


def unread(fault: Fault) -> Response:
    """The answer to a body that could not be taken in, or that nobody could take."""
    match fault:
        case Unsupported():
            return problem(415, "unsupported_media_type", str(fault))
        case TooLarge():
            return problem(413, "too_large", str(fault))
        case BadJson():
            return problem(400, fault.code, str(fault))
        case Unavailable():
            return problem(503, "unavailable", "the database does not answer", retry_after=1)


def refused(no: No, desk: Cards) -> Response:
    """The answer to an order that the room did not take."""
    status, told = told_of(no, desk)
    code, message, field = told.pop("code"), told.pop("message"), told.pop("field", None)
    return problem(status, code, message, field, more=told)


def told_of(no: No, desk: Cards) -> tuple[int, dict[str, Any]]:
    """Status and ``{code, message, field?}``; for a stale one ``card``, ``changed_by`` and ``event`` as well."""
    match no:
        case Unknown():
            return 404, {"code": "unknown", "message": "there is none with this id", "field": "id"}
        case Malformed():
            return 422, {"code": "malformed", "message": no.message, "field": no.field}
        case Refused():
            told = {"code": no.code.value, "message": no.message} | ({"field": no.field} if no.field else {})
            return 403 if no.code in FORBIDDEN else 422, told
        case Stale():
            card = alarm_card(no.current) if isinstance(no.current, Alarm) else desk.of(no.current)
            message = f"{no.actor} was faster ({no.kind})"
            return 409, {"code": "stale", "message": message, "card": card, "changed_by": no.actor, "event": no.kind}
