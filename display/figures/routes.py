"""``GET /feed/figures?scene=``: one figure for one audience."""

from collections.abc import Callable

import msgspec
from flask import Blueprint, Response, request

from display.feed.audiences import agency_of
from display.feed.identity import Identity
from display.figures.built import SCENES, Figures
from liveroom.city.city import City
from liveroom.log.book import Log, Unavailable
from liveroom.problems import problem


def figures_blueprint(
    log: Log, city: City, identity: Identity, audience_of_request: Callable[[], str | None]
) -> Blueprint:
    """The blueprint of docs/figures.md; ``audience_of_request`` is None for one without a credential."""
    figures = Figures(log, city)
    blueprint = Blueprint("figures", __name__)
    blueprint.add_url_rule(
        "/feed/figures", "figures", lambda: _answer(figures, identity, audience_of_request(), request.args.get("scene"))
    )
    return blueprint


def _answer(figures: Figures, identity: Identity, audience: str | None, scene: str | None) -> Response:
    if audience is None:
        return problem(401, "unauthorized", "a token is needed")
    if agency_of(audience) is not None:
        return problem(403, "role", "figures are about all agencies")
    if scene not in SCENES:
        return problem(422, "field", f"one of {', '.join(SCENES)}", "scene")
    try:
        built = figures.of(scene)
        shown, more = figures.beside(audience, scene)
    except Unavailable:
        return problem(503, "unavailable", "the database does not answer", retry_after=1)
    head = {"epoch": identity.epoch(built.epoch, shown), "seq": built.seq, "at": built.at, "scene": scene}
    body = msgspec.json.encode(head | built.figure | more)
    return Response(body, content_type="application/json", headers={"Cache-Control": "no-store"})
