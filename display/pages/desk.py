"""/desk, /desk/alarms, outbox, screens, people."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from flask import Blueprint, Flask, Response, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from display.auth.permissions import PERMISSIONS
from display.auth.visitor import Principal, Visitors, csrf_of
from display.feed.cards import visit_now
from display.pages.alarm_health import HEALTH_WORDS, AlarmHealth, Health, lines_of, origin_rows
from display.pages.map import BaseMap
from display.pages.wall import closed, in_script, language_of, page
from liveroom.accounts.users import plain
from liveroom.city.city import City
from liveroom.domain.alarms.model import AlarmRules
from liveroom.domain.alarms.records import RECORDS, RecordWords
from liveroom.log.engine import Unavailable
from liveroom.room.room import Room

# The duty desk's page: beside the feed it needs the map, who usually handles what, and which agencies there are.


def duty_desk_blueprint(room: Room, base_map: Callable[[], BaseMap], build: str, visitors: Visitors) -> Blueprint:
    """``/desk``, for whoever may give commands; a wall may not."""
    desk = Blueprint("duty_desk", __name__)

    @desk.before_request
    def only_here() -> Response | None:
        return None if visitors.may_act(request) else closed(room.city, "desk", 403)

    desk.add_url_rule("/desk", "desk", lambda: page("desk.html", _desk_context(room, base_map(), build)))
    return desk


def _desk_context(room: Room, drawn: BaseMap, build: str) -> Mapping[str, object]:
    language = language_of(room.city)
    city = room.city.client_data(language) | {"attribution": drawn.whose(language)}
    return {
        "lang": language,
        "city": room.city,
        "city_json": Markup(in_script(city)),
        "desk_json": Markup(in_script({**who_handles(room.city), "told": offices_json(room.city, language)})),
        "map_id": drawn.map_id,
        "map_script": drawn.script,
        "map_archive": drawn.archive,
        "map_reader": drawn.reader,
        "drill": room.kind == "drill",
        "build": build,
    }


def offices_json(city: City, language: str) -> Mapping[str, str]:
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


# The alarm desk's page: beside the feed it needs the record of every type of alarm and the limits of each silence.

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TOLD = ("name", "cause", "consequence", "action", "respond", "owner")


def alarm_desk_blueprint(room: Room, build: str) -> Blueprint:
    """``/desk/alarms`` and ``/desk/alarms/health``, for whoever display/auth/permissions.py lets in."""
    desk = Blueprint("alarm_desk", __name__, url_prefix="/desk")
    health = AlarmHealth(room)
    _offer_health(desk, room, health)

    desk.add_url_rule("/alarms", "alarms", lambda: _desk_page(room, build))
    return desk


def _desk_page(room: Room, build: str) -> Response:
    language = language_of(room.city)
    facts = {"records": records_in(language), "limits": limits(room.rules)}
    context = {
        "lang": language,
        "city": room.city,
        "city_json": Markup(in_script(room.city.client_data(language))),
        "desk_json": Markup(in_script(facts)),
        "drill": room.kind == "drill",
        "build": build,
    }
    return page("desk_alarms.html", context)


def _offer_health(desk: Blueprint, room: Room, health: AlarmHealth) -> None:
    @desk.before_app_request
    def measure() -> None:
        if request.path == "/metrics":
            # A database that is away leaves the last figures.
            with suppress(Unavailable):
                health.now()

    @desk.get("/alarms/health")
    def alarm_health() -> Response:
        try:
            guests = {"guests": room.log.read(visit_now) is not None}
            return page("alarm_health.html", guests | _health(health.now(), room.city, drill=room.kind == "drill"))
        except Unavailable:
            return closed(room.city, "away", 503)


def _health(health: Health, city: City, *, drill: bool) -> dict[str, object]:
    language = "en" if language_of(city) == "en" else "id"
    records = records_in(language)
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
        "words": HEALTH_WORDS[language],
        "health": health,
        "since": f"{health.since.astimezone(city.zone):%d.%m.%Y %H.%M}",
        "lines": lines_of(health, city, language),
        "origins": origin_rows(health, city, language),
        "stale": stale,
    }


def records_in(language: str) -> Mapping[str, Mapping[str, str]]:
    """By kind: name, cause, consequence, action, time to respond and owner, in one language. Rule: CR-05."""

    def spoken(words: RecordWords) -> str:
        return words.en if language == "en" else words.id

    return {kind: {name: spoken(getattr(record, name)) for name in TOLD} for kind, record in RECORDS.items()}


def limits(rules: AlarmRules) -> Mapping[str, object]:
    """The longest shelf in minutes by priority (CR-21), the longest suppression or review in days (CR-22)."""
    shelve = {str(priority): longest // MINUTE for priority, longest in rules.shelve_longest.items()}
    return {"shelve": shelve, "days": min(rules.suppress_longest, rules.review_within) // DAY}


# What stands above every desk: the ways to the others that this visitor may go, who is logged in, and the way out.

LINKS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("/desk", {"id": "Antrean", "en": "Queue"}),
    ("/desk/alarms", {"id": "Alarm", "en": "Alarms"}),
    ("/desk/alarms/health", {"id": "Kesehatan alarm", "en": "Alarm health"}),
    ("/desk/outbox", {"id": "Penerusan", "en": "Outbox"}),
    ("/desk/screens", {"id": "Layar", "en": "Screens"}),
    ("/desk/people", {"id": "Pengguna", "en": "People"}),
    ("/agency", {"id": "Pekerjaan", "en": "Work"}),
    ("/lead", {"id": "Pimpinan", "en": "Leadership"}),
)
WORDS: Mapping[str, Mapping[str, str]] = {
    "id": {
        "nav": "Halaman",
        "log_in": "Masuk",
        "log_out": "Keluar",
        "trusts": "Loopback dipercaya tanpa masuk",
        "account": "Akun Anda",
        "duty": "petugas jaga",
        "supervisor": "kepala regu",
        "agency": "petugas OPD",
        "agency_head": "kepala OPD",
        "leadership": "pimpinan",
        "admin": "admin",
    },
    "en": {
        "nav": "Pages",
        "log_in": "Log in",
        "log_out": "Log out",
        "trusts": "Loopback is trusted without a log-in",
        "account": "Your account",
        "duty": "duty officer",
        "supervisor": "supervisor",
        "agency": "agency officer",
        "agency_head": "agency head",
        "leadership": "leadership",
        "admin": "admin",
    },
}


def offer_header(app: Flask, visitors: Visitors) -> None:
    """Let templates include ``_desk_header.html``, and scripts read who acts from its ``#who``."""

    def header(lang: str) -> Mapping[str, object]:
        standing = visitors.standing(request, {})
        spoken = "en" if lang == "en" else "id"
        words = WORDS[spoken]
        told = person_json(standing)
        return {
            "words": words,
            "links": [(path, names[spoken]) for path, names in LINKS if _open(app, path, standing)],
            "here": request.path,
            "who": told,
            "role": words[standing.who.role.value] if standing.who else "",
            "who_json": Markup(in_script(told)),
            "session": standing.session is not None,
            "trusts": visitors.trusts_by_address,
        }

    app.context_processor(lambda: {"desk_header": header})


def person_json(standing: Principal) -> dict[str, str | None] | None:
    """``{actor, name, role, agency, csrf}`` of whoever is logged in, for a page's script; None without."""
    who = standing.who
    if who is None:
        return None
    csrf = csrf_of(standing.session) if standing.session is not None else ""
    return {**plain(who), "csrf": csrf}


def _open(app: Flask, path: str, standing: Principal) -> bool:
    """Whether there is such a page, and for this visitor."""
    with suppress(HTTPException):
        endpoint, _ = app.url_map.bind("").match(path, "GET")
        return endpoint in PERMISSIONS and standing.among(PERMISSIONS[endpoint].kinds)
    return False


# The page of the outbox: what does not get through and why, and what a supervisor does about it.


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


# The page of screens: what each shows, which is dark, and how a new one is let in.


def screens_page_blueprint(room: Room, build: str) -> Blueprint:
    """``/desk/screens``; what it lists comes from ``/api/v1/screens``."""
    screens = Blueprint("screens_page", __name__, url_prefix="/desk")
    screens.add_url_rule("/screens", "screens", lambda: page("desk_screens.html", _screens_context(room, build)))
    return screens


def _screens_context(room: Room, build: str) -> Mapping[str, object]:
    language = language_of(room.city)
    return {
        "lang": language,
        "city": room.city,
        "city_json": Markup(in_script(room.city.client_data(language))),
        "drill": room.kind == "drill",
        "build": build,
    }


# The page of people: who may log in and as what, and what an admin does about it.


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
