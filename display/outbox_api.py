"""The outbox over HTTP: the list with its attempts, and what a supervisor orders about it."""

from functools import partial

import msgspec
from flask import Blueprint, Response, request

from display.acting import signed
from display.feed.cards import Cards
from display.orders_in import order_of
from display.outbox_list import OutboxList
from display.refusals import refused, unread
from display.trust import Visitors
from liveroom.domain.outbox_orders import OutboxName
from liveroom.domain.refusals import Malformed, Refused
from liveroom.json_body import BadJson, TooLarge, read_json
from liveroom.log.book import Unavailable
from liveroom.orders import Unknown
from liveroom.outboxing import Outboxing
from liveroom.problems import problem
from liveroom.request_body import Unsupported, read_body
from liveroom.room import Room

ALL = "all"
STATES = ("waiting", "sent")
MOST = 100
CAREFUL = {"Cache-Control": "no-store"}


def outbox_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """``/api/v1/outbox``; the table of permissions says who."""
    outbox = Blueprint("outbox", __name__, url_prefix="/api/v1/outbox")
    doors, rows = _Doors(room, visitors), OutboxList(room.city, room.routes)
    outbox.register_error_handler(Unavailable, lambda error: unread(error))
    outbox.add_url_rule("", "list", lambda: _listed(room, rows))
    outbox.add_url_rule("/release", "release", lambda: doors.give(ALL, OutboxName.RELEASE), methods=["POST"])
    outbox.add_url_rule("/<subject>/<name>", "give", doors.give, methods=["POST"])
    return outbox


def _listed(room: Room, rows: OutboxList) -> Response:
    """``?state=waiting|sent&agency=KEY&cursor=&limit=``."""
    state, cursor, limit = request.args.get("state"), request.args.get("cursor"), request.args.get("limit", str(MOST))
    if state is not None and state not in STATES:
        return problem(422, "malformed", f"must be one of {', '.join(STATES)}", "state")
    if not limit.isdecimal() or not 0 < int(limit[:9]) <= MOST:
        return problem(422, "malformed", f"must be 1 to {MOST}", "limit")
    key = request.args.get("agency")
    return _json(room.log.read(partial(rows.of, state=state, key=key, cursor=cursor, limit=int(limit))))


class _Doors:
    def __init__(self, room: Room, visitors: Visitors) -> None:
        self._outboxing = Outboxing(room)
        self._desk = Cards(room.city.policy, "desk")
        self._visitors = visitors

    def give(self, subject: str, name: str) -> Response:
        """One order about a delivery, or about all of them."""
        if name not in set(OutboxName) or (name == OutboxName.RELEASE) != (subject == ALL):
            return problem(404, "unknown_command", f"{name[:64]!r} is not a command", "command")
        try:
            body = signed(read_json(read_body(request)), self._visitors.who(request))
            return _json(msgspec.to_builtins(self._outboxing.do(order_of(body, "outbox", subject, name))))
        except (Unsupported, TooLarge, BadJson, Unavailable) as fault:
            return unread(fault)
        except (Unknown, Malformed, Refused) as no:
            return refused(no, self._desk)


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), content_type="application/json", headers=CAREFUL)
