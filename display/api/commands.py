"""The HTTP door for people: POST /api/v1/complaints|alarms/ID/COMMAND and room/COMMAND; the feed shows results."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec
from flask import Blueprint, Request, Response, request

from display.api.requests import code, named, order_of, seen_seq, sketch_of
from display.api.responses import DisplayNames, faces_for, refused, told_of, unread
from display.auth.visitor import Visitors, signed
from display.feed.cards import Cards
from liveroom.accounts.users import Person
from liveroom.domain.alarms.commands import AlarmName
from liveroom.domain.requests import CommandName, Done, Malformed, Refused, Stale, Unknown
from liveroom.domain.room import ROOM, HandoverName, RoomName
from liveroom.log.engine import Unavailable
from liveroom.room.room import AT_ONCE, Room
from liveroom.runtime.http_input import BadJson, TooLarge, Unsupported, problem, read_body, read_json
from liveroom.runtime.metrics import COMMANDS

NAMES: Mapping[str, frozenset[str]] = {
    "complaint": frozenset(CommandName),
    "alarm": frozenset(AlarmName),
    ROOM: frozenset(RoomName) | frozenset(HandoverName),
}
MANY = ("complaint", "alarm")


def commands_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """The blueprint; whoever is logged in signs what they order, trusted loopback names actor and role in the body."""
    blueprint = Blueprint("commands", __name__)
    doors = _CommandRoutes(room, visitors)

    def one(about: str) -> Callable[..., Response]:
        def give(subject: str, name: str) -> Response:
            return _unknown(about, name) or _counted(doors.one(request, about, subject, name))

        return give

    def many(about: str) -> Callable[..., Response]:
        return lambda name: _unknown(about, name) or _counted(doors.many(request, about, name))

    def steer(name: str) -> Response:
        return _unknown(ROOM, name) or _counted(doors.one(request, ROOM, ROOM, name))

    blueprint.add_url_rule("/api/v1/room/<name>", ROOM, steer, methods=["POST"])
    for about in MANY:
        root = f"/api/v1/{about}s"
        blueprint.add_url_rule(f"{root}/<subject>/<name>", about, one(about), methods=["POST"])
        blueprint.add_url_rule(f"{root}/<name>", f"{about}s", many(about), methods=["POST"])
    return blueprint


def _unknown(about: str, name: str) -> Response | None:
    if name not in NAMES[about]:
        return problem(404, "unknown_command", f"{name[:64]!r} is not a command", "command")
    return None


def _counted(response: Response) -> Response:
    COMMANDS.labels(request.endpoint or "", str(response.status_code)).inc()
    return response


class _CommandRoutes:
    """One order, or the same one for many; whatever goes wrong is a problem document."""

    def __init__(self, room: Room, visitors: Visitors) -> None:
        self._room = room
        self._visitors = visitors
        self._desk = Cards(room.city.policy, "desk")

    def one(self, asked: Request, about: str, subject: str, name: str) -> Response:
        body: object = None
        try:
            body = self._signed(asked)
            self._room.refuse_strangers(sketch_of(body, about, subject, name))
            done = self._room.execute(order_of(body, about, subject, name))
        except (Unsupported, TooLarge, BadJson, Unavailable) as fault:
            return unread(fault)
        except (Unknown, Malformed, Refused, Stale) as no:
            return refused(no, self._cards_for(asked), faces_for(self._room.log, (no,), self._viewer(asked, body)))
        return _json(done)

    def many(self, asked: Request, about: str, name: str) -> Response:
        """``items``: up to 100 of ``{id, seen_seq}``; answered one by one, in order."""
        try:
            body = self._signed(asked)
            orders = [order_of(item, about, item["id"], name) for item in _items(body)]
            answers = self._room.execute_each(orders)
        except (Unsupported, TooLarge, BadJson, Unavailable) as fault:
            return unread(fault)
        except Malformed as no:
            return refused(no, self._desk)
        cards, faces = self._cards_for(asked), faces_for(self._room.log, answers, self._viewer(asked, body))
        told = [told_answer(order.subject, one, cards, faces) for order, one in zip(orders, answers, strict=True)]
        return _json({"results": told})

    def _cards_for(self, asked: Request) -> Cards:
        """Cards as whoever asks may see them; trusted loopback is a desk."""
        who = self._visitors.who(asked)
        return self._desk if who is None else Cards(self._room.city.policy, who.audience)

    def _viewer(self, asked: Request, body: object) -> Person:
        """Who is told; on trusted loopback whom the order names, a desk if that is nobody."""
        who = self._visitors.who(asked)
        if who is None:
            with suppress(Malformed):
                return named(body if isinstance(body, dict) else {})
        return who or named({})

    def _signed(self, asked: Request) -> Any:
        return signed(read_json(read_body(asked)), self._visitors.who(asked))


def told_answer(
    id_: str, answer: Done | Unknown | Malformed | Refused | Stale, cards: Cards, faces: DisplayNames
) -> dict[str, Any]:
    """What one of many orders is answered."""
    if isinstance(answer, Done):
        return dict(msgspec.to_builtins(answer))
    status, told = told_of(answer, cards, faces)
    return {"id": id_, "error": {"status": status, **told}}


def _items(body: Any) -> list[dict[str, Any]]:
    """Each item with the body's envelope and fields around it, and a command id of its own."""
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or not 0 < len(items) <= AT_ONCE:
        raise Malformed("items", f"must be a list of 1 to {AT_ONCE} items with id and seen_seq")
    found = []
    for number, item in enumerate(items):
        where = f"items[{number}]."
        if not isinstance(item, dict):
            raise Malformed(f"items[{number}]", "must be an object with id and seen_seq")
        command_id = f"{code(body, 'command_id')[:112]}#{number}"
        own = {"id": code(item, "id", where), "seen_seq": seen_seq(item, where), "command_id": command_id}
        found.append({**body, **own})
    return found


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), content_type="application/json")
