"""The desk's reading doors for complaints: one whole, and lists of them."""

from flask import Blueprint, Response, request

from display.desk_api.answers import answered, told
from display.desk_api.asking import asker, sees_people
from display.desk_api.list_in import cursor_from, cursor_of, limit_of, wanted_of
from display.desk_api.snippets import snippet_of
from display.desk_api.whole import refuse_others, shown_of, whole, wordless
from display.feed.audiences import MOST_MASKED
from display.feed.cards import Cards, cards_of
from display.trust import Visitors
from liveroom.accounts.users import Who
from liveroom.log.texts import note_access
from liveroom.projection.complaints import detail
from liveroom.projection.search import Searching
from liveroom.room.room import Room


def reading_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """``GET /api/v1/complaints`` and ``GET /api/v1/complaints/ID``; docs/desk-api.md."""
    blueprint = Blueprint("reading", __name__, url_prefix="/api/v1/complaints")
    doors = _Doors(room, visitors)
    safely = answered(doors.cards["desk"])
    blueprint.add_url_rule("", "list", safely(doors.list), methods=["GET"])
    blueprint.add_url_rule("/<subject>", "whole", safely(doors.whole), methods=["GET"])
    return blueprint


class _Doors:
    """What the doors share."""

    def __init__(self, room: Room, visitors: Visitors) -> None:
        self._room = room
        self._visitors = visitors
        self._searching = Searching(room.log, room.city)
        self.cards = cards_of(room.city.policy)

    def list(self) -> Response:
        who = asker(self._visitors, request)
        wanted = wanted_of(request.args, self._room.city, who)
        after, limit = cursor_of(request.args), limit_of(request.args)
        page = self._searching.page(wanted, after, limit, self._room.now())
        cards, city = self._cards_for(who), self._room.city
        texts = {one.id: {} if wordless(one, who, city) else page.texts.get(one.id, {}) for one in page.complaints}
        items = [{"card": cards.of(one), "snippet": snippet_of(texts[one.id], wanted.words)} for one in page.complaints]
        return told({"items": items, "next": cursor_from(page.after)})

    def whole(self, subject: str) -> Response:
        """The reading of a person's data is noted before they are shown."""
        who = asker(self._visitors, request)
        found = detail(self._room.log, self._room.city, subject, people=sees_people(who))
        refuse_others(found.complaint, who)
        answer = whole(found, who, self._cards_for(who), self._room.city)
        log, shown = self._room.log, shown_of(answer)
        note_access(log, actor=who.actor, role=who.role.value, subject_id=subject, fields=shown)
        return told(answer)

    def _cards_for(self, who: Who) -> Cards:
        return self.cards.get(who.audience, self.cards[MOST_MASKED])
