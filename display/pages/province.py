"""``/province``: the wall of a room that follows others, a block for each of their cities.

Who may see the wall may see it. Where no room is followed it is the wall.
"""

from urllib.parse import urlencode

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from display.auth import visitor
from display.auth.visitor import Visitors
from display.pages.page import closed_page, page, page_context
from liveroom.log.engine import Unavailable
from liveroom.room.room import Room


def province_blueprint(room: Room, build: str, visitors: Visitors, follows: bool) -> Blueprint:
    """``follows``: this room follows others."""
    blueprint = Blueprint("province_page", __name__)
    blueprint.register_error_handler(Unavailable, lambda _error: closed_page(room.city, "away", 503))

    @blueprint.get("/province")
    def province() -> AnyResponse:
        if visitors.audience(request, {}) is None:
            return closed_page(room.city, "none" if visitor.kept_token(request) is None else "unknown", 401)
        if not follows:
            return visitor.see_other("/wall")
        screen = visitors.screen(request, {})
        context = {**page_context(room, build), "settings": urlencode(screen.settings) if screen is not None else ""}
        response = page("province.html", context)
        token = visitor.kept_token(request)
        if token is not None:
            visitor.keep_token(response, token, secure=visitors.came_securely(request))
        return response

    return blueprint
