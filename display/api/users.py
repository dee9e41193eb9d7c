"""The people who can log in over HTTP, ``/api/v1/people``, for admins: their list."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint

from display.api.responses import handle_errors, json_response
from display.auth.visitor import Visitors
from display.feed.cards import Cards, visit_now
from liveroom.accounts.sessions import UserRow, read_staff
from liveroom.accounts.users import plain
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection
from liveroom.log.event_log import database_now
from liveroom.room.room import Room
from liveroom.runtime.config import SessionLimits


def users_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """``/api/v1/people``; the permission table says for whom."""
    people = Blueprint("users", __name__, url_prefix="/api/v1/people")
    handled, limits = handle_errors(Cards(room.city.policy, "desk")), visitors.sessions.limits
    listed = handled(lambda: json_response(room.log.read(lambda c: _listed(c, limits))))
    people.add_url_rule("", "list", listed)
    return people


def _listed(connection: Connection, limits: SessionLimits) -> Mapping[str, Any]:
    """``{now, people, guests}``, ``now`` real time; with ``guests`` the page covers the names (CR-81)."""
    people = read_staff(connection, limits)
    now = to_text(database_now(connection))
    return {"now": now, "people": [_user_json(one) for one in people], "guests": visit_now(connection) is not None}


def _user_json(one: UserRow) -> dict[str, Any]:
    moments = {"logged_in_at": one.logged_in_at, "seen_at": one.seen_at, "link_until": one.link_until}
    return {
        **plain(one.who),
        "state": one.state,
        "by_provider": one.by_provider,
        "sessions": one.sessions,
        "tokens": one.tokens,
        "second_factor": one.second_factor,
        **{name: None if moment is None else to_text(moment) for name, moment in moments.items()},
    }
