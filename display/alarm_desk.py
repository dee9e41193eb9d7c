"""The alarm desk's page: beside the feed it needs the record of every type of alarm and the limits of each silence."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

from flask import Blueprint, Response, request
from markupsafe import Markup

from display.alarm_health import AlarmHealth, Health
from display.alarm_health_page import WORDS, lines_of, origin_rows
from display.feed.guests import visit_now
from display.pages import closed, in_script, language_of, page
from liveroom.city.city import City
from liveroom.domain.alarms.model import AlarmRules
from liveroom.domain.alarms.records import RECORDS, Words
from liveroom.log.engine import Unavailable
from liveroom.room.room import Room

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TOLD = ("name", "cause", "consequence", "action", "respond", "owner")


def alarm_desk_blueprint(room: Room, build: str) -> Blueprint:
    """``/desk/alarms`` and ``/desk/alarms/health``, for whoever display/permissions.py lets in."""
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
        "words": WORDS[language],
        "health": health,
        "since": f"{health.since.astimezone(city.zone):%d.%m.%Y %H.%M}",
        "lines": lines_of(health, city, language),
        "origins": origin_rows(health, city, language),
        "stale": stale,
    }


def records_in(language: str) -> Mapping[str, Mapping[str, str]]:
    """By kind: name, cause, consequence, action, time to respond and owner, in one language. Rule: CR-05."""

    def spoken(words: Words) -> str:
        return words.en if language == "en" else words.id

    return {kind: {name: spoken(getattr(record, name)) for name in TOLD} for kind, record in RECORDS.items()}


def limits(rules: AlarmRules) -> Mapping[str, object]:
    """The longest shelf in minutes by priority (CR-21), the longest suppression or review in days (CR-22)."""
    shelve = {str(priority): longest // MINUTE for priority, longest in rules.shelve_longest.items()}
    return {"shelve": shelve, "days": min(rules.suppress_longest, rules.review_within) // DAY}
