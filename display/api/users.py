"""The people who can log in over HTTP, ``/api/v1/people``, for admins: their list."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from display.api.requests import requester
from display.api.responses import handle_errors, json_response
from display.auth.visitor import Visitors
from display.feed.cards import Cards, visit_now
from liveroom.accounts.sessions import UserRow, read_staff
from liveroom.accounts.users import Person, plain
from liveroom.domain.timestamps import to_text
from liveroom.domain.users import UserAccount, allowed
from liveroom.log.engine import Connection
from liveroom.log.event_log import database_now
from liveroom.room.room import Room
from liveroom.runtime.config import SessionLimits


def users_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """``/api/v1/people``; the permission table says for whom."""
    people = Blueprint("users", __name__, url_prefix="/api/v1/people")
    handled, limits = handle_errors(Cards(room.city.policy, "desk")), visitors.sessions.limits

    def listed() -> Response:
        reader = requester(visitors, request)
        return json_response(room.log.read(lambda c: listed_people(c, limits, reader)))

    people.add_url_rule("", "list", handled(listed))
    return people


def listed_people(connection: Connection, limits: SessionLimits, reader: Person) -> Mapping[str, Any]:
    """``{now, people, guests}``, ``now`` real time; with ``guests`` the page covers the names (CR-81)."""
    people = [_user_json(one, reader) for one in read_staff(connection, limits)]
    return {"now": to_text(database_now(connection)), "people": people, "guests": visit_now(connection) is not None}


def _user_json(one: UserRow, reader: Person) -> dict[str, Any]:
    """``allowed``: the commands that the ``reader`` could give on this person now."""
    moments = {"logged_in_at": one.logged_in_at, "seen_at": one.seen_at, "link_until": one.link_until}
    account = UserAccount(
        disabled=one.state == "disabled",
        by_provider=one.by_provider,
        second_factor=one.second_factor,
        own=one.who.actor == reader.actor,
    )
    return {
        **plain(one.who),
        "state": one.state,
        "by_provider": one.by_provider,
        "sessions": one.sessions,
        "tokens": one.tokens,
        "second_factor": one.second_factor,
        "allowed": allowed(account, reader.role),
        **{name: None if moment is None else to_text(moment) for name, moment in moments.items()},
    }
