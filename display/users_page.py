"""The page of people: who may log in and as what, and what an admin does about it."""

from flask import Blueprint, Response
from markupsafe import Markup

from display.pages import in_script, language_of, page
from liveroom.room.room import Room


def users_page_blueprint(room: Room, build: str) -> Blueprint:
    """``/desk/people``; what it lists comes from ``/api/v1/people``."""
    users = Blueprint("users_page", __name__, url_prefix="/desk")

    @users.get("/people")
    def people() -> Response:
        language = language_of(room.city)
        agencies = sorted((one.name, key) for key, one in room.city.agencies.items())
        context = {
            "lang": language,
            "city": room.city,
            "city_json": Markup(in_script(room.city.client_data(language))),
            "agencies": agencies,
            "drill": room.kind == "drill",
            "build": build,
        }
        return page("desk_people.html", context)

    return users
