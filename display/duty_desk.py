"""The duty desk's page: beside the feed it needs the map, who usually handles what, and which agencies there are."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, request
from markupsafe import Markup

from display.base_map import BaseMap
from display.pages import closed, in_script, language_of, page
from display.trust import Visitors
from liveroom.city.city import City
from liveroom.room.room import Room


def duty_desk_blueprint(room: Room, base_map: Callable[[], BaseMap], build: str, visitors: Visitors) -> Blueprint:
    """``/desk``, for whoever may give commands; a wall may not."""
    desk = Blueprint("duty_desk", __name__)

    @desk.before_request
    def only_here() -> Response | None:
        return None if visitors.may_act(request) else closed(room.city, "desk", 403)

    desk.add_url_rule("/desk", "desk", lambda: page("desk.html", _context(room, base_map(), build)))
    return desk


def _context(room: Room, drawn: BaseMap, build: str) -> Mapping[str, object]:
    language = language_of(room.city)
    city = room.city.client_data(language) | {"attribution": drawn.whose(language)}
    return {
        "lang": language,
        "city": room.city,
        "city_json": Markup(in_script(city)),
        "desk_json": Markup(in_script({**who_handles(room.city), "told": offices_told(room.city, language)})),
        "map_id": drawn.map_id,
        "map_script": drawn.script,
        "map_archive": drawn.archive,
        "map_reader": drawn.reader,
        "drill": room.kind == "drill",
        "build": build,
    }


def offices_told(city: City, language: str) -> Mapping[str, str]:
    """By receiver as the history calls it (``office:KEY``), the name of an office that an overdue complaint reaches."""
    named = city.recipients.items()
    return {f"office:{key}": (language == "en" and one.name_en) or one.name for key, one in named}


def who_handles(city: City) -> Mapping[str, object]:
    """``agencies`` and ``outside`` as lists of keys; ``usual`` agency by category (None: the office of the area's own
    district), ``offices`` by area code; ``may_be`` the outside bodies that a category may belong to instead."""
    return {
        "agencies": list(city.agencies),
        "outside": list(city.outside),
        "usual": {key: category.agency for key, category in city.categories.items()},
        "offices": dict(city.policy.areas),
        "may_be": {key: list(category.outside) for key, category in city.categories.items() if category.outside},
    }
