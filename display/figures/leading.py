"""What each audience gets of leadership's figure, and ``GET /feed/figures/list``: the complaints behind its numbers."""

from typing import Any

import msgspec
from flask import Request, Response

from display.feed.audiences import agency_of
from display.feed.cards import Cards
from display.figures.built import Figures
from display.figures.lead import of_agency
from display.figures.listed import LISTS
from liveroom.city.city import City
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import Log
from liveroom.projection import complaints
from liveroom.runtime.http_input import problem

LEAD = "lead"
FARTHEST = 1_000_000


def share_of(figure: dict[str, Any], audience: str, log: Log) -> dict[str, Any]:
    """All of it, or for an agency its own row and its own questions. Raises Unavailable."""
    agency = agency_of(audience)
    if agency is None:
        return figure
    asked = tuple(row["id"] for row in figure["asked"]["rows"])
    own = {one.id for one in log.read(lambda c: complaints.complaints(c, asked)) if agency in one.agencies}
    return of_agency(figure, agency, own.__contains__)


def answer_list(figures: Figures, city: City, audience: str | None, asked: Request) -> Response:
    """``{seq, what, n, items: [card], next}``, cards masked as leadership's own; an agency gets its own."""
    if audience is None:
        return problem(401, "unauthorized", "a token is needed")
    what, own = asked.args.get("what", ""), agency_of(audience)
    agency = own if own is not None else asked.args.get("agency")
    if what not in LISTS:
        return problem(422, "field", f"one of {', '.join(LISTS)}", "what")
    if agency is not None and len(agency) > 64:
        return problem(422, "field", "is no key of an agency", "agency")
    after = asked.args.get("after", "0")
    if not after.isascii() or not after.isdecimal() or int(after[:8]) > FARTHEST:
        return problem(422, "field", "is no place in the list", "after")
    try:
        head, found = figures.listed(what, agency, int(after[:8]))
    except Unavailable:
        return problem(503, "unavailable", "the database does not answer", retry_after=1)
    cards = Cards(city.policy, LEAD if own is None else audience)
    items = [cards.of(one) for one in found.complaints if own is None or own in one.agencies]
    body = {"seq": head.seq, "what": what, "n": found.n, "items": items, "next": found.next}
    return Response(msgspec.json.encode(body), content_type="application/json", headers={"Cache-Control": "no-store"})
