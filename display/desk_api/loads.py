"""GET /api/v1/agencies/KEY and /api/v1/drilldown: how much lies where, and how an agency is reached."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from display.desk_api.answers import answered, told
from display.desk_api.asking import asker
from display.feed.cards import Cards
from display.trust import Visitors
from liveroom.domain.requests import OF_AGENCIES, Code, Malformed, Refused, Unknown
from liveroom.domain.timestamps import from_micros, to_text
from liveroom.projection.agencies import BY, Load, drilldown, load_of
from liveroom.room.room import Room

WITH_AGENCIES = ("forwarded", "accepted", "working", "proof_submitted")
CONTACTS = ("key", "short", "name", "name_en", "phone", "on_call", "email", "hours")


def loads_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """The blueprint; docs/desk-api.md."""
    blueprint = Blueprint("loads", __name__, url_prefix="/api/v1")
    safely = answered(Cards(room.city.policy, "desk"))

    def agency(key: str) -> Response:
        who, found = asker(visitors, request), room.city.agencies.get(key)
        if who.role in OF_AGENCIES and who.agency != key:
            raise Refused(Code.ROLE, "this is another agency")
        if found is None:
            raise Unknown(key)
        contacts = {name: getattr(found, name) for name in CONTACTS}
        return told({**contacts, **_numbers(load_of(room.log, key))})

    def drill() -> Response:
        by = request.args.get("by", "")
        if by not in BY:
            raise Malformed("by", f"must be one of {', '.join(BY)}")
        return told({"by": by, "rows": _rows(by, drilldown(room.log, room.city, by))})

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
