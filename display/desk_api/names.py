"""GET /api/v1/names: what people are called whose keys the feed, a history or a refusal gives; for desks alone."""

from flask import Blueprint, Response, request

from display.desk_api.answers import answered, told
from display.feed.cards import Cards
from liveroom.accounts.users import names_of
from liveroom.domain.requests import Malformed
from liveroom.room.room import Room

AT_ONCE = 100


def names_blueprint(room: Room) -> Blueprint:
    """``?of=KEY&of=KEY`` is answered ``{names: {KEY: name}}``; who has no log-in is not among them."""
    blueprint = Blueprint("names", __name__, url_prefix="/api/v1")

    def call() -> Response:
        keys = frozenset(request.args.getlist("of"))
        if len(keys) > AT_ONCE:
            raise Malformed("of", f"at most {AT_ONCE} at once")
        return told({"names": dict(room.log.read(lambda connection: names_of(connection, keys)))})

    blueprint.add_url_rule("/names", "call", answered(Cards(room.city.policy, "desk"))(call), methods=["GET"])
    return blueprint
