"""Responses of the API: a value as JSON, a refusal as problem document, and the names by which people are shown.

Each refusal of the room has one status and one shape, ``{code, message, field?}``; 409 brings the present card too.
"""

import errno
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from functools import wraps
from typing import Any

import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from display.feed.cards import Cards, alarm_card
from liveroom.accounts.users import AT_DESKS, Person, people_of
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.requests import MACHINES, OF_AGENCIES, Code, Malformed, Refused, Stale, Unknown
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import EventLog
from liveroom.log.time_guard import WrongClock
from liveroom.runtime.disk import AGAIN_S, DiskFull
from liveroom.runtime.http_input import BadJson, TooLarge, Unsupported, problem

# ---- errors that no route handles ----

FOR_PROGRAMS = ("/api/", "/feed/", "/lapor/files", "/open311/")
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DATABASE_AGAIN_S = 5
log = logging.getLogger(__name__)


def register_error_handlers(app: Flask) -> None:
    """Answer errors such as 404, 405 and 500 with problem documents; browsers that accept HTML get a plain page
    instead, except under ``FOR_PROGRAMS``.

    A database that is away is 503, a disk that is full 507, both with Retry-After. Most routes answer these themselves.
    """

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response | AnyResponse:
        if not request.path.startswith(FOR_PROGRAMS) and "text/html" in request.headers.get("Accept", ""):
            return error.get_response()
        status = error.code or 500
        code = error.name.lower().replace(" ", "_")
        response = problem(status, code, f"{request.method} {request.path[:200]}: {error.name}")
        if status == 405:
            response.headers["Allow"] = error.get_response().headers.get("Allow", "")
        return response

    @app.errorhandler(Unavailable)
    def unavailable(_error: Unavailable) -> Response:
        return problem(503, "unavailable", "the database does not answer", retry_after=_DATABASE_AGAIN_S)

    @app.errorhandler(DiskFull)
    def no_room(_error: DiskFull) -> Response:
        return problem(507, "disk_full", "the server has no room for files just now", retry_after=AGAIN_S)

    @app.errorhandler(OSError)
    def full(error: OSError) -> Response:
        if error.errno not in _DISK_FULL:
            raise error
        log.warning("a disk is full: %s", error.strerror)
        return no_room(DiskFull(str(error.strerror)))


# ---- names of people ----

_OFFICER = "officer"
_LINK = "link:"


class DisplayNames:
    """How ``viewer`` sees ``people`` (by actor): desks see names, others roles.

    An agency sees its own colleagues by name, and everybody sees themselves. A viewer of None holds a public link.
    Machines, among them ``machines``, and holders of agency links are shown by their key.
    """

    def __init__(self, people: Mapping[str, Person], viewer: Person | None, machines: Collection[str] = ()) -> None:
        self._people = people
        self._viewer = viewer
        self._machines = MACHINES | frozenset(machines)

    def key(self, actor: str) -> str:
        """The actor, if the viewer may know who it is; else the role, or ``officer`` if none is known."""
        who = self._people.get(actor)
        if self._sees(actor, who):
            return actor
        return who.role.value if who is not None else _OFFICER

    def key_or_none(self, actor: str | None) -> str | None:
        """As ``key``; None for None."""
        return None if actor is None else self.key(actor)

    def name(self, actor: str) -> str:
        """The name, if the viewer may see it; the key of an actor without log-in; else the role."""
        who = self._people.get(actor)
        return who.name if who is not None and self._sees(actor, who) else self.key(actor)

    def names(self) -> dict[str, str]:
        """The names that the viewer may see, by actor."""
        return {actor: who.name for actor, who in self._people.items() if self._sees(actor, who)}

    def _sees(self, actor: str, who: Person | None) -> bool:
        viewer = self._viewer
        if viewer is not None and (viewer.role in AT_DESKS or viewer.actor == actor):
            return True
        if who is None:
            return actor in self._machines or actor.startswith(_LINK)
        # The holder of a link has no name of their own, and no colleagues.
        known = viewer is not None and viewer.role in OF_AGENCIES and not viewer.actor.startswith(_LINK)
        return known and viewer is not None and who.role in OF_AGENCIES and who.agency == viewer.agency


# ---- refusals ----

_FORBIDDEN = frozenset({Code.ROLE, Code.NOT_YOUR_COMPLAINT})
RequestFault = Unsupported | TooLarge | BadJson | Unavailable
Refusal = Unknown | Malformed | Refused | Stale


def fault_response(fault: RequestFault) -> Response:
    """The answer to a body that could not be read, or not stored."""
    match fault:
        case Unsupported():
            return problem(415, "unsupported_media_type", str(fault))
        case TooLarge():
            return problem(413, "too_large", str(fault))
        case BadJson():
            return problem(fault.status, fault.code, str(fault))
        case Unavailable():
            message = str(fault) if isinstance(fault, WrongClock) else "the database does not answer"
            return problem(503, "unavailable", message, retry_after=1)


def refusal_response(refusal: Refusal, cards: Cards, names: DisplayNames | None = None) -> Response:
    """The answer to a refused command; without ``names`` (of ``display_names_for``) it names nobody."""
    status, body = refusal_json(refusal, cards, names or DisplayNames({}, None))
    code, message, field = body.pop("code"), body.pop("message"), body.pop("field", None)
    return problem(status, code, message, field, more=body)


def display_names_for(log: EventLog, answers: Iterable[object], viewer: Person | None) -> DisplayNames:
    """The people whom refusals among ``answers`` name, as the viewer sees them; no names while the database is away."""
    actors = {refusal.actor for refusal in answers if isinstance(refusal, Stale)}
    actors |= {refusal.by for refusal in answers if isinstance(refusal, Refused) and refusal.by is not None}
    people: Mapping[str, Person] = {}
    with suppress(Unavailable):
        people = log.read(lambda c: people_of(c, actors)) if actors else {}
    return DisplayNames(people, viewer)


def refusal_json(refusal: Refusal, cards: Cards, names: DisplayNames) -> tuple[int, dict[str, Any]]:
    """Status and ``{code, message, field?}``.

    A stale command adds ``card``, ``changed_by``, ``changed_by_name`` and ``event``; one on a complaint that somebody
    else has claimed adds ``claimed_by`` and ``claimed_by_name``. People are shown as `DisplayNames` says.
    """
    match refusal:
        case Unknown():
            return 404, {"code": "unknown", "message": "there is none with this id", "field": "id"}
        case Malformed():
            return 422, {"code": "malformed", "message": refusal.message, "field": refusal.field}
        case Refused():
            body = {"code": refusal.code.value, "message": refusal.message} | (
                {"field": refusal.field} if refusal.field else {}
            )
            if refusal.by is not None:
                body |= {"claimed_by": names.key(refusal.by), "claimed_by_name": names.name(refusal.by)}
            return 403 if refusal.code in _FORBIDDEN else 422, body
        case Stale():
            card = alarm_card(refusal.current) if isinstance(refusal.current, Alarm) else cards.of(refusal.current)
            name = names.name(refusal.actor)
            who = {"changed_by": names.key(refusal.actor), "changed_by_name": name, "event": refusal.kind}
            return 409, {"code": "stale", "message": f"{name} was faster ({refusal.kind})", "card": card, **who}


# ---- JSON and error handling of one route ----


def json_response(value: object, status: int = 200) -> Response:
    """The value as JSON that no browser and no proxy caches."""
    body, kept = msgspec.json.encode(value), {"Cache-Control": "no-store"}
    return Response(body, status, kept, content_type="application/json")


def handle_errors(cards: Cards) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """A decorator for routes: what the room raises becomes a problem document."""

    def decorate(route: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(route)
        def answer(**words: str) -> Response:
            try:
                return route(**words)
            except (Unsupported, TooLarge, BadJson, Unavailable) as fault:
                return fault_response(fault)
            except (Unknown, Malformed, Refused, Stale) as refusal:
                return refusal_response(refusal, cards)

        return answer

    return decorate
