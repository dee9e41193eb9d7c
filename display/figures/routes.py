"""``GET /feed/figures?scene=``: one figure for one audience."""

from collections.abc import Callable

import msgspec
from flask import Blueprint, Response, request

from display.feed.audiences import agency_of
from display.feed.identity import Identity
from display.figures.built import SCENES, Figures
from display.figures.leading import LEAD, answer_list, share_of
from liveroom.city.city import City
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import Log
from liveroom.runtime.http_input import problem


def figures_blueprint(
    log: Log, city: City, identity: Identity, audience_of_request: Callable[[], str | None]
) -> Blueprint:
    """The blueprint of docs/figures.md; ``audience_of_request`` is None for one without a credential."""
    figures = Figures(log, city)
    blueprint = Blueprint("figures", __name__)
    blueprint.add_url_rule("/feed/figures", "figures", lambda: _answer(log, figures, identity, audience_of_request()))
    blueprint.add_url_rule(
        "/feed/figures/list", "list", lambda: answer_list(figures, city, audience_of_request(), request)
    )
    return blueprint


def _answer(log: Log, figures: Figures, identity: Identity, audience: str | None) -> Response:
    scene = request.args.get("scene")
    if audience is None:
        return problem(401, "unauthorized", "a token is needed")
    if scene not in SCENES:
        return problem(422, "field", f"one of {', '.join(SCENES)}", "scene")
    if agency_of(audience) is not None and scene != LEAD:
        return problem(403, "role", "figures are about all agencies")
    try:
        built = figures.of(scene)
        shown, more = figures.beside(audience, scene)
        figure = built.figure if scene != LEAD else share_of(built.figure, audience, log)
    except Unavailable:
        return problem(503, "unavailable", "the database does not answer", retry_after=1)
    head = {"epoch": identity.epoch(built.epoch, shown), "seq": built.seq, "at": built.at, "scene": scene}
    body = msgspec.json.encode(head | figure | more)
    return Response(body, content_type="application/json", headers={"Cache-Control": "no-store"})
