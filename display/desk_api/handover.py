"""GET /api/v1/handover: what a shift leaves to the next one. It is offered and taken by orders about the room."""

from typing import Any

from flask import Blueprint, Response

from display.desk_api.answers import answered, told
from display.feed.cards import Cards
from liveroom.domain.events import Logged
from liveroom.domain.timestamps import to_text
from liveroom.room.commands.desk import Shift, shift
from liveroom.room.room import Room


def handover_blueprint(room: Room) -> Blueprint:
    """The blueprint; docs/desk-api.md."""
    blueprint, cards = Blueprint("handover", __name__), Cards(room.city.policy, "desk")

    def look() -> Response:
        return told(_told(shift(room.log), cards))

    blueprint.add_url_rule("/api/v1/handover", "look", answered(cards)(look), methods=["GET"])
    return blueprint


def _told(found: Shift, cards: Cards) -> dict[str, Any]:
    taken = found.confirmed if _taken(found) else None
    return {
        "now": to_text(found.now),
        "state": "none" if found.offered is None else "confirmed" if taken is not None else "offered",
        "since": to_text(found.confirmed.event.at) if found.confirmed is not None else None,
        "on_duty": found.confirmed.actor if found.confirmed is not None else None,
        "offered": _offer(found.offered, found.note) if found.offered is not None else None,
        "confirmed": {"by": taken.actor, "at": to_text(taken.event.at)} if taken is not None else None,
        "alarms": [cards.of_alarm(alarm) for alarm in found.alarms],
        "counts": {**found.counts, "alarms": len(found.alarms)},
        "names": found.names,
        "colleagues": [{"actor": who.actor, "name": who.name} for who in found.colleagues],
    }


def _taken(found: Shift) -> bool:
    return found.offered is not None and found.confirmed is not None and found.confirmed.seq > found.offered.seq


def _offer(offered: Logged, note: str | None) -> dict[str, Any]:
    payload = offered.event.payload
    told_of = {name: payload[name] for name in ("to", "alarms", "counts")}
    return {"by": offered.actor, "at": to_text(offered.event.at), "note": note, **told_of}
