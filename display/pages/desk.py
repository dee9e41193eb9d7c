"""The pages of the desks, ``/desk`` and below it alarms, alarm health, outbox, screens, sources, import and
people; and their header.

Each page holds what the city says of itself; complaints, alarms and lists arrive by the feed and the API.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from display.auth.permissions import PERMISSIONS
from display.auth.visitor import Principal, Visitors, csrf_of
from display.feed.cards import visit_now
from display.pages.alarm_health import AlarmHealth, Health, lines_of, origin_rows
from display.pages.map import BaseMap
from display.pages.page import asks_for_past, closed_page, json_in_script, language_of, page, page_context
from liveroom.accounts.users import plain
from liveroom.city.city import City
from liveroom.domain.alarms.model import AlarmRules
from liveroom.domain.alarms.records import RECORDS
from liveroom.domain.complaints.commands import SPECS
from liveroom.domain.fields import given_by
from liveroom.domain.requests import OF_AGENCIES, OF_PEOPLE, Role
from liveroom.domain.room import GUESTS_SCENE, ROOM_SPECS, SCENES
from liveroom.log.engine import Unavailable
from liveroom.room.room import Room
from liveroom.runtime.language import text


def duty_desk_blueprint(room: Room, base_map: Callable[[], BaseMap], build: str, visitors: Visitors) -> Blueprint:
    """``/desk``, for whoever may give commands."""
    desk = Blueprint("duty_desk", __name__)

    @desk.before_request
    def refuse_others() -> Response | None:
        return None if visitors.may_use_desk(request) else closed_page(room.city, "desk", 403)

    @desk.get("/desk", endpoint="desk")
    def duty_desk() -> Response:
        # A past moment is another page, on which nothing gives a command.
        template = "desk_recorded.html" if asks_for_past() else "desk.html"
        return page(template, _desk_context(room, base_map(), build))

    return desk


def _desk_context(room: Room, base: BaseMap, build: str) -> Mapping[str, object]:
    language = language_of(room.city)
    city = room.city.client_data(language) | {"attribution": base.whose(language)}
    facts = {**_handlers_json(room.city), "told": _offices_json(room.city, language), "commands": _commands_json()}
    return {
        **page_context(room, build),
        "city_json": json_in_script(city),
        "desk_json": json_in_script(facts),
        "map_id": base.map_id,
        "map_script": base.script,
        "map_archive": base.archive,
        "map_reader": base.reader,
    }


def _commands_json() -> Mapping[str, object]:
    """By role at a desk (an admin acts as a supervisor), the commands that it gives on complaints and on the room."""
    return {
        role.value: {"complaint": given_by(SPECS, role), "room": given_by(ROOM_SPECS, role)}
        for role in (Role.DUTY, Role.SUPERVISOR)
    }


def _offices_json(city: City, language: str) -> Mapping[str, str]:
    """The offices to which overdue complaints are escalated: name by the key in the history (``office:KEY``)."""
    return {f"office:{key}": one.name_in(language) for key, one in city.recipients.items()}


def _handlers_json(city: City) -> Mapping[str, object]:
    """``agencies`` and ``outside``: keys; ``usual``: agency by category (None: the office of the area's district);
    ``offices``: by area code; ``may_be``: by category, the outside bodies it may belong to instead."""
    return {
        "agencies": list(city.agencies),
        "outside": list(city.outside),
        "usual": {key: category.agency for key, category in city.categories.items()},
        "offices": dict(city.policy.areas),
        "may_be": {key: list(category.outside) for key, category in city.categories.items() if category.outside},
    }


# ---- alarms ----

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


def alarm_desk_blueprint(room: Room, health: AlarmHealth, build: str) -> Blueprint:
    """``/desk/alarms`` and ``/desk/alarms/health``."""
    desk = Blueprint("alarm_desk", __name__, url_prefix="/desk")
    _add_health(desk, room, health)
    desk.add_url_rule("/alarms", "alarms", lambda: page("desk_alarms.html", _alarm_context(room, build)))
    return desk


def _alarm_context(room: Room, build: str) -> Mapping[str, object]:
    records = _records_in(language_of(room.city))
    facts = {"records": records, "limits": _limits(room.rules), "commands": _commands_json()}
    scenes = {"scenes": SCENES, "guests_scene": GUESTS_SCENE}
    return {**page_context(room, build), "desk_json": json_in_script(facts), **scenes}


def _add_health(desk: Blueprint, room: Room, health: AlarmHealth) -> None:
    @desk.get("/alarms/health")
    def alarm_health() -> Response:
        try:
            guests = {"guests": room.log.read(visit_now) is not None}
            return page(
                "alarm_health.html", guests | _health_context(health.now(), room.city, drill=room.kind == "drill")
            )
        except Unavailable:
            return closed_page(room.city, "away", 503)


def _health_context(health: Health, city: City, *, drill: bool) -> dict[str, object]:
    language = language_of(city)
    records = _records_in(language)
    stale = [
        {
            "kind": records[one.kind.value]["name"],
            "about": one.source or one.agency or "–",
            "since": f"{one.raised_at.astimezone(city.zone):%d.%m. %H.%M}" if one.raised_at else "–",
            "owner": one.owner or one.acked_by,
        }
        for one in health.stale
    ]
    return {
        "lang": language,
        "city": city,
        "drill": drill,
        "health": health,
        "since": f"{health.since.astimezone(city.zone):%d.%m.%Y %H.%M}",
        "lines": lines_of(health, city, language),
        "origins": origin_rows(health, city, language),
        "stale": stale,
    }


def _records_in(language: str) -> Mapping[str, Mapping[str, str]]:
    """By kind: name, cause, consequence, action, time to respond and owner, in one language. Rule: CR-05."""
    return {kind: {name: text(key, language) for name, key in record.keys.items()} for kind, record in RECORDS.items()}


def _limits(rules: AlarmRules) -> Mapping[str, object]:
    """The longest shelf in minutes by priority (CR-21), the longest suppression or review in days (CR-22)."""
    shelve = {str(priority): longest // _MINUTE for priority, longest in rules.shelve_longest.items()}
    return {"shelve": shelve, "days": min(rules.suppress_longest, rules.review_within) // _DAY}


# ---- the header above every desk: links that this visitor may open, who is logged in, log-out ----

# Path, and the key of its name.
_LINKS = (
    ("/desk", "page.header.queue"),
    ("/desk/alarms", "page.header.alarms"),
    ("/desk/alarms/health", "page.header.alarm_health"),
    ("/desk/outbox", "page.header.outbox"),
    ("/desk/screens", "page.header.screens"),
    ("/desk/sources", "page.header.sources"),
    ("/desk/import", "page.header.import"),
    ("/desk/people", "page.header.people"),
    ("/agency", "page.header.agency"),
    ("/lead", "page.header.lead"),
    ("/evaluation", "page.header.evaluation"),
)


def add_desk_header(app: Flask, visitors: Visitors) -> None:
    """Let templates include ``_desk_header.html``, whose element ``#who`` tells scripts who is logged in."""

    def header(lang: str) -> Mapping[str, object]:
        principal = visitors.principal(request, {})
        return {
            "links": [(path, text(key, lang)) for path, key in _LINKS if _may_open(app, path, principal)],
            "here": request.path,
            "who": _person_json(principal),
            "role": text(f"page.role.{principal.who.role}", lang) if principal.who else "",
            "who_json": json_in_script(_person_json(principal)),
            "session": principal.session is not None,
            "trusts": visitors.trusts_by_address,
        }

    app.context_processor(lambda: {"desk_header": header})


def _person_json(principal: Principal) -> dict[str, str | None] | None:
    """``{actor, name, role, agency, csrf}`` of whoever is logged in, for a page's script; None without a log-in."""
    who = principal.who
    if who is None:
        return None
    csrf = csrf_of(principal.session) if principal.session is not None else ""
    return {**plain(who), "csrf": csrf}


def _may_open(app: Flask, path: str, principal: Principal) -> bool:
    """Whether the page exists and is open to this visitor."""
    with suppress(HTTPException):
        endpoint, _ = app.url_map.bind("").match(path, "GET")
        return endpoint in PERMISSIONS and principal.among(PERMISSIONS[endpoint].kinds)
    return False


# ---- outbox, screens, sources, people: pages whose lists come from the API ----


def outbox_page_blueprint(room: Room, build: str) -> Blueprint:
    """``/desk/outbox``; its list comes from ``/api/v1/outbox``."""
    outbox = Blueprint("outbox_page", __name__, url_prefix="/desk")
    outbox.add_url_rule("/outbox", "outbox_desk", lambda: page("desk_outbox.html", page_context(room, build)))
    return outbox


def screens_page_blueprint(room: Room, build: str) -> Blueprint:
    """``/desk/screens``; its list comes from ``/api/v1/screens``."""
    screens = Blueprint("screens_page", __name__, url_prefix="/desk")
    shown = {"scenes": SCENES}
    screens.add_url_rule("/screens", "screens", lambda: page("desk_screens.html", page_context(room, build) | shown))
    return screens


def sources_page_blueprint(room: Room, build: str) -> Blueprint:
    """``/desk/sources``; its list comes from ``/api/v1/sources``."""
    sources = Blueprint("sources_page", __name__, url_prefix="/desk")
    sources.add_url_rule("/sources", "sources", lambda: page("desk_sources.html", page_context(room, build)))
    return sources


def import_page_blueprint(room: Room, build: str) -> Blueprint:
    """``/desk/import``; files go to ``/api/v1/imports``."""
    imports = Blueprint("import_page", __name__, url_prefix="/desk")
    imports.add_url_rule("/import", "imports", lambda: page("desk_import.html", page_context(room, build)))
    return imports


def users_page_blueprint(room: Room, build: str) -> Blueprint:
    """``/desk/people``; its list comes from ``/api/v1/people``."""
    users = Blueprint("users_page", __name__, url_prefix="/desk")

    @users.get("/people")
    def people() -> Response:
        agencies = sorted((one.name, key) for key, one in room.city.agencies.items())
        roles = {role.value: role in OF_AGENCIES for role in OF_PEOPLE}
        return page("desk_people.html", {**page_context(room, build), "agencies": agencies, "roles": roles})

    return users
