"""The desk's other data: loads of agencies, the shift handover, names of people; and the registration of its API.

All of it is read from the database at each request. A handover is offered and taken by commands on the room.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, request

from display.api.complaints import complaints_blueprint, phone_intake_blueprint, suggestions_blueprint
from display.api.requests import requester
from display.api.responses import handle_errors, json_response
from display.auth.visitor import Visitors
from display.feed.cards import Cards
from liveroom.accounts.users import names_of
from liveroom.city.sheet import named
from liveroom.domain.events import LoggedEvent
from liveroom.domain.requests import OF_AGENCIES, Code, Malformed, Refused, Unknown
from liveroom.domain.timestamps import from_micros, to_text
from liveroom.projection.agencies import BY, Load, drilldown, load_of
from liveroom.room.commands.desk import ShiftCourse, ShiftReport, shift
from liveroom.room.room import Room

# ---- loads: how many complaints lie with whom ----

# States in which a complaint lies with an agency.
_WITH_AGENCIES = ("forwarded", "accepted", "working", "proof_submitted")
_CONTACTS = ("key", "short", "phone", "on_call", "email", "hours")


def loads_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """``GET /api/v1/agencies/KEY`` and ``GET /api/v1/drilldown``; docs/desk-api.md."""
    blueprint = Blueprint("loads", __name__, url_prefix="/api/v1")
    handled = handle_errors(Cards(room.city.policy, "desk"))

    def agency(key: str) -> Response:
        who, found = requester(visitors, request), room.city.agencies.get(key)
        if who.role in OF_AGENCIES and who.agency != key:
            raise Refused(Code.ROLE, "this is another agency")
        if found is None:
            raise Unknown(key)
        contacts = {name: getattr(found, name) for name in _CONTACTS} | named("name", found.name, found.names)
        return json_response({**contacts, **_load_json(load_of(room.log, key))})

    def drill() -> Response:
        by = request.args.get("by", "")
        if by not in BY:
            raise Malformed("by", f"must be one of {', '.join(BY)}")
        return json_response({"by": by, "rows": _drilldown_json(by, drilldown(room.log, room.city, by))})

    blueprint.add_url_rule("/agencies/<key>", "agency", handled(agency), methods=["GET"])
    blueprint.add_url_rule("/drilldown", "drilldown", handled(drill), methods=["GET"])
    return blueprint


def _drilldown_json(by: str, loads: Mapping[str, Load]) -> list[dict[str, Any]]:
    """The rows, most overdue first."""
    rows = [{"key": key or None, **_load_json(load), "filter": _list_query(by, key)} for key, load in loads.items()]
    return sorted(rows, key=lambda row: (-int(row["overdue"]), -int(row["open"]), row["key"] or ""))


def _load_json(load: Load) -> dict[str, Any]:
    oldest = to_text(from_micros(load.oldest)) if load.oldest is not None else None
    numbers = {"open": load.open, "waiting": load.waiting, "in_process": load.in_process, "overdue": load.overdue}
    return {**numbers, "oldest": oldest}


def _list_query(by: str, key: str) -> str | None:
    """The query of ``/api/v1/complaints`` that lists what a row counts; None if no filter does."""
    if key and by == "agency":
        return urlencode({"agency": key, "state": ",".join(_WITH_AGENCIES)}, safe=",")
    if key:
        return urlencode({"status": "open", by: key})
    return "state=received" if by == "agency" else None


# ---- handover: what a shift leaves to the next one ----


def handover_blueprint(room: Room) -> Blueprint:
    """``GET /api/v1/handover``; docs/desk-api.md."""
    blueprint, cards = Blueprint("handover", __name__), Cards(room.city.policy, "desk")

    def look() -> Response:
        return json_response(_handover_json(shift(room.log), cards))

    blueprint.add_url_rule("/api/v1/handover", "look", handle_errors(cards)(look), methods=["GET"])
    return blueprint


def _handover_json(found: ShiftReport, cards: Cards) -> dict[str, Any]:
    taken = found.confirmed if _is_taken(found) else None
    return {
        "now": to_text(found.now),
        "state": "none" if found.offered is None else "confirmed" if taken is not None else "offered",
        "since": to_text(found.confirmed.event.at) if found.confirmed is not None else None,
        "on_duty": found.confirmed.actor if found.confirmed is not None else None,
        "offered": _offer_json(found.offered, found.note) if found.offered is not None else None,
        "confirmed": {"by": taken.actor, "at": to_text(taken.event.at)} if taken is not None else None,
        "alarms": [cards.of_alarm(alarm) for alarm in found.alarms],
        "counts": {**found.counts, "alarms": len(found.alarms)},
        "course": _course_json(found.course),
        "names": found.names,
        "colleagues": [{"actor": who.actor, "name": who.name} for who in found.colleagues],
    }


def _course_json(course: ShiftCourse) -> dict[str, Any]:
    """In numbers what the page `/desk/handover` says at length."""
    since = None if course.since_at is None else to_text(course.since_at)
    stretch = {"since_seq": course.since, "up_to_seq": course.up_to, "since": since}
    ends = {"holds": len(course.holds), "shelved": len(course.shelved)}
    return {**stretch, **course.counts, "rang": course.rang, "untaken": course.untaken, **ends}


def _is_taken(found: ShiftReport) -> bool:
    return found.offered is not None and found.confirmed is not None and found.confirmed.seq > found.offered.seq


def _offer_json(offered: LoggedEvent, note: str | None) -> dict[str, Any]:
    payload = offered.event.fields
    content = {name: payload[name] for name in ("to", "alarms", "counts")}
    return {"by": offered.actor, "at": to_text(offered.event.at), "note": note, **content}


# ---- names: for the keys of people in the feed, a history or a refusal; for desks alone ----

_MOST_NAMES = 100


def names_blueprint(room: Room) -> Blueprint:
    """``GET /api/v1/names?of=KEY&of=KEY`` -> ``{names: {KEY: name}}``; keys without a log-in are left out."""
    blueprint = Blueprint("names", __name__, url_prefix="/api/v1")

    def call() -> Response:
        keys = frozenset(request.args.getlist("of"))
        if len(keys) > _MOST_NAMES:
            raise Malformed("of", f"at most {_MOST_NAMES} at once")
        return json_response({"names": dict(room.log.read(lambda connection: names_of(connection, keys)))})

    blueprint.add_url_rule("/names", "call", handle_errors(Cards(room.city.policy, "desk"))(call), methods=["GET"])
    return blueprint


def register_desk_api(app: Flask, room: Room, visitors: Visitors) -> None:
    """Register the desk's API except commands; display/auth/permissions.py has a row for each route."""
    app.register_blueprint(complaints_blueprint(room, visitors))
    app.register_blueprint(handover_blueprint(room))
    app.register_blueprint(loads_blueprint(room, visitors))
    app.register_blueprint(names_blueprint(room))
    app.register_blueprint(suggestions_blueprint(room))
    app.register_blueprint(phone_intake_blueprint(room, visitors))
