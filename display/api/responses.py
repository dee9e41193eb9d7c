"""Answer -> JSON, refusal -> problem, display names."""

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

# What no door expects, told in the one shape; only a browser that asks for a page gets a plain page.

FOR_PROGRAMS = ("/api/", "/feed/", "/lapor/files")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DATABASE_AGAIN_S = 5
log = logging.getLogger(__name__)


def tell_errors(app: Flask) -> None:
    """Answer 404, 405, 500 and their like with problem details: always under /api and /feed, elsewhere to whoever does
    not say, as every browser does, that they take HTML.

    A database that is away and a disk that is full are no bugs: 503 and 507, and when to come again. Most doors say so
    in words of their own.
    """

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response | AnyResponse:
        if not request.path.startswith(FOR_PROGRAMS) and "text/html" in request.headers.get("Accept", ""):
            return error.get_response()
        status = error.code or 500
        code = error.name.lower().replace(" ", "_")
        response = problem(status, code, f"{request.method} {request.path[:200]}: {error.name}")
        if status == 405:
            response.headers["Allow"] = error.get_response().headers.get("Allow", "")
        return response

    @app.errorhandler(Unavailable)
    def away(_error: Unavailable) -> Response:
        return problem(503, "unavailable", "the database does not answer", retry_after=DATABASE_AGAIN_S)

    @app.errorhandler(DiskFull)
    def no_room(_error: DiskFull) -> Response:
        return problem(507, "disk_full", "the server has no room for files just now", retry_after=AGAIN_S)

    @app.errorhandler(OSError)
    def full(error: OSError) -> Response:
        if error.errno not in FULL:
            raise error
        log.warning("a disk is full: %s", error.strerror)
        return no_room(DiskFull(str(error.strerror)))


# As whom somebody is shown: by name at the desks, by role to agencies, leadership and holders of links.
#
# An agency sees its own colleagues by name, and everybody sees themselves. What machines and citizens do names nobody.

OFFICER = "officer"
LINK = "link:"


class DisplayNames:
    """What ``viewer`` may be told of ``people``, who are known by actor; a viewer of None is a stranger with a link."""

    def __init__(self, people: Mapping[str, Person], viewer: Person | None, machines: Collection[str] = ()) -> None:
        self._people = people
        self._viewer = viewer
        self._machines = MACHINES | frozenset(machines)

    def key(self, actor: str) -> str:
        """The actor, where the viewer may know who it is; else a role, or ``officer`` where none is known."""
        who = self._people.get(actor)
        if self._sees(actor, who):
            return actor
        return who.role.value if who is not None else OFFICER

    def key_or_none(self, actor: str | None) -> str | None:
        """The same; None for nobody."""
        return None if actor is None else self.key(actor)

    def name(self, actor: str) -> str:
        """What the viewer calls them: the name, the key of who has no log-in, or the role."""
        who = self._people.get(actor)
        return who.name if who is not None and self._sees(actor, who) else self.key(actor)

    def names(self) -> dict[str, str]:
        """By actor, the names that the viewer may know."""
        return {actor: who.name for actor, who in self._people.items() if self._sees(actor, who)}

    def _sees(self, actor: str, who: Person | None) -> bool:
        viewer = self._viewer
        if viewer is not None and (viewer.role in AT_DESKS or viewer.actor == actor):
            return True
        if who is None:
            return actor in self._machines or actor.startswith(LINK)
        # Who comes by a link has no name of their own, and no colleagues.
        known = viewer is not None and viewer.role in OF_AGENCIES and not viewer.actor.startswith(LINK)
        return known and viewer is not None and who.role in OF_AGENCIES and who.agency == viewer.agency


# How the room's noes are told over HTTP: one shape, one status each, with who was faster and the card as it is.

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


def refused(no: No, cards: Cards, faces: DisplayNames | None = None) -> Response:
    """The answer to an order that the room did not take; without ``faces`` of ``faces_for`` nobody is named."""
    status, told = told_of(no, cards, faces or DisplayNames({}, None))
    code, message, field = told.pop("code"), told.pop("message"), told.pop("field", None)
    return problem(status, code, message, field, more=told)


def faces_for(log: EventLog, noes: Iterable[object], viewer: Person | None) -> DisplayNames:
    """Those who are in the way of these orders, as the viewer may know them; by no name while the database is away."""
    actors = {no.actor for no in noes if isinstance(no, Stale)}
    actors |= {no.by for no in noes if isinstance(no, Refused) and no.by is not None}
    people: Mapping[str, Person] = {}
    with suppress(Unavailable):
        people = log.read(lambda c: people_of(c, actors)) if actors else {}
    return DisplayNames(people, viewer)


def told_of(no: No, cards: Cards, faces: DisplayNames) -> tuple[int, dict[str, Any]]:
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


# What every door of the desk answers alike: JSON that nobody keeps, and one shape for each no.


def json_response(value: object, status: int = 200) -> Response:
    """The value as JSON that no browser and no proxy keeps."""
    body, kept = msgspec.json.encode(value), {"Cache-Control": "no-store"}
    return Response(body, status, kept, content_type="application/json")


def handle_errors(cards: Cards) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Let a door raise what the room raises: each becomes its problem document."""

    def around(door: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(door)
        def answer(**words: str) -> Response:
            try:
                return door(**words)
            except (Unsupported, TooLarge, BadJson, Unavailable) as fault:
                return unread(fault)
            except (Unknown, Malformed, Refused, Stale) as no:
                return refused(no, cards)

        return answer

    return around
