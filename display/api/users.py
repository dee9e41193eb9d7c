"""The people who can log in over HTTP, ``/api/v1/people``, for admins: their list, and commands on them."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from display.api.requests import command_of, command_outline
from display.api.responses import handle_errors, json_response
from display.auth.login import password_link
from display.auth.visitor import Visitors, signed
from display.feed.cards import Cards, visit_now
from liveroom.accounts.sessions import UserRow, read_staff
from liveroom.accounts.users import Person, plain
from liveroom.domain.requests import Code, Refused
from liveroom.domain.timestamps import to_text
from liveroom.domain.users import UserCommandName
from liveroom.log.engine import Connection
from liveroom.log.event_log import database_now
from liveroom.room.commands.users import UserCommands
from liveroom.room.room import Room
from liveroom.runtime.http_input import problem, read_body, read_json

_NEW = "new"


def users_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """``/api/v1/people``; the permission table says for whom."""
    people = Blueprint("users", __name__, url_prefix="/api/v1/people")
    handled, routes = handle_errors(Cards(room.city.policy, "desk")), _UserRoutes(room, visitors)
    give = handled(routes.execute)
    people.add_url_rule("", "list", handled(routes.list))
    people.add_url_rule("/add", "add", lambda: give(subject=_NEW, name=UserCommandName.ADD), methods=["POST"])
    people.add_url_rule("/<subject>/<name>", "give", give, methods=["POST"])
    return people


class _UserRoutes:
    def __init__(self, room: Room, visitors: Visitors) -> None:
        self._room = room
        self._commands = UserCommands(room)
        self._visitors = visitors

    def list(self) -> Response:
        """``{now, people, guests}``, ``now`` real time; with ``guests`` the page covers the names (CR-81)."""
        return json_response(self._room.log.read(self._listed))

    def _listed(self, connection: Connection) -> Mapping[str, Any]:
        people = read_staff(connection, self._visitors.sessions.limits)
        now = to_text(database_now(connection))
        return {"now": now, "people": [_user_json(one) for one in people], "guests": visit_now(connection) is not None}

    def execute(self, subject: str, name: str) -> Response:
        """Execute one command; ``link`` is the path of a one-time password link, shown only here."""
        if name not in set(UserCommandName) or (name == UserCommandName.ADD) != (subject == _NEW):
            return problem(404, "unknown_command", f"{name[:64]!r} is not a command", "command")
        who = self._visitors.who(request)
        _refuse_first_admin(self._room, who)
        body = signed(read_json(read_body(request)), who)
        self._commands.refuse_strangers(command_outline(body, "user", subject, name))
        given = self._commands.execute(command_of(body, "user", subject, name))
        done = given.done
        link = password_link(given.token) if given.token is not None else None
        return json_response({"id": done.id, "seq": done.seq, "status": done.status, "state": done.state, "link": link})


def _refuse_first_admin(room: Room, who: Person | None) -> None:
    """The first admin of a real room is made on its machine, by somebody who may read its database."""
    if who is None and room.kind == "real":
        ways = "the set-up link that the start prints, or run.py user add NAME --role admin"
        raise Refused(Code.ROLE, f"the first admin is made by {ways}")


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
