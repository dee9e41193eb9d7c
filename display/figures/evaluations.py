"""`GET /api/v1/evaluation`, the same as CSV or XLSX, and the complaints behind each of its numbers.

For desks and leadership of the whole city, for an agency of what it leads. docs/measures.md defines the measures.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

import msgspec
from flask import Blueprint, Response, request

from display.api.complaints import limit_of
from display.api.requests import requester
from display.api.responses import handle_errors, json_response
from display.auth.visitor import Visitors
from display.exports.download import download
from display.feed.cards import MOST_MASKED, cards_of
from display.pages.page import language_of
from liveroom.accounts.sources import all_sources
from liveroom.accounts.users import Person
from liveroom.domain.requests import OF_AGENCIES, Code, Malformed, Refused
from liveroom.domain.timestamps import from_micros, to_text
from liveroom.evaluation.evaluation_table import table_of
from liveroom.evaluation.evaluator import Evaluator, Inquiry
from liveroom.evaluation.periods import period_between
from liveroom.log.engine import Connection
from liveroom.log.event_log import read_head
from liveroom.projection import complaints
from liveroom.projection.stay_counts import FILTERS, MEASURES, NEVER, Cut, ListPlace
from liveroom.room.room import Room
from liveroom.runtime import Runtime

CUTS = tuple(cut.value for cut in Cut)
LONGEST_CODE = 128
# Ranges that the complaints behind one number lie in.
_MOST_LEGS = 3


def evaluations_blueprint(room: Room, visitors: Visitors, runtime: Runtime) -> Blueprint:
    """The routes; the permission table says for whom."""
    blueprint = Blueprint("evaluations", __name__, url_prefix="/api/v1")
    routes = _EvaluationRoutes(room, visitors, runtime)
    handled = handle_errors(routes.cards["desk"])
    blueprint.add_url_rule("/evaluation", "whole", handled(routes.whole), methods=["GET"])
    blueprint.add_url_rule("/evaluation.<any(csv, xlsx):form>", "file", handled(routes.file), methods=["GET"])
    blueprint.add_url_rule("/evaluation/complaints", "behind", handled(routes.behind), methods=["GET"])
    return blueprint


class _EvaluationRoutes:
    """The evaluation of one process."""

    def __init__(self, room: Room, visitors: Visitors, runtime: Runtime) -> None:
        self.cards = cards_of(room.city.policy)
        self._room, self._visitors, self._runtime = room, visitors, runtime
        self._evaluator = Evaluator(room.log, room.city)

    def whole(self) -> Response:
        """``?from=&to=&by=``, and `agency`, `category`, `area`, `source`, `channel`, `class` to look at one alone."""
        return json_response(self._evaluator.of(self._question(requester(self._visitors, request))))

    def file(self, form: str) -> Response:
        """The same as a table."""
        question = self._question(requester(self._visitors, request))
        city, language = self._room.city, language_of(self._room.city)
        sources = self._room.log.read(lambda c: {one.source.id: one.source.name for one in all_sources(c)})
        table = table_of(self._evaluator.of(question), city, language, sources)
        return download(table, form, f"evaluation-{question.by.value}", self._room.now(), self._runtime)

    def behind(self) -> Response:
        """``&measure=&value=``: a page of the complaints behind one number; no ``value``: of the whole city's row.

        ``{seq, items: [{card, at}], next}``: ``at`` is when each counts. Who reads it sees what they may see today.
        """
        who = requester(self._visitors, request)
        question, measure = self._question(who), request.args.get("measure", "")
        if measure not in MEASURES:
            raise Malformed("measure", f"must be one of {', '.join(MEASURES)}")
        value = self._value(question.by)
        found = self._evaluator.behind(question, measure, value, _place(request.args), limit_of(request.args))
        ids = list(dict.fromkeys(id_ for id_, _ in found.found))
        seq, known = self._room.log.read(lambda c: (read_seq(c), complaints.complaints(c, ids)))
        own = who.agency if who.role in OF_AGENCIES else None
        cards = self.cards.get(who.audience, self.cards[MOST_MASKED])
        shown = {one.id: cards.of(one) for one in known if own is None or own in one.agencies}
        items = [{"card": shown[id_], "at": to_text(from_micros(at))} for id_, at in found.found if id_ in shown]
        return json_response({"seq": seq, "items": items, "next": _cursor(found.next)})

    def _question(self, who: Person) -> Inquiry:
        """What is asked; an agency asks about itself. Raises Malformed naming the parameter, and Refused."""
        args = request.args
        by = args.get("by", Cut.AGENCY.value)
        if by not in CUTS:
            raise Malformed("by", f"must be one of {', '.join(CUTS)}")
        filters = {cut: _code(args, cut.value) for cut in FILTERS if args.get(cut.value) is not None}
        if who.role in OF_AGENCIES:
            if filters.get(Cut.AGENCY, who.agency) != who.agency:
                raise Refused(Code.ROLE, "an agency sees its own evaluation", "agency")
            filters[Cut.AGENCY] = who.agency or ""
        period = period_between(args.get("from"), args.get("to"))
        return Inquiry(period=period, by=Cut(by), filters=tuple(sorted(filters.items())))

    @staticmethod
    def _value(by: Cut) -> str | None:
        """The row's value; empty for the row of those without one, None for the whole city."""
        if request.args.get("value") is None:
            return None
        value = _code(request.args, "value")
        numbers = {Cut.HOUR: range(24), Cut.WEEKDAY: range(1, 8)}.get(by)
        if numbers is not None and value not in map(str, numbers):
            raise Malformed("value", f"must be {numbers.start} to {numbers.stop - 1}")
        return value


def read_seq(connection: Connection) -> int:
    """The number of the last event."""
    return read_head(connection).seq


def _code(args: Mapping[str, str], name: str) -> str:
    value = args[name]
    if len(value) > LONGEST_CODE or "\x00" in value:
        raise Malformed(name, f"may have at most {LONGEST_CODE} characters, none of them NUL")
    return value


def _place(args: Mapping[str, str]) -> ListPlace:
    """Where ``?cursor=`` goes on. Raises Malformed."""
    text = args.get("cursor")
    if not text:
        return ListPlace()
    try:
        raw = urlsafe_b64decode(text[:LONGEST_CODE] + "=" * (-len(text) % 4))
        place = ListPlace(*msgspec.json.decode(raw, type=tuple[int, int, int]))
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise Malformed("cursor", "is none that was given here") from error
    if not (0 <= place.leg < _MOST_LEGS and 0 <= place.at < NEVER and -1 <= place.seq < NEVER):
        raise Malformed("cursor", "is none that was given here")
    return place


def _cursor(place: ListPlace | None) -> str | None:
    return None if place is None else urlsafe_b64encode(msgspec.json.encode(tuple(place))).rstrip(b"=").decode()
