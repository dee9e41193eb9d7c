"""POST of a command: ``/api/v1/SUBJECTS/ID/COMMAND`` on one subject, and ``/api/v1/SUBJECTS/COMMAND`` without an id.

Without an id a command is on the room, on all deliveries, makes a new screen or user, or is for many complaints or
alarms at once. A person acts in their own name; on trusted loopback the body names actor and role. The answer holds id,
seq and status; what has changed arrives by the feed. Refusals are problem documents (`responses.py`).
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
from flask import Blueprint, Request, Response, request

from display.api.requests import command_of, command_outline, execute_body, person_named, seen_seq, short_text
from display.api.responses import (
    DisplayNames,
    display_names_for,
    fault_response,
    json_response,
    refusal_json,
    refusal_response,
)
from display.auth.login import password_link
from display.auth.visitor import Visitors, signed
from display.feed.cards import Cards
from liveroom.accounts.users import Person
from liveroom.domain.outbox import OutboxCommandName
from liveroom.domain.requests import Code, CommandResult, Malformed, Refused, Stale, Unknown, UserResult
from liveroom.domain.room import ROOM
from liveroom.domain.screens import ScreenCommandName
from liveroom.domain.users import UserCommandName
from liveroom.log.engine import Unavailable
from liveroom.room.room import AT_ONCE, Room
from liveroom.runtime.http_input import BadJson, TooLarge, Unsupported, problem, read_body, read_json
from liveroom.runtime.metrics import COMMANDS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Address:
    """Where the commands on one kind of subject are posted; ``without_id``: those whose address has no id, and what
    they get as subject; ``bulk``: the address without an id is that of the same command for many."""

    root: str
    rule: str = "<subject>/<name>"
    without_id: Mapping[str, str] = field(default_factory=dict)
    bulk: bool = False


# By what the commands are about; also the name of the endpoint in the permission table.
_ADDRESSES: Mapping[str, _Address] = {
    "complaint": _Address(root="/api/v1/complaints", bulk=True),
    "alarm": _Address(root="/api/v1/alarms", bulk=True),
    # The ids of pages, which are called too, have slashes.
    "screen": _Address(
        root="/api/v1/screens", rule="<path:subject>/<name>", without_id={ScreenCommandName.PAIR.value: "new"}
    ),
    "outbox": _Address(root="/api/v1/outbox", without_id={OutboxCommandName.RELEASE.value: "all"}),
    "user": _Address(root="/api/v1/people", without_id={UserCommandName.ADD.value: "new"}),
}


def commands_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """The blueprint; docs/desk-api.md."""
    blueprint = Blueprint("commands", __name__)
    routes = _CommandRoutes(room, visitors)

    def one(about: str, without_id: Mapping[str, str]) -> Callable[..., Response]:
        def execute(name: str, subject: str = "") -> Response:
            if name not in room.specs(about) or (name in without_id) == bool(subject):
                return _unknown(name)
            return _counted(routes.one(request, about, subject or without_id[name], name))

        return execute

    def many(about: str) -> Callable[..., Response]:
        def execute(name: str) -> Response:
            return _counted(routes.many(request, about, name)) if name in room.specs(about) else _unknown(name)

        return execute

    for about, at in _ADDRESSES.items():
        execute = one(about, at.without_id)
        blueprint.add_url_rule(f"{at.root}/{at.rule}", about, execute, methods=["POST"])
        if at.bulk:
            blueprint.add_url_rule(f"{at.root}/<name>", f"{about}s", many(about), methods=["POST"])
        else:
            blueprint.add_url_rule(f"{at.root}/<name>", about, execute, methods=["POST"])
    on_room = one(ROOM, dict.fromkeys(room.specs(ROOM), ROOM))
    blueprint.add_url_rule("/api/v1/room/<name>", ROOM, on_room, methods=["POST"])
    return blueprint


def _unknown(name: str) -> Response:
    return problem(404, "unknown_command", f"{name[:64]!r} is not a command", "command")


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
            if about == "user":
                _refuse_first_admin(self._room, self._visitors.who(asked))
            body = self._signed(asked)
            outline = command_outline(body, about, subject, name)
            done = execute_body(self._room, outline, lambda: command_of(body, about, subject, name))
        except (Unsupported, TooLarge, BadJson, Unavailable) as fault:
            return fault_response(fault)
        except (Unknown, Malformed, Refused, Stale) as refusal:
            names = display_names_for(self._room.log, (refusal,), self._viewer(asked, body))
            return refusal_response(refusal, self._cards_for(asked), names)
        return json_response(_with_link(done) if about == "user" else done)

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
        return json_response({"results": [_result_json(command.subject, one, cards, names) for command, one in pairs]})

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


def _with_link(done: CommandResult) -> dict[str, Any]:
    """The answer to a command on a user; ``link`` is the path of a one-time password link, shown only here."""
    token = done.token if isinstance(done, UserResult) else None
    link = None if token is None else password_link(token)
    return {"id": done.id, "seq": done.seq, "status": done.status, "state": done.state, "link": link}


def _refuse_first_admin(room: Room, who: Person | None) -> None:
    """The first admin of a real room is made on its machine, by somebody who may read its database."""
    if who is None and room.kind == "real":
        ways = "the set-up link that the start prints, or run.py user add NAME --role admin"
        raise Refused(Code.ROLE, f"the first admin is made by {ways}")
