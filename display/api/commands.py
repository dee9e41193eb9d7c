"""POST of a command: ``/api/v1/complaints|alarms/ID/COMMAND``, ``.../COMMAND`` for many at once, and ``room/COMMAND``.

A person acts in their own name; on trusted loopback the body names actor and role. The answer holds id, seq and status;
what has changed arrives by the feed. Refusals are problem documents (`responses.py`).
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec
from flask import Blueprint, Request, Response, request

from display.api.requests import command_of, command_outline, person_named, seen_seq, short_text
from display.api.responses import DisplayNames, display_names_for, fault_response, refusal_json, refusal_response
from display.auth.visitor import Visitors, signed
from display.feed.cards import Cards
from liveroom.accounts.users import Person
from liveroom.domain.alarms.commands import AlarmCommandName
from liveroom.domain.requests import CommandName, CommandResult, Malformed, Refused, Stale, Unknown
from liveroom.domain.room import ROOM, HandoverCommandName, RoomCommandName
from liveroom.log.engine import Unavailable
from liveroom.room.room import AT_ONCE, Room
from liveroom.runtime.http_input import BadJson, TooLarge, Unsupported, problem, read_body, read_json
from liveroom.runtime.metrics import COMMANDS

_COMMANDS: Mapping[str, frozenset[str]] = {
    "complaint": frozenset(CommandName),
    "alarm": frozenset(AlarmCommandName),
    ROOM: frozenset(RoomCommandName) | frozenset(HandoverCommandName),
}
_IN_BULK = ("complaint", "alarm")


def commands_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """The blueprint; docs/desk-api.md."""
    blueprint = Blueprint("commands", __name__)
    routes = _CommandRoutes(room, visitors)

    def one(about: str) -> Callable[..., Response]:
        def execute(subject: str, name: str) -> Response:
            return _unknown(about, name) or _counted(routes.one(request, about, subject, name))

        return execute

    def many(about: str) -> Callable[..., Response]:
        return lambda name: _unknown(about, name) or _counted(routes.many(request, about, name))

    def on_room(name: str) -> Response:
        return _unknown(ROOM, name) or _counted(routes.one(request, ROOM, ROOM, name))

    blueprint.add_url_rule("/api/v1/room/<name>", ROOM, on_room, methods=["POST"])
    for about in _IN_BULK:
        root = f"/api/v1/{about}s"
        blueprint.add_url_rule(f"{root}/<subject>/<name>", about, one(about), methods=["POST"])
        blueprint.add_url_rule(f"{root}/<name>", f"{about}s", many(about), methods=["POST"])
    return blueprint


def _unknown(about: str, name: str) -> Response | None:
    if name not in _COMMANDS[about]:
        return problem(404, "unknown_command", f"{name[:64]!r} is not a command", "command")
    return None


def _counted(response: Response) -> Response:
    COMMANDS.labels(request.endpoint or "", str(response.status_code)).inc()
    return response


class _CommandRoutes:
    """One command, or the same one for many subjects."""

    def __init__(self, room: Room, visitors: Visitors) -> None:
        self._room = room
        self._visitors = visitors
        self._desk = Cards(room.city.policy, "desk")

    def one(self, asked: Request, about: str, subject: str, name: str) -> Response:
        body: object = None
        try:
            body = self._signed(asked)
            self._room.refuse_strangers(command_outline(body, about, subject, name))
            done = self._room.execute(command_of(body, about, subject, name))
        except (Unsupported, TooLarge, BadJson, Unavailable) as fault:
            return fault_response(fault)
        except (Unknown, Malformed, Refused, Stale) as refusal:
            names = display_names_for(self._room.log, (refusal,), self._viewer(asked, body))
            return refusal_response(refusal, self._cards_for(asked), names)
        return _json(done)

    def many(self, asked: Request, about: str, name: str) -> Response:
        """``items``: up to 100 of ``{id, seen_seq}``; answered one by one, in order."""
        try:
            body = self._signed(asked)
            commands = [command_of(item, about, item["id"], name) for item in _items(body)]
            answers = self._room.execute_each(commands)
        except (Unsupported, TooLarge, BadJson, Unavailable) as fault:
            return fault_response(fault)
        except Malformed as refusal:
            return refusal_response(refusal, self._desk)
        cards, names = self._cards_for(asked), display_names_for(self._room.log, answers, self._viewer(asked, body))
        pairs = zip(commands, answers, strict=True)
        return _json({"results": [_result_json(command.subject, one, cards, names) for command, one in pairs]})

    def _cards_for(self, asked: Request) -> Cards:
        """Cards with what the requester may see; trusted loopback is a desk."""
        who = self._visitors.who(asked)
        return self._desk if who is None else Cards(self._room.city.policy, who.audience)

    def _viewer(self, asked: Request, body: object) -> Person:
        """Who reads the answer; on trusted loopback the person that the body names, else a duty officer."""
        who = self._visitors.who(asked)
        if who is None:
            with suppress(Malformed):
                return person_named(body if isinstance(body, dict) else {})
        return who or person_named({})

    def _signed(self, asked: Request) -> Any:
        return signed(read_json(read_body(asked)), self._visitors.who(asked))


def _result_json(
    id_: str, answer: CommandResult | Unknown | Malformed | Refused | Stale, cards: Cards, names: DisplayNames
) -> dict[str, Any]:
    """The answer to one of many commands."""
    if isinstance(answer, CommandResult):
        return dict(msgspec.to_builtins(answer))
    status, body = refusal_json(answer, cards, names)
    return {"id": id_, "error": {"status": status, **body}}


def _items(body: Any) -> list[dict[str, Any]]:
    """Each item completed by the fields of the body, with a command id of its own (``COMMAND_ID#NUMBER``)."""
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or not 0 < len(items) <= AT_ONCE:
        raise Malformed("items", f"must be a list of 1 to {AT_ONCE} items with id and seen_seq")
    found = []
    for number, item in enumerate(items):
        where = f"items[{number}]."
        if not isinstance(item, dict):
            raise Malformed(f"items[{number}]", "must be an object with id and seen_seq")
        command_id = f"{short_text(body, 'command_id')[:112]}#{number}"
        own = {"id": short_text(item, "id", where), "seen_seq": seen_seq(item, where), "command_id": command_id}
        found.append({**body, **own})
    return found


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), content_type="application/json")
