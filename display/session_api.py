"""What a log-in can ask about itself: how long it lasts, that it lasts longer (CR-101), and that it ends."""

import msgspec
from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from display.entering import led
from display.pages import closed
from display.session_cookie import drop_session
from display.trust import Visitors
from liveroom.accounts.sessions import Session
from liveroom.accounts.users import plain
from liveroom.city.city import City
from liveroom.log.engine import Unavailable
from liveroom.runtime.http_input import problem


def session_blueprint(city: City, visitors: Visitors) -> Blueprint:
    """``POST /logout``, ``GET /api/v1/session`` and ``POST /api/v1/session/extend``."""
    blueprint, doors = Blueprint("session", __name__), _Doors(visitors)
    blueprint.register_error_handler(Unavailable, lambda _error: closed(city, "away", 503))
    blueprint.add_url_rule("/logout", "leave", doors.leave, methods=["POST"])
    blueprint.add_url_rule("/api/v1/session", "tell", doors.tell)
    blueprint.add_url_rule("/api/v1/session/extend", "extend", doors.extend, methods=["POST"])
    return blueprint


class _Doors:
    def __init__(self, visitors: Visitors) -> None:
        self._visitors = visitors

    def leave(self) -> AnyResponse:
        """Log out here, or everywhere with ``everywhere`` in the form."""
        standing = self._visitors.standing(request, {})
        if standing.who is not None and request.form.get("everywhere"):
            self._visitors.sessions.end_all(standing.who.actor)
        elif standing.session is not None:
            self._visitors.sessions.end(standing.session)
        response = led("/login")
        drop_session(response, secure=self._visitors.came_securely(request))
        return response

    def tell(self) -> Response:
        """Who is logged in and for how much longer."""
        standing = self._visitors.standing(request, {})
        return self._told(None if standing.session is None else self._visitors.sessions.of(standing.session))

    def extend(self) -> Response:
        """Put the end off."""
        standing = self._visitors.standing(request, {})
        if standing.session is None:
            return problem(422, "no_session", "a token does not end by itself")
        found = self._visitors.sessions.extend(standing.session)
        return self._told(found) if found else problem(401, "unauthorized", "the log-in has ended")

    def _told(self, session: Session | None) -> Response:
        """``left_s`` is null for a token; ``more``: whether extending would put the end off."""
        who = self._visitors.who(request)
        body = {
            "who": None if who is None else plain(who),
            "left_s": None if session is None else int(session.left.total_seconds()),
            "warn_s": int(self._visitors.sessions.limits.warn.total_seconds()),
            "more": session is not None and session.more,
        }
        headers = {"Cache-Control": "no-store"}
        return Response(msgspec.json.encode(body), content_type="application/json", headers=headers)
