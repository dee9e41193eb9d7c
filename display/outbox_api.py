"""The outbox over HTTP: the list with its attempts, and what a supervisor orders about it."""

from functools import partial

from flask import Blueprint, Response, request

from display.acting import signed
from display.desk_api.answers import answered, told
from display.desk_api.list_in import limit_of
from display.feed.cards import Cards
from display.orders_in import order_of, sketch_of
from display.outbox_list import OutboxList, Page
from display.trust import Visitors
from liveroom.domain.outbox import OutboxName
from liveroom.log.outbox import STATES
from liveroom.room.commands.outbox import Outboxing
from liveroom.room.room import Room
from liveroom.runtime.config import OutboxSettings
from liveroom.runtime.http_input import problem, read_body, read_json

ALL = "all"


def outbox_blueprint(room: Room, visitors: Visitors, settings: OutboxSettings) -> Blueprint:
    """``/api/v1/outbox``; the table of permissions says who."""
    outbox = Blueprint("outbox", __name__, url_prefix="/api/v1/outbox")
    rows, safely = OutboxList(room.city, room.routes, settings), answered(Cards(room.city.policy, "desk"))
    give = safely(_Doors(room, visitors).give)
    outbox.add_url_rule("", "list", safely(lambda: _listed(room, rows)))
    outbox.add_url_rule("/release", "release", lambda: give(subject=ALL, name=OutboxName.RELEASE), methods=["POST"])
    outbox.add_url_rule("/<subject>/<name>", "give", give, methods=["POST"])
    return outbox


def _listed(room: Room, rows: OutboxList) -> Response:
    """``?state=waiting|stuck|refused|known|sent&to=RECEIVER&cursor=&limit=``."""
    state, to = request.args.get("state"), request.args.get("to")
    if state is not None and state not in STATES:
        return problem(422, "malformed", f"must be one of {', '.join(STATES)}", "state")
    asked_page = Page(request.args.get("cursor"), limit_of(request.args))
    return told(room.log.read(partial(rows.of, state=state, to=to, page=asked_page)))


class _Doors:
    def __init__(self, room: Room, visitors: Visitors) -> None:
        self._outboxing = Outboxing(room)
        self._visitors = visitors

    def give(self, subject: str, name: str) -> Response:
        """One order about a delivery, or about all of them."""
        if name not in set(OutboxName) or (name == OutboxName.RELEASE) != (subject == ALL):
            return problem(404, "unknown_command", f"{name[:64]!r} is not a command", "command")
        body = signed(read_json(read_body(request)), self._visitors.who(request))
        self._outboxing.refuse_strangers(sketch_of(body, "outbox", subject, name))
        return told(self._outboxing.do(order_of(body, "outbox", subject, name)))
