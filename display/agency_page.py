"""An agency's own page: its work on its own feed. On trusted loopback of a drill it is opened by ``?as=KEY``."""

from collections.abc import Mapping

from flask import Blueprint, Response, request
from markupsafe import Markup

from display.pages import in_script, language_of, page
from display.trust import Visitors
from liveroom.accounts.users import Who
from liveroom.domain.requests import OF_AGENCIES, Role
from liveroom.room.room import Room


def agency_page_blueprint(room: Room, build: str, visitors: Visitors) -> Blueprint:
    """``/agency``, for people of an agency; display/permissions.py keeps everybody else out."""
    blueprint = Blueprint("agency_page", __name__)

    def show() -> Response:
        who = visitors.who(request) or _chosen(room)
        if who is None or who.agency is None:
            return page("agency_choice.html", _choice(room))
        return page("agency.html", {**context_of(room, build), "agency_json": in_page(facts(room, who))})

    blueprint.add_url_rule("/agency", "agency", show)
    return blueprint


def _chosen(room: Room) -> Who | None:
    """Whom this machine plays in a drill: an officer, or with ``&role=agency_head`` the head, of the agency named."""
    agency, role = request.args.get("as", ""), request.args.get("role", Role.AGENCY.value)
    if agency not in room.city.policy.agencies or role not in {one.value for one in OF_AGENCIES}:
        return None
    return Who(actor=f"{agency}:{role}", name="", role=Role(role), agency=agency)


def context_of(room: Room, build: str) -> Mapping[str, object]:
    """What both pages of an agency need of the city."""
    language = language_of(room.city)
    return {
        "lang": language,
        "city": room.city,
        "city_json": in_page(room.city.client_data(language)),
        "drill": room.kind == "drill",
        "build": build,
    }


def facts(room: Room, who: Who) -> Mapping[str, object]:
    """Whose page it is, and whether a question to the citizen stops the clock here."""
    return {
        "agency": who.agency,
        "role": who.role.value,
        "actor": who.actor,
        "stops": "citizen" in room.city.policy.pauses,
    }


def in_page(value: object) -> Markup:
    """JSON for a script element."""
    return Markup(in_script(value))


def _choice(room: Room) -> Mapping[str, object]:
    agencies = sorted((agency.short, agency.name, key) for key, agency in room.city.agencies.items())
    return {"lang": language_of(room.city), "city": room.city, "agencies": agencies, "drill": room.kind == "drill"}
