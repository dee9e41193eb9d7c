"""Builds each figure at most once in five seconds, for everybody who asks, from one moment of the log."""

from dataclasses import dataclass
from typing import Any

from display.feed.guests import worn_now
from display.feed.single_flight import SingleFlight
from display.figures.agencies import agencies
from display.figures.cases import CaseBook
from display.figures.closings import ClosingBook
from display.figures.frame import Frame, frame_of
from display.figures.lead import lead, parts_of
from display.figures.listed import Page, page
from display.figures.overdue import overdue
from display.figures.showing import showing
from display.figures.trend import trend
from display.figures.visit import visit
from display.figures.window import window_of
from display.figures.working import WorkingTime
from liveroom.city.city import City
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection
from liveroom.log.event_log import Head, Log
from liveroom.runtime.time import monotonic

SCENES = ("agencies", "trend", "overdue", "visit", "lead")
KEPT_S = 5.0
# A figure that takes longer than this to build is built more seldom in proportion: never above 5 % of a process.
QUICK_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A figure and the position it is of; the same for every audience, since none of it is about a person."""

    epoch: str
    seq: int
    at: str
    figure: dict[str, Any]
    when: float
    took: float


class Figures:
    """One a process. Walls of all audiences share what is built; it is kept for ``kept_s`` seconds, real time."""

    def __init__(self, log: Log, city: City, *, kept_s: float = KEPT_S) -> None:
        self._kept_s = kept_s
        self._log = log
        self._city = city
        self._working = WorkingTime(city.policy.calendar)
        self._book = CaseBook()
        self._closings = ClosingBook()
        self._flights: SingleFlight[Built] = SingleFlight()
        self._kept: dict[str, Built] = {}

    def of(self, scene: str) -> Built:
        """The figure of one of ``SCENES``, at most 5 s old. Raises Unavailable."""
        return self._flights.do(scene, lambda: self._fresh(scene))

    def beside(self, audience: str, scene: str) -> tuple[str, dict[str, Any]]:
        """As whom the audience is served now, and what is read anew for each answer. Raises Unavailable."""

        def read(connection: Connection) -> tuple[str, dict[str, Any]]:
            more = showing(connection, self._city.policy) if scene == "visit" else {}
            return worn_now(connection, audience), more

        return self._log.read(read)

    def listed(self, what: str, agency: str | None, start: int) -> tuple[Head, Page]:
        """The complaints behind a number of the figure ``lead``, as of now. Raises Unavailable."""
        with self._log.slices() as slices:
            frame = frame_of(slices, self._city, self._working)
            return frame.head, page(frame, parts_of(frame, self._closings), what, agency, start)

    def _fresh(self, scene: str) -> Built:
        kept = self._kept.get(scene)
        if kept is None or monotonic() - kept.when >= self._kept_s * max(1.0, kept.took / QUICK_S):
            kept = self._kept[scene] = self._build(scene)
        return kept

    def _build(self, scene: str) -> Built:
        begun = monotonic()
        with self._log.slices() as slices:
            frame = frame_of(slices, self._city, self._working)
            figure = {"working_day_s": window_of(frame).working_day_s} | self._figure(scene, frame)
        return Built(
            epoch=frame.head.epoch,
            seq=frame.head.seq,
            at=to_text(frame.at),
            figure=figure,
            when=monotonic(),
            took=monotonic() - begun,
        )

    def _figure(self, scene: str, frame: Frame) -> dict[str, Any]:
        match scene:
            case "agencies":
                return agencies(frame, self._book)
            case "trend":
                return trend(frame)
            case "overdue":
                return overdue(frame)
            case "lead":
                return lead(frame, self._closings)
            case _:
                return visit(frame, self._book)
