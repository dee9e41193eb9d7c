"""`GET /feed/figures?scene=` and `GET /feed/figures/list`; builds and keeps the figures.

Each figure is built at most once in five seconds for all who ask, at one position of the log, and is the same for every
audience; only `lead` is cut to an agency's own part. Agencies get no other figure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec
from flask import Blueprint, Request, Response, request

from display.feed.cards import Cards, agency_of, served_audience_now
from display.feed.messages import Identity
from display.figures.agencies import agencies
from display.figures.lead import LISTS, LeadList, agency_view, lead, list_page, parts_of
from display.figures.measure import CaseCache, ClosingCache, Frame, WorkingTime, frame_of, window_of
from display.figures.overdue import overdue
from display.figures.signs import SignCache, shown_to, signs
from display.figures.trend import trend
from display.figures.visit import guest_additions, visit
from liveroom.city.city import City
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection, Unavailable
from liveroom.log.event_log import EventLog, Head
from liveroom.projection import complaints
from liveroom.runtime.http_input import problem
from liveroom.runtime.single_flight import SingleFlight
from liveroom.runtime.time import monotonic

LEAD, SIGNS = "lead", "signs"
KEPT_S = 5.0
# Early signs are no matter of seconds: they are kept so many times as long, two minutes.
SIGNS_KEPT = 24
# A figure that takes longer than this to build is built less often in proportion: never above 5 % of a process.
QUICK_S = 0.25
# Highest place in a list that may be asked for.
MAX_PLACE = 1_000_000


@dataclass(frozen=True, slots=True)
class FigureCaches:
    """What one process keeps from one figure to the next."""

    cases: CaseCache = field(default_factory=CaseCache)
    closings: ClosingCache = field(default_factory=ClosingCache)
    signs: SignCache = field(default_factory=SignCache)


# What each scene that needs more than the cards is told; leadership's page; and early signs.
_FIGURES: Mapping[str, Callable[[Frame, FigureCaches], dict[str, Any]]] = {
    "agencies": lambda frame, caches: agencies(frame, caches.cases),
    "trend": lambda frame, _: trend(frame),
    "overdue": lambda frame, _: overdue(frame),
    "visit": lambda frame, caches: visit(frame, caches.cases),
    LEAD: lambda frame, caches: lead(frame, caches.closings),
    SIGNS: lambda frame, caches: signs(frame, caches.signs),
}
SCENES = tuple(_FIGURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureAnswer:
    """A figure and its position; ``when`` it was built (monotonic) and how long it ``took``, in seconds."""

    epoch: str
    seq: int
    at: str
    figure: dict[str, Any]
    when: float
    took: float


class Figures:
    """The figures of one process; each is kept for ``kept_s`` seconds of real time."""

    def __init__(self, log: EventLog, city: City, *, kept_s: float = KEPT_S) -> None:
        self._kept_s = kept_s
        self._log = log
        self._city = city
        self._caches = FigureCaches()
        self._flights: SingleFlight[FigureAnswer] = SingleFlight()
        self._kept: dict[str, FigureAnswer] = {}

    @cached_property
    def _working(self) -> WorkingTime:
        """Laid out when the first figure asks for it: a tenth of what a start takes otherwise."""
        return WorkingTime(self._city.policy.calendar)

    def of(self, scene: str) -> FigureAnswer:
        """The figure of one of ``SCENES``, at most 5 s old. Raises Unavailable."""
        return self._flights.run(scene, lambda: self._fresh(scene))

    def beside(self, audience: str, scene: str) -> tuple[str, dict[str, Any]]:
        """The audience that ``audience`` is served as now, and what is read for each answer. Raises Unavailable."""

        def read(connection: Connection) -> tuple[str, dict[str, Any]]:
            more = guest_additions(connection, self._city.policy) if scene == "visit" else {}
            return served_audience_now(connection, audience), more

        return self._log.read(read)

    def listed(self, what: str, agency: str | None, start: int) -> tuple[Head, LeadList]:
        """The complaints behind a number of the figure `lead`, as of now. Raises Unavailable."""
        with self._log.slices() as slices:
            frame = frame_of(slices, self._city, self._working)
            return frame.head, list_page(frame, parts_of(frame, self._caches.closings), what, agency, start)

    def signs_for(self, figure: Mapping[str, Any], audience: str) -> dict[str, Any]:
        """The figure `signs` as this audience may see it."""
        return shown_to(figure, audience, self._city.policy)

    def _fresh(self, scene: str) -> FigureAnswer:
        kept = self._kept.get(scene)
        least = SIGNS_KEPT if scene == SIGNS else 1
        if kept is None or monotonic() - kept.when >= self._kept_s * max(least, kept.took / QUICK_S):
            kept = self._kept[scene] = self._build(scene)
        return kept

    def _build(self, scene: str) -> FigureAnswer:
        begun = monotonic()
        with self._log.slices() as slices:
            frame = frame_of(slices, self._city, self._working)
            figure = {"working_day_s": window_of(frame).working_day_s} | _FIGURES[scene](frame, self._caches)
        return FigureAnswer(
            epoch=frame.head.epoch,
            seq=frame.head.seq,
            at=to_text(frame.at),
            figure=figure,
            when=monotonic(),
            took=monotonic() - begun,
        )


# Routes.


def figures_blueprint(
    log: EventLog, city: City, identity: Identity, audience_of_request: Callable[[], str | None]
) -> Blueprint:
    """The blueprint; ``audience_of_request``: None without a credential."""
    figures = Figures(log, city)
    blueprint = Blueprint("figures", __name__)
    blueprint.add_url_rule("/feed/figures", "figures", lambda: _answer(log, figures, identity, audience_of_request()))
    blueprint.add_url_rule(
        "/feed/figures/list", "list", lambda: _list_answer(figures, city, audience_of_request(), request)
    )
    return blueprint


def _answer(log: EventLog, figures: Figures, identity: Identity, audience: str | None) -> Response:
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
        figure = built.figure if scene != LEAD else _figure_for(built.figure, audience, log)
        figure = figures.signs_for(figure, shown) if scene == SIGNS else figure
    except Unavailable:
        return problem(503, "unavailable", "the database does not answer", retry_after=1)
    head = {"epoch": identity.epoch(built.epoch, shown), "seq": built.seq, "at": built.at, "scene": scene}
    body = msgspec.json.encode(head | figure | more)
    return Response(body, content_type="application/json", headers={"Cache-Control": "no-store"})


def _figure_for(figure: dict[str, Any], audience: str, log: EventLog) -> dict[str, Any]:
    """The figure `lead` for an audience: whole, or for an agency its own part. Raises Unavailable."""
    agency = agency_of(audience)
    if agency is None:
        return figure
    asked = tuple(row["id"] for row in figure["asked"]["rows"])
    own = {one.id for one in log.read(lambda c: complaints.complaints(c, asked)) if agency in one.agencies}
    return agency_view(figure, agency, own.__contains__)


def _list_answer(figures: Figures, city: City, audience: str | None, asked: Request) -> Response:
    """``{seq, what, n, items: [card], next}`` with cards masked for leadership, or for the agency that asks."""
    if audience is None:
        return problem(401, "unauthorized", "a token is needed")
    what, own = asked.args.get("what", ""), agency_of(audience)
    agency = own if own is not None else asked.args.get("agency")
    if what not in LISTS:
        return problem(422, "field", f"one of {', '.join(LISTS)}", "what")
    if agency is not None and len(agency) > 64:
        return problem(422, "field", "is no key of an agency", "agency")
    after = asked.args.get("after", "0")
    if not after.isascii() or not after.isdecimal() or int(after[:8]) > MAX_PLACE:
        return problem(422, "field", "is no place in the list", "after")
    try:
        head, found = figures.listed(what, agency, int(after[:8]))
    except Unavailable:
        return problem(503, "unavailable", "the database does not answer", retry_after=1)
    cards = Cards(city.policy, LEAD if own is None else audience)
    items = [cards.of(one) for one in found.complaints if own is None or own in one.agencies]
    body = {"seq": head.seq, "what": what, "n": found.n, "items": items, "next": found.next}
    return Response(msgspec.json.encode(body), content_type="application/json", headers={"Cache-Control": "no-store"})
