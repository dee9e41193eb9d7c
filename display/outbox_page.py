"""The page of the outbox: what does not get through and why, and what a supervisor does about it."""

from flask import Blueprint, Response
from markupsafe import Markup

from display.pages import in_script, language_of, page
from liveroom.room.room import Room


def outbox_page_blueprint(room: Room, build: str) -> Blueprint:
    """``/desk/outbox``; what it lists comes from ``/api/v1/outbox``."""
    outbox = Blueprint("outbox_page", __name__, url_prefix="/desk")

    @outbox.get("/outbox")
    def outbox_desk() -> Response:
        language = language_of(room.city)
        context = {
            "lang": language,
            "city": room.city,
            "city_json": Markup(in_script(room.city.client_data(language))),
            "drill": room.kind == "drill",
            "build": build,
        }
        return page("desk_outbox.html", context)

    return outbox
