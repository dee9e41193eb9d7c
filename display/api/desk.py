"""Loads, handover, names."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, request

from display.api.complaints import reading_blueprint, suggestions_blueprint, taking_blueprint
from display.api.requests import asker
from display.api.responses import handle_errors, json_response
from display.auth.visitor import Visitors
from display.feed.cards import Cards
from liveroom.accounts.users import names_of
from liveroom.domain.events import Logged
from liveroom.domain.requests import OF_AGENCIES, Code, Malformed, Refused, Unknown
from liveroom.domain.timestamps import from_micros, to_text
from liveroom.projection.agencies import BY, Load, drilldown, load_of
from liveroom.room.commands.desk import ShiftReport, shift
from liveroom.room.room import Room

# GET /api/v1/agencies/KEY and /api/v1/drilldown: how much lies where, and how an agency is reached.

WITH_AGENCIES = ("forwarded", "accepted", "working", "proof_submitted")
CONTACTS = ("key", "short", "name", "name_en", "phone", "on_call", "email", "hours")


def loads_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """The blueprint; docs/desk-api.md."""
    blueprint = Blueprint("loads", __name__, url_prefix="/api/v1")
    safely = handle_errors(Cards(room.city.policy, "desk"))

    def agency(key: str) -> Response:
        who, found = asker(visitors, request), room.city.agencies.get(key)
        if who.role in OF_AGENCIES and who.agency != key:
            raise Refused(Code.ROLE, "this is another agency")
        if found is None:
            raise Unknown(key)
        contacts = {name: getattr(found, name) for name in CONTACTS}
        return json_response({**contacts, **_numbers(load_of(room.log, key))})

    def drill() -> Response:
        by = request.args.get("by", "")
        if by not in BY:
            raise Malformed("by", f"must be one of {', '.join(BY)}")
        return json_response({"by": by, "rows": _rows(by, drilldown(room.log, room.city, by))})

    blueprint.add_url_rule("/agencies/<key>", "agency", safely(agency), methods=["GET"])
    blueprint.add_url_rule("/drilldown", "drilldown", safely(drill), methods=["GET"])
    return blueprint


def _rows(by: str, loads: Mapping[str, Load]) -> list[dict[str, Any]]:
    """Most overdue first."""
    rows = [{"key": key or None, **_numbers(load), "filter": _filter(by, key)} for key, load in loads.items()]
    return sorted(rows, key=lambda row: (-int(row["overdue"]), -int(row["open"]), row["key"] or ""))


def _numbers(load: Load) -> dict[str, Any]:
    oldest = to_text(from_micros(load.oldest)) if load.oldest is not None else None
    numbers = {"open": load.open, "waiting": load.waiting, "in_process": load.in_process, "overdue": load.overdue}
    return {**numbers, "oldest": oldest}


def _filter(by: str, key: str) -> str | None:
    """The list behind a row, as the query of ``/api/v1/complaints``; None for what has no such key."""
    if key and by == "agency":
        return urlencode({"agency": key, "state": ",".join(WITH_AGENCIES)}, safe=",")
    if key:
        return urlencode({"status": "open", by: key})
    return "state=received" if by == "agency" else None


# GET /api/v1/handover: what a shift leaves to the next one. It is offered and taken by orders about the room.


def handover_blueprint(room: Room) -> Blueprint:
    """The blueprint; docs/desk-api.md."""
    blueprint, cards = Blueprint("handover", __name__), Cards(room.city.policy, "desk")

    def look() -> Response:
        return json_response(_told(shift(room.log), cards))

    blueprint.add_url_rule("/api/v1/handover", "look", handle_errors(cards)(look), methods=["GET"])
    return blueprint


def _told(found: ShiftReport, cards: Cards) -> dict[str, Any]:
    taken = found.confirmed if _taken(found) else None
    return {
        "now": to_text(found.now),
        "state": "none" if found.offered is None else "confirmed" if taken is not None else "offered",
        "since": to_text(found.confirmed.event.at) if found.confirmed is not None else None,
        "on_duty": found.confirmed.actor if found.confirmed is not None else None,
        "offered": _offer(found.offered, found.note) if found.offered is not None else None,
        "confirmed": {"by": taken.actor, "at": to_text(taken.event.at)} if taken is not None else None,
        "alarms": [cards.of_alarm(alarm) for alarm in found.alarms],
        "counts": {**found.counts, "alarms": len(found.alarms)},
        "names": found.names,
        "colleagues": [{"actor": who.actor, "name": who.name} for who in found.colleagues],
    }


def _taken(found: ShiftReport) -> bool:
    return found.offered is not None and found.confirmed is not None and found.confirmed.seq > found.offered.seq


def _offer(offered: Logged, note: str | None) -> dict[str, Any]:
    payload = offered.event.payload
    told_of = {name: payload[name] for name in ("to", "alarms", "counts")}
    return {"by": offered.actor, "at": to_text(offered.event.at), "note": note, **told_of}


# GET /api/v1/names: what people are called whose keys the feed, a history or a refusal gives; for desks alone.

AT_ONCE = 100


def names_blueprint(room: Room) -> Blueprint:
    """``?of=KEY&of=KEY`` is answered ``{names: {KEY: name}}``; who has no log-in is not among them."""
    blueprint = Blueprint("names", __name__, url_prefix="/api/v1")

    def call() -> Response:
        keys = frozenset(request.args.getlist("of"))
        if len(keys) > AT_ONCE:
            raise Malformed("of", f"at most {AT_ONCE} at once")
        return json_response({"names": dict(room.log.read(lambda connection: names_of(connection, keys)))})

    blueprint.add_url_rule("/names", "call", handle_errors(Cards(room.city.policy, "desk"))(call), methods=["GET"])
    return blueprint


# All doors of the desk but commands, hung into the app.


def desk_doors(app: Flask, room: Room, visitors: Visitors) -> None:
    """Register them; display/auth/permissions.py has a row for each."""
    app.register_blueprint(reading_blueprint(room, visitors))
    app.register_blueprint(handover_blueprint(room))
    app.register_blueprint(loads_blueprint(room, visitors))
    app.register_blueprint(names_blueprint(room))
    app.register_blueprint(suggestions_blueprint(room))
    app.register_blueprint(taking_blueprint(room, visitors))
