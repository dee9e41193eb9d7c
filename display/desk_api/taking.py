"""POST /api/v1/desk/complaints: what an officer types while somebody is on the telephone."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from display.acting import signed
from display.desk_api.answers import answered, told
from display.feed.cards import Cards
from display.orders_in import ENVELOPE, order_of
from display.trust import Visitors
from liveroom.city.city import City
from liveroom.domain.complaints.intake import Report, report_of
from liveroom.domain.fields import Record
from liveroom.domain.requests import Malformed
from liveroom.room.commands.citizens import CHANNELS, TakingDown
from liveroom.room.room import Room
from liveroom.runtime.http_input import read_body, read_json

FORM = ("channel", "category", "description", "address", "area", "lat", "lon", "priority", "person", "drill")


def taking_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """The blueprint; docs/desk-api.md."""
    blueprint, taking = Blueprint("taking", __name__), TakingDown(room)
    safely = answered(Cards(room.city.policy, "desk"))

    def take() -> Response:
        body = _known(signed(read_json(read_body(request)), visitors.who(request)))
        order = order_of(body, "desk", "", "take")
        done = taking.take(order, report_in(body, room))
        return told({"id": done.id, "seq": done.seq, "status": done.status}, 201)

    blueprint.add_url_rule("/api/v1/desk/complaints", "take", safely(take), methods=["POST"])
    return blueprint


def _known(body: Any) -> Any:
    """Without what the form does not have: unknown fields are left alone."""
    if not isinstance(body, dict):
        return body
    return {name: body[name] for name in (*ENVELOPE, *FORM) if name in body} | {"seen_seq": 0}


def report_in(body: Any, room: Room) -> Report:
    """The report of an officer's form. Raises Malformed: what a list on the form offers has to be of this city."""
    record = Record(body)
    category, channel = record.text("category", 128) or "", record.choice("channel", CHANNELS)
    if channel is None:
        raise Malformed("channel", "is required")
    record.required("description", 4000)
    _check(room.city, category, record.text("area", 128) or "")
    # The intake asks every source for a number and a category; the desk's number is drawn, its category may wait.
    report = report_of({**body, "source_id": "-", "category": category or "-"}, room.now(), room.kind)
    return replace(report, category=category, media=())


def _check(city: City, category: str, area: str) -> None:
    if category and category not in city.categories:
        raise Malformed("category", "is no category of this city")
    if area and area not in city.areas:
        raise Malformed("area", "is no area of this city")
