"""The page of heads of agencies and of leadership up to the Mayor, and one complaint as they read it: no person in it,
no words of private matters, whoever asks. In a drill this machine is leadership, by ``?as=KEY`` the head of an agency.
"""

from collections.abc import Mapping

from flask import Blueprint, Response, request

from display.api.complaints import refuse_others, whole
from display.api.responses import handle_errors, json_response
from display.auth.visitor import Visitors
from display.feed.cards import cards_of
from display.pages.agency import context_of, facts, in_page
from display.pages.wall import page
from liveroom.accounts.users import Person
from liveroom.domain.requests import OF_AGENCIES, Role
from liveroom.projection.complaints import detail
from liveroom.room.room import Room


def lead_blueprint(room: Room, build: str, visitors: Visitors) -> Blueprint:
    """``/lead`` and ``GET /api/v1/lead/complaints/ID``; docs/lead.md."""
    blueprint = Blueprint("lead", __name__)
    cards = cards_of(room.city.policy)

    def show() -> Response:
        who = _asker(room, visitors)
        agencies = {"agencies": list(room.city.policy.agencies)}
        told_page = {**facts(room, who), "agency": who.agency or "", "audience": who.audience, **agencies}
        return page("lead.html", {**context_of(room, build), "agency_json": in_page(told_page)})

    def read(subject: str) -> Response:
        who = _asker(room, visitors)
        found = detail(room.log, room.city, subject, people=False)
        refuse_others(found.complaint, who)
        return json_response(_nameless(whole(found, who, cards[who.audience], room.city)))

    blueprint.add_url_rule("/lead", "lead", show)
    safely = handle_errors(cards["lead"])
    blueprint.add_url_rule("/api/v1/lead/complaints/<subject>", "whole", safely(read), methods=["GET"])
    return blueprint


def _asker(room: Room, visitors: Visitors) -> Person:
    """Whoever is logged in, reading as leadership does unless they head an agency."""
    who = visitors.who(request)
    agency = request.args.get("as", "")
    if who is None and agency in room.city.policy.agencies:
        return Person(actor=f"{agency}:agency_head", name="", role=Role.AGENCY_HEAD, agency=agency)
    if who is None:
        return Person(actor="leadership", name="", role=Role.LEADERSHIP)
    return who if who.role in OF_AGENCIES else Person(actor=who.actor, name=who.name, role=Role.LEADERSHIP)


def _nameless(answer: dict[str, object]) -> Mapping[str, object]:
    """Who looks into it is the desk's own matter."""
    return {**answer, "claimed": None}
