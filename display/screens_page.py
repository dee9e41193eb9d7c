"""The page of screens: what each shows, which is dark, and how a new one is let in."""

from collections.abc import Mapping

from flask import Blueprint
from markupsafe import Markup

from display.pages import in_script, language_of, page
from liveroom.room.room import Room


def screens_page_blueprint(room: Room, build: str) -> Blueprint:
    """``/desk/screens``; what it lists comes from ``/api/v1/screens``."""
    screens = Blueprint("screens_page", __name__, url_prefix="/desk")
    screens.add_url_rule("/screens", "screens", lambda: page("desk_screens.html", _context(room, build)))
    return screens


def _context(room: Room, build: str) -> Mapping[str, object]:
    language = language_of(room.city)
    return {
        "lang": language,
        "city": room.city,
        "city_json": Markup(in_script(room.city.client_data(language))),
        "drill": room.kind == "drill",
        "build": build,
    }
