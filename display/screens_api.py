"""The screens over HTTP: the list, each one's small picture, and what is ordered about one."""

import msgspec
from flask import Blueprint, Response, request

from display.acting import signed
from display.feed.cards import Cards
from display.orders_in import order_of
from display.refusals import refused, unread
from display.screens_list import listed, read_register
from display.trust import Visitors
from liveroom.domain.refusals import Malformed, Refused
from liveroom.domain.screen_orders import ScreenName
from liveroom.json_body import BadJson, TooLarge, read_json
from liveroom.log.book import Unavailable
from liveroom.log.screen_pages import picture_of
from liveroom.orders import Unknown
from liveroom.problems import problem
from liveroom.request_body import Unsupported, read_body
from liveroom.room import Room
from liveroom.screening import Screening

NEW = "new"
CAREFUL = {"Cache-Control": "no-store"}


def screens_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """``/api/v1/screens``; the table of permissions says who."""
    screens = Blueprint("screens", __name__, url_prefix="/api/v1/screens")
    doors = _Doors(room, visitors)
    screens.register_error_handler(Unavailable, lambda error: unread(error))
    screens.add_url_rule("", "list", lambda: _json(listed(room.log.read(read_register))))
    screens.add_url_rule("/<path:page>/picture", "picture", lambda page: _picture(room, page))
    screens.add_url_rule("/pair", "pair", lambda: doors.give(NEW, ScreenName.PAIR), methods=["POST"])
    screens.add_url_rule("/<path:subject>/<name>", "give", doors.give, methods=["POST"])
    return screens


def _picture(room: Room, page: str) -> Response:
    body = room.log.read(lambda c: picture_of(c, page[:128]))
    if body is None:
        return problem(404, "unknown", "this page has sent no picture", "page")
    return Response(body, content_type="image/jpeg", headers=CAREFUL)


class _Doors:
    def __init__(self, room: Room, visitors: Visitors) -> None:
        self._screening = Screening(room)
        self._desk = Cards(room.city.policy, "desk")
        self._visitors = visitors

    def give(self, subject: str, name: str) -> Response:
        """One order about a screen, or about the page of an id."""
        if name not in set(ScreenName) or (name == ScreenName.PAIR) != (subject == NEW):
            return problem(404, "unknown_command", f"{name[:64]!r} is not a command", "command")
        try:
            body = signed(read_json(read_body(request)), self._visitors.who(request))
            return _json(msgspec.to_builtins(self._screening.do(order_of(body, "screen", subject, name))))
        except (Unsupported, TooLarge, BadJson, Unavailable) as fault:
            return unread(fault)
        except (Unknown, Malformed, Refused) as no:
            return refused(no, self._desk)


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), content_type="application/json", headers=CAREFUL)
