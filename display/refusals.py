"""How the room's noes are told over HTTP: one shape, one status each, with who was faster and the card as it is."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from flask import Response

from display.faces import Faces
from display.feed.alarm_cards import alarm_card
from display.feed.cards import Cards
from liveroom.accounts.users import Who, people_of
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.requests import Code, Malformed, Refused, Stale, Unknown
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import Log
from liveroom.log.time_guard import WrongClock
from liveroom.runtime.http_input import BadJson, TooLarge, Unsupported, problem

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
            return problem(fault.status, fault.code, str(fault))
        case Unavailable():
            said = str(fault) if isinstance(fault, WrongClock) else "the database does not answer"
            return problem(503, "unavailable", said, retry_after=1)


def refused(no: No, cards: Cards, faces: Faces | None = None) -> Response:
    """The answer to an order that the room did not take; without ``faces`` of ``faces_for`` nobody is named."""
    status, told = told_of(no, cards, faces or Faces({}, None))
    code, message, field = told.pop("code"), told.pop("message"), told.pop("field", None)
    return problem(status, code, message, field, more=told)


def faces_for(log: Log, noes: Iterable[object], viewer: Who | None) -> Faces:
    """Those who are in the way of these orders, as the viewer may know them; by no name while the database is away."""
    actors = {no.actor for no in noes if isinstance(no, Stale)}
    actors |= {no.by for no in noes if isinstance(no, Refused) and no.by is not None}
    people: Mapping[str, Who] = {}
    with suppress(Unavailable):
        people = log.read(lambda c: people_of(c, actors)) if actors else {}
    return Faces(people, viewer)


def told_of(no: No, cards: Cards, faces: Faces) -> tuple[int, dict[str, Any]]:
    """Status and ``{code, message, field?}``.

    For a stale one ``card``, ``changed_by``, ``changed_by_name`` and ``event`` as well, for one that somebody else
    looks into ``claimed_by`` and ``claimed_by_name``; who has no log-in is called as they called themselves, and whom
    the viewer may not know by role.
    """
    match no:
        case Unknown():
            return 404, {"code": "unknown", "message": "there is none with this id", "field": "id"}
        case Malformed():
            return 422, {"code": "malformed", "message": no.message, "field": no.field}
        case Refused():
            told = {"code": no.code.value, "message": no.message} | ({"field": no.field} if no.field else {})
            if no.by is not None:
                told |= {"claimed_by": faces.key(no.by), "claimed_by_name": faces.name(no.by)}
            return 403 if no.code in FORBIDDEN else 422, told
        case Stale():
            card = alarm_card(no.current) if isinstance(no.current, Alarm) else cards.of(no.current)
            name = faces.name(no.actor)
            who = {"changed_by": faces.key(no.actor), "changed_by_name": name, "event": no.kind}
            return 409, {"code": "stale", "message": f"{name} was faster ({no.kind})", "card": card, **who}
