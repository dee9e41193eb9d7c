"""The screens over HTTP: the list, each one's small picture, and what is ordered about one."""

from flask import Blueprint, Response, request

from display.acting import signed
from display.desk_api.answers import answered, told
from display.feed.cards import Cards
from display.orders_in import order_of, sketch_of
from display.screens_list import listed, read_register
from display.trust import Visitors
from liveroom.accounts.screens import picture_of
from liveroom.domain.screens import ScreenName
from liveroom.room.commands.screens import Screening
from liveroom.room.room import Room
from liveroom.runtime.http_input import problem, read_body, read_json

NEW = "new"
CAREFUL = {"Cache-Control": "no-store"}


def screens_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """``/api/v1/screens``; the table of permissions says who."""
    screens = Blueprint("screens", __name__, url_prefix="/api/v1/screens")
    safely = answered(Cards(room.city.policy, "desk"))
    give = safely(_Doors(room, visitors).give)
    screens.add_url_rule("", "list", safely(lambda: told(listed(room.log.read(read_register)))))
    screens.add_url_rule("/<path:page>/picture", "picture", safely(lambda page: _picture(room, page)))
    screens.add_url_rule("/pair", "pair", lambda: give(subject=NEW, name=ScreenName.PAIR), methods=["POST"])
    screens.add_url_rule("/<path:subject>/<name>", "give", give, methods=["POST"])
    return screens


def _picture(room: Room, page: str) -> Response:
    body = room.log.read(lambda c: picture_of(c, page[:128]))
    if body is None:
        return problem(404, "unknown", "this page has sent no picture", "page")
    return Response(body, content_type="image/jpeg", headers=CAREFUL)


class _Doors:
    def __init__(self, room: Room, visitors: Visitors) -> None:
        self._screening = Screening(room)
        self._visitors = visitors

    def give(self, subject: str, name: str) -> Response:
        """One order about a screen, or about the page of an id."""
        if name not in set(ScreenName) or (name == ScreenName.PAIR) != (subject == NEW):
            return problem(404, "unknown_command", f"{name[:64]!r} is not a command", "command")
        body = signed(read_json(read_body(request)), self._visitors.who(request))
        self._screening.refuse_strangers(sketch_of(body, "screen", subject, name))
        return told(self._screening.do(order_of(body, "screen", subject, name)))
