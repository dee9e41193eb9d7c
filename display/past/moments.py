"""The room at a past position, read as the feed's own `Moment`, so that the past is masked and written as the present.

`PastRooms` finds positions, jumps to them and keeps the last few states. One reads the past at a time, in slices, and
whoever waits for that holds nothing of the log, so that nobody who looks at the present waits for it. What a state
refers to is read from the log for each answer: an erasure is in force at once.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from msgspec.structs import replace as changed

from display.feed.cards import GUESTS, WALLS, CardRow, Cards, card_row, room_fields_of, visit_now
from display.feed.changes import Moment
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.timestamps import from_micros
from liveroom.log.event_log import EventLog, Head, Slices, database_now, mark_at, read_head
from liveroom.projection.checkpoints import (
    NOTHING,
    Codes,
    OutOfLog,
    hazards_then,
    holders_then,
    notices_then,
    position_at,
    real,
    room_time,
    sources_then,
    state_at,
)
from liveroom.projection.past_state import AlarmThen, ComplaintThen, PastState
from liveroom.runtime import Runtime

# States that are kept, and of these together how many documents: about 100 MB.
STATES_KEPT, DOCUMENTS_KEPT = 6, 100_000


class PastClosed(Exception):
    """The past is not shown to this audience; ``code`` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class WrongPosition(Exception):
    """No position of this log; ``field`` is the part of the request that says it, the text what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPosition:
    """A position that was asked for. ``at``: room time, None where the position itself says it; ``head``: of now."""

    seq: int
    at: datetime | None
    head: Head


class PastRooms:
    """Jumps of one process. ``position`` and ``state`` raise Unavailable and NotReady."""

    def __init__(self, source: EventLog, runtime: Runtime) -> None:
        self.log = source
        self._runtime = runtime
        self._turn = threading.BoundedSemaphore(1)
        self._kept: OrderedDict[int, PastState] = OrderedDict()

    def pause(self) -> None:
        """Let others have their turn."""
        self._runtime.sleep(0)

    @contextmanager
    def reading(self) -> Iterator[Slices]:
        """The log, for who jumps or goes through many events; in turn, and the turn comes before the log's own slot.

        Raises Unavailable.
        """
        with self._turn, self.log.slices() as slices:
            yield slices

    def position(self, slices: Slices, *, seq: int | None = None, at: datetime | None = None) -> PastPosition:
        """The position of a number or of a moment of room time. Raises WrongPosition, NotReady."""
        head = slices.run(read_head)
        if at is None:
            if seq is None or not 1 <= seq <= head.seq:
                raise WrongPosition("seq", f"the log has events 1 to {head.seq}")
            return PastPosition(seq=seq, at=None, head=head)
        if at > self.now(slices, head):
            raise WrongPosition("at", "lies ahead of the room's time")
        try:
            return PastPosition(seq=position_at(slices, head, at), at=at, head=head)
        except OutOfLog:
            raise WrongPosition("at", "lies before the first event") from None

    def now(self, slices: Slices, head: Head) -> datetime:
        """Room time now."""
        return slices.run(lambda c: head.time.at(database_now(c)))

    def state(self, slices: Slices, seq: int) -> PastState:
        """The room after event ``seq``, which the log has; ``slices`` are of ``reading``. Raises NotReady."""
        found = state_at(slices, seq, self.pause, self._nearest(slices, seq))
        self.keep(found)
        return found

    def keep(self, state: PastState) -> None:
        """Keep a state that somebody will go on from; for who is ``reading``."""
        self._kept[state.seq] = state
        self._kept.move_to_end(state.seq)
        while len(self._kept) > 1 and (
            len(self._kept) > STATES_KEPT or sum(map(_size, self._kept.values())) > DOCUMENTS_KEPT
        ):
            self._kept.popitem(last=False)

    def _nearest(self, slices: Slices, seq: int) -> PastState | None:
        """The last of those that are kept up to a position, if the log is still the one that it came from."""
        near = max((one for one in self._kept if one <= seq), default=None)
        if near is None:
            return None
        head, kept = slices.run(read_head), self._kept[near]
        if near > head.seq or slices.run(lambda c: mark_at(c, near, head)) != kept.mark:
            self._kept.clear()
            return None
        self._kept.move_to_end(near)
        return kept


def _size(state: PastState) -> int:
    return len(state.complaints) + len(state.alarms)


def refuse_closed(slices: Slices, audience: str) -> None:
    """Raises PastClosed for a wall while guests are in the room (CR-81), and for another room.

    A key by which another room follows this one is for the present; it opens no archive.
    """
    if audience in (WALLS, GUESTS) and slices.run(visit_now) is not None:
        raise PastClosed("guests", "nothing of the past is shown while guests are here")
    if room_fields_of(audience) is not None:
        raise PastClosed("role", "a key for another room opens the present alone")


def moment_of(slices: Slices, position: PastPosition, state: PastState, cards: Cards) -> Moment:
    """A state as the feed's moment: real time and mark are those of its last event, room time what was asked for.

    Where room time is real time, both are. Of pulse and signs of life there is nothing: they are no events.
    """
    at = position.at or room_time(state, position.head)
    return Moment(
        head=replace(position.head, seq=state.seq, mark=state.mark, logged_at=from_micros(state.logged_at)),
        real=at if real(position.head) else from_micros(state.logged_at),
        room=at,
        pulse=None,
        heard={},
        today=state.day,
        counts=state.counts(None),
        sources=slices.run(lambda c: sources_then(c, state)),
        lines=slices.run(lambda c: notices_then(c, state)),
        hazards=slices.run(lambda c: hazards_then(c, state)),
        mark_then=None,
        of_agencies={} if cards.agency is None else {cards.agency: state.counts(cards.agency)},
    )


def rows_of(complaints: Sequence[ComplaintThen], codes: Mapping[int, Codes]) -> list[CardRow]:
    """What cards need of complaints, with the places and categories that the log still says."""
    rows = [card_row(one.body) for one in complaints]
    for row, one in zip(rows, complaints, strict=True):
        row.lat, row.lon = codes.get(one.lat, NOTHING).lat, codes.get(one.lon, NOTHING).lon
        row.category = codes.get(one.category, NOTHING).category or ""
    return rows


def with_categories(alarms: Iterable[tuple[AlarmThen, Alarm]], codes: Mapping[int, Codes]) -> tuple[Alarm, ...]:
    """The alarms, each with the category that the log still says."""
    return tuple(changed(alarm, category=codes.get(one.category, NOTHING).category) for one, alarm in alarms)


def holders_of(
    slices: Slices, alarms: Iterable[Alarm], known: Mapping[str, frozenset[str]], seq: int
) -> Mapping[str, frozenset[str]]:
    """The agencies that had the complaints of these alarms; ``known``: of complaints that were read already."""
    about = {alarm.complaint for alarm in alarms if alarm.complaint is not None} - known.keys()
    return {**known, **holders_then(slices, about, seq)} if about else known
