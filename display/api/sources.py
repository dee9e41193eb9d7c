"""Sources over HTTP, ``/api/v1/sources``, for supervisors and admins: how each does, and what of it was refused.

What an entry of the quarantine holds may be personal data: it is shown one entry at a time, and each reading is noted.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from display.api.complaints import limit_of
from display.api.requests import person_named
from display.api.responses import handle_errors, json_response
from display.auth.visitor import Visitors
from display.feed.cards import Cards, visit_now
from liveroom.accounts import quarantine
from liveroom.accounts.arrivals import SourceHealth, health_of_all
from liveroom.accounts.quarantine import Decided, QuarantineContent, QuarantineEntry, QuarantineState
from liveroom.accounts.sources import NoSource, RegisteredSource, SourceKey, Sources, all_sources, state_after
from liveroom.accounts.users import Person
from liveroom.domain.requests import Code, Malformed, Refused, Role, Unknown
from liveroom.domain.timestamps import to_text, to_text_or_none
from liveroom.log.engine import Connection
from liveroom.room.clock import pause_source
from liveroom.room.commands.sources import SAME_AT_ONCE, QuarantineActs, json_of
from liveroom.room.room import Room
from liveroom.room.trial import Trial, try_value
from liveroom.runtime.http_input import problem, read_body, read_json

# Keys older than this are shown among what needs somebody: a city's rule is a year.
OLD_KEY_DAYS = 350
_MAY = frozenset({Role.SUPERVISOR, Role.ADMIN})
_TEXT_MOST = 4 * quarantine.LONGEST


def sources_blueprint(room: Room, register: Sources, visitors: Visitors) -> Blueprint:
    """``/api/v1/sources``; the permission table says for whom."""
    blueprint = Blueprint("sources", __name__, url_prefix="/api/v1/sources")
    handled = handle_errors(Cards(room.city.policy, "desk"))
    desk = _SourceDesk(room, register, visitors)
    for rule, name, answer, method in (
        ("", "list", desk.listed, "GET"),
        ("/<id_>/<order>", "order", desk.order, "POST"),
        ("/quarantine", "entries", desk.entries, "GET"),
        ("/quarantine/<id_>", "entry", desk.entry, "GET"),
        ("/quarantine/<id_>/<act>", "decide", desk.decide, "POST"),
    ):
        blueprint.add_url_rule(rule, name, handled(_as_problems(answer)), methods=[method])
    return blueprint


def _as_problems(answer: Callable[..., Response]) -> Callable[..., Response]:
    """What only this part of the API refuses, as problem documents."""

    def answered(**words: str) -> Response:
        try:
            return answer(**words)
        except Decided:
            return problem(409, "decided", "somebody accepted or dropped it already")
        except NoSource as error:
            return problem(409, "source", str(error))

    return answered


class _SourceDesk:
    """The list, the orders to a source, and the quarantine."""

    def __init__(self, room: Room, register: Sources, visitors: Visitors) -> None:
        self._room = room
        self._register = register
        self._visitors = visitors

    def listed(self) -> Response:
        """``{now, guests, sources}``, ``now`` real time; with ``guests`` in the room no entry is shown (CR-81)."""
        return json_response(self._room.log.read(listed_sources))

    def order(self, id_: str, order: str) -> Response:
        """POST ``pause``, ``resume`` or ``rotate``; the answer to the last has the new key, once."""
        who, _ = self._sender()
        name = self._name_of(id_)
        if order in ("pause", "resume"):
            pause_source(self._room, name, paused=order == "pause", actor=who.actor)
            return json_response({"id": id_})
        if order == "rotate":
            key, ends_at = self._register.rotate(name, now=False)
            return json_response({"id": id_, "key": key, "former_until": to_text_or_none(ends_at)})
        return problem(404, "unknown_command", f"{order[:64]!r} is not an order to a source", "command")

    def entries(self) -> Response:
        """``?source=ID&state=open|accepted|dropped&cursor=&limit=``: ``{items, next}``, the latest first."""
        asked, limit = request.args, limit_of(request.args)
        state = asked.get("state", QuarantineState.OPEN.value)
        if state not in set(QuarantineState):
            raise Malformed("state", f"must be one of {', '.join(QuarantineState)}")
        found = self._room.log.read(
            lambda c: quarantine.entries(
                c,
                source=asked.get("source"),
                state=QuarantineState(state),
                cursor=asked.get("cursor"),
                limit=limit,
            )
        )
        last = found[-1].id if len(found) == limit else None
        return json_response({"items": [_entry_json(one) for one in found], "next": last})

    def entry(self, id_: str) -> Response:
        """One entry with what it holds, every fault of it, and what the room would make of the rest.

        ``same``: how many failed so, this one too, of which at most SAME_AT_ONCE are counted.
        """
        if self._room.log.read(visit_now) is not None:
            raise Refused(Code.STATE, "guests are in the room: no entry is shown")
        # On trusted loopback the page acts as a supervisor, unless it says otherwise.
        who = self._visitors.who(request) or person_named({"role": Role.SUPERVISOR.value, **request.args})
        acts = self._acts(who)
        found = acts.look(id_)
        same = self._room.log.read(lambda c: quarantine.same_entries(c, found.entry, SAME_AT_ONCE))
        return json_response({**self._content_json(found), "same": len(same) if found.entry.field else 1})

    def decide(self, id_: str, act: str) -> Response:
        """POST ``try`` or ``accept`` ``{text?}``, ``accept_same`` ``{text}``, or ``drop``.

        ``text``: the corrected JSON, else it is as it came. ``accept_same`` answers ``{accepted, stay}``.
        """
        who, body = self._sender()
        acts = self._acts(who)
        text = body.get("text")
        if text is not None and (not isinstance(text, str) or len(text) > _TEXT_MOST):
            raise Malformed("text", f"must be text of at most {_TEXT_MOST} characters")
        if act == "try":
            return json_response(self._trial_json(text or ""))
        if act == "accept":
            taken = acts.accept(id_, text)
            return json_response({"id": id_, "complaint": taken.id, "created": taken.created})
        if act == "accept_same":
            same = acts.accept_same(id_, text or "")
            return json_response({"id": id_, "accepted": same.accepted, "stay": same.stay})
        if act == "drop":
            acts.drop(id_)
            return json_response({"id": id_})
        return problem(404, "unknown_command", f"{act[:64]!r} cannot be done about an entry", "command")

    def _sender(self) -> tuple[Person, Mapping[str, Any]]:
        """Who posts, and the body. Raises Malformed, Refused."""
        body = read_json(read_body(request))
        if not isinstance(body, dict):
            raise Malformed("", "the body must be an object")
        who = self._visitors.who(request) or person_named(body)
        if who.role not in _MAY:
            raise Refused(Code.ROLE, f"this is not for {who.role}")
        return who, body

    def _acts(self, who: Person) -> QuarantineActs:
        if who.role not in _MAY:
            raise Refused(Code.ROLE, f"this is not for {who.role}")
        return QuarantineActs(room=self._room, actor=who.actor, role=who.role.value)

    def _name_of(self, id_: str) -> str:
        found = next((one.source.name for one in self._register.all() if one.source.id == id_), None)
        if found is None:
            raise Unknown(id_)
        return found

    def _content_json(self, found: QuarantineContent) -> dict[str, Any]:
        return {**_entry_json(found.entry), "raw": found.raw, "cut": found.cut, "draft": _pretty(found.draft)} | (
            self._trial_json(found.draft)
        )

    def _trial_json(self, text: str) -> dict[str, Any]:
        """``{faults, becomes}`` of a text in the intake's form."""
        try:
            value = json_of(text)
        except Malformed as fault:
            return {"faults": [_fault_json(fault)], "becomes": {}}
        return _trial(try_value(value, self._room.city, self._room.now(), self._room.kind))


def _trial(found: Trial) -> dict[str, Any]:
    faults = [_fault_json(fault) for fault in found.faults]
    return {"faults": faults, "becomes": dict(found.becomes)}


def _fault_json(fault: Malformed) -> dict[str, str]:
    """``reason``: which of the kinds that a page has words for."""
    return {"field": fault.field, "message": fault.message, "reason": quarantine.reason_of(fault.message)}


def _pretty(text: str) -> str:
    """JSON as a person edits it: a field a line. What is no JSON stays as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def listed_sources(connection: Connection) -> dict[str, Any]:
    """``{now, guests, sources}``, ``now`` real time: every source in use, by name."""
    sources = [one for one in all_sources(connection) if one.revoked_at is None]
    health = health_of_all(connection, [one.source.id for one in sources])
    return {
        "now": None if not sources else to_text(sources[0].now),
        "guests": visit_now(connection) is not None,
        "sources": [_source_json(one, health[one.source.id]) for one in sources],
    }


def _source_json(one: RegisteredSource, health: SourceHealth) -> dict[str, Any]:
    return {
        "id": one.source.id,
        "name": one.source.name,
        "state": _state_of(one),
        "every_s": one.source.every_s,
        "learned_s": health.learned_s,
        "heard_at": to_text_or_none(one.heard_at),
        "paused_at": to_text_or_none(one.paused_at),
        "hours": list(health.hours),
        "per_hour": health.per_hour,
        "lag_s": health.lag_s,
        "rejected": health.rejected,
        "unsigned": health.unsigned,
        "empty": health.empty,
        "open": health.open,
        "fault": health.fault,
        "fault_at": to_text_or_none(health.fault_at),
        "partly": health.partly,
        "keys": [_key_json(key, one.now) for key in one.keys],
    }


def _state_of(one: RegisteredSource) -> str:
    """``ok``, ``late`` or ``lost`` as walls have it, or ``paused``."""
    if one.paused_at is not None:
        return "paused"
    return state_after((one.now - (one.heard_at or one.since)).total_seconds(), one.source.every_s)


def _key_json(key: SourceKey, now: datetime) -> dict[str, Any]:
    days = (now - key.since).days
    return {"days": days, "old": days > OLD_KEY_DAYS, "ends_at": to_text_or_none(key.ends_at)}


def _entry_json(entry: QuarantineEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "source": entry.source,
        "number": entry.source_id,
        "at": to_text(entry.at),
        "last_at": to_text(entry.last_at),
        "times": entry.times,
        "field": entry.field,
        "message": entry.message,
        "state": entry.state,
        "decided_at": to_text_or_none(entry.decided_at),
        "decided_by": entry.decided_by,
        "complaint": entry.complaint,
    }
