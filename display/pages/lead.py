"""``/lead``, the page of heads of agencies and of leadership up to the Mayor, one complaint as they read it, and
``/evaluation``, the page on which they and supervisors evaluate a period.

Whoever asks, the complaint has no person and no words of private matters. On trusted loopback this is leadership, with
``?as=KEY`` the head of that agency.
"""

from collections.abc import Mapping
from functools import cache

from flask import Blueprint, Response, request

from display.api.complaints import complaint_json, refuse_other_agencies
from display.api.responses import handle_errors, json_response
from display.auth.visitor import Visitors
from display.feed.cards import cards_of
from display.pages.agency import agency_facts
from display.pages.page import json_in_script, language_of, page, page_context
from liveroom.accounts.sources import all_sources
from liveroom.accounts.users import AT_DESKS, Person
from liveroom.city.city import City
from liveroom.city.outline_paths import outline_paths
from liveroom.city.sheet import in_language
from liveroom.domain.requests import OF_AGENCIES, Role
from liveroom.projection.complaints import detail
from liveroom.projection.stay_counts import Cut
from liveroom.room.room import Room

# Percent of the limit: escalation steps above it concern overdue complaints.
_ALLOWED_TIME = 100


def lead_blueprint(room: Room, build: str, visitors: Visitors) -> Blueprint:
    """``/lead`` and ``GET /api/v1/lead/complaints/ID``; docs/lead.md."""
    blueprint = Blueprint("lead", __name__)
    cards = cards_of(room.city.policy)
    # Drawn when somebody first looks: a start need not wait for it.
    outlines = cache(lambda: json_in_script(outline_paths(room.city)))

    def show() -> Response:
        who = _reader(room, visitors)
        facts = {
            **agency_facts(room, who),
            "agency": who.agency or "",
            "audience": who.audience,
            "agencies": list(room.city.policy.agencies),
            "reached": _told_at(room.city, who),
            "phones": {} if who.agency else _phones(room.city),
        }
        context = {"agency_json": json_in_script(facts), "outlines_json": outlines()}
        return page("lead.html", {**page_context(room, build), **context})

    def read(subject: str) -> Response:
        who = _reader(room, visitors)
        found = detail(room.log, room.city, subject, people=False)
        refuse_other_agencies(found.complaint, who)
        return json_response(_without_claim(complaint_json(found, who, cards[who.audience], room.city)))

    blueprint.add_url_rule("/lead", "lead", show)
    handled = handle_errors(cards["lead"])
    blueprint.add_url_rule("/api/v1/lead/complaints/<subject>", "whole", handled(read), methods=["GET"])
    return blueprint


def evaluation_page_blueprint(room: Room, build: str, visitors: Visitors) -> Blueprint:
    """``/evaluation``; its numbers come from ``/api/v1/evaluation`` (docs/evaluation.md)."""
    blueprint = Blueprint("evaluation_page", __name__)

    def show() -> Response:
        who, language = _reader(room, visitors), language_of(room.city)
        named = visitors.who(request)
        facts = {
            "today": room.now().astimezone(room.city.zone).date().isoformat(),
            "agency": who.agency or "",
            "opens": "/desk?id=" if named is not None and named.role in AT_DESKS else "/lead?open=",
            "cuts": [cut.value for cut in Cut if cut is not Cut.AGENCY or not who.agency],
            # On trusted loopback a request says who reads.
            "asks": {"role": who.role.value, **({"actor_agency": who.agency} if who.agency else {})},
            "classes": {key: in_language(language, one.label, one.labels) for key, one in room.city.classes.items()},
            "sources": room.log.read(lambda c: {one.source.id: one.source.name for one in all_sources(c)}),
        }
        return page("evaluation.html", {**page_context(room, build), "evaluation_json": json_in_script(facts)})

    blueprint.add_url_rule("/evaluation", "page", show)
    return blueprint


def _reader(room: Room, visitors: Visitors) -> Person:
    """Whoever is logged in, as leadership unless they belong to an agency."""
    who = visitors.who(request)
    agency = request.args.get("as", "")
    if who is None and agency in room.city.policy.agencies:
        return Person(actor=f"{agency}:agency_head", name="", role=Role.AGENCY_HEAD, agency=agency)
    if who is None:
        return Person(actor="leadership", name="", role=Role.LEADERSHIP)
    return who if who.role in OF_AGENCIES else Person(actor=who.actor, name=who.name, role=Role.LEADERSHIP)


def _told_at(city: City, who: Person) -> int:
    """The percent of the time allowed at which this reader is told that a complaint is late; 0: nobody tells them.

    Whoever reads for the whole city is told at the first step above the heads of agencies: an account does not say
    which of those offices it holds.
    """
    own = Role.AGENCY_HEAD.value
    steps = [step for step in city.escalation if step.percent > _ALLOWED_TIME and (step.key == own) == bool(who.agency)]
    return steps[0].percent if steps else 0


def _phones(city: City) -> dict[str, str]:
    """By which number leadership reaches each agency."""
    found = {key: agency.phone or agency.on_call for key, agency in city.agencies.items()}
    return {key: number for key, number in found.items() if number}


def _without_claim(answer: dict[str, object]) -> Mapping[str, object]:
    """Who has claimed a complaint concerns the desk alone."""
    return {**answer, "claimed": None}
