"""GET /api/v1/complaints/ID/suggestions: what the room would say, with the words that made it say so."""

from typing import Any

from flask import Blueprint, Response

from display.desk_api.answers import answered, told
from display.feed.cards import Cards
from liveroom.domain.complaints.model import Complaint
from liveroom.projection.similar import Alike, Suggesting, Suggestions
from liveroom.room.room import Room

# From here on two complaints are probably about one thing.
ONE_THING = 0.6


def suggestions_blueprint(room: Room) -> Blueprint:
    """The blueprint; docs/desk-api.md."""
    blueprint, cards = Blueprint("suggestions", __name__), Cards(room.city.policy, "desk")
    suggesting = Suggesting(room.log, room.city)

    def suggest(subject: str) -> Response:
        return told(_told(suggesting.for_(subject), cards))

    path = "/api/v1/complaints/<subject>/suggestions"
    blueprint.add_url_rule(path, "suggest", answered(cards)(suggest), methods=["GET"])
    return blueprint


def _told(found: Suggestions, cards: Cards) -> dict[str, Any]:
    place = found.place
    return {
        "categories": [{"key": h.key, "score": h.score, "because": list(h.because)} for h in found.categories],
        "agency": found.agency,
        "area": found.area,
        "place": {"lat": place[0], "lon": place[1]} if place is not None else None,
        "similar": [_similar(found.complaint, one, cards) for one in found.similar],
    }


def _similar(complaint: Complaint, one: Alike, cards: Cards) -> dict[str, Any]:
    return {
        "id": one.complaint.id,
        "card": cards.of(one.complaint),
        "metres": one.metres,
        "minutes": one.minutes,
        "score": one.score,
        "merge": one.score >= ONE_THING and complaint.open and one.complaint.drill == complaint.drill,
    }
