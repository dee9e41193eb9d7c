"""The snapshot of a past moment: the live one's text, from the same cards and masks.

Those who ask for the same at the same time share one, and the last few are kept, until something is erased.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from display.feed.blocks import COLUMNS, FORMS, Block, blocks_of
from display.feed.cards import Cards
from display.feed.changes import owns
from display.feed.messages import Identity
from display.feed.snapshot import ALARMS, BLOCK, Snapshot, encoded, head_of, written
from display.past.moments import (
    PastPosition,
    PastRooms,
    holders_of,
    moment_of,
    refuse_closed,
    rows_of,
    with_categories,
)
from liveroom.domain.alarms.model import Alarm
from liveroom.log.engine import Connection
from liveroom.log.event_log import Head, Slices, mark_at
from liveroom.projection.checkpoints import codes_of, erased_since
from liveroom.projection.past_state import PastState, shown_on, standing
from liveroom.runtime import Runtime
from liveroom.runtime.single_flight import SingleFlight

# Answers that are kept, and for how many events of the room: then what was asked for together is over.
KEPT, KEPT_FOR = 12, 2_000
_Key = tuple[str, str, str, int, str, datetime | None]


def _holds(connection: Connection, made: Head, now: Head) -> bool:
    """Whether what was made at one head is right at another: in the same history, soon after, and nothing was erased.

    After a fail-over the log may lack events that it had, and have others under their numbers.
    """
    if now.seq - made.seq >= KEPT_FOR or mark_at(connection, made.seq, now) != made.mark:
        return False
    return not erased_since(connection, made.seq)


class PastSnapshots:
    """Snapshots of past moments."""

    def __init__(self, rooms: PastRooms, cards: Mapping[str, Cards], identity: Identity, runtime: Runtime) -> None:
        self._rooms = rooms
        self._cards = cards
        self._identity = identity
        self._runtime = runtime
        self._flights: SingleFlight[Snapshot] = SingleFlight()
        # By what was asked, each with the log's head when it was made.
        self._kept: OrderedDict[_Key, tuple[Head, Snapshot]] = OrderedDict()

    def of(self, audience: str, *, seq: int | None = None, at: datetime | None = None, form: str = COLUMNS) -> Snapshot:
        """The snapshot at a position, or at a moment of room time.

        Raises WrongPosition, PastClosed, NotReady, Unavailable.
        """
        with self._rooms.log.slices() as slices:
            refuse_closed(slices, audience)
            position = self._rooms.position(slices, seq=seq, at=at)
            head = position.head
            key = (audience, form, self._identity.epoch(head.epoch, audience), position.seq, head.origin, at)
            if (kept := self._kept.get(key)) is not None:
                if slices.run(lambda c: _holds(c, kept[0], head)):
                    return kept[1]
                self._kept.clear()
        return self._flights.run(key, lambda: self._make(key, audience, form, position))

    def _make(self, key: _Key, audience: str, form: str, position: PastPosition) -> Snapshot:
        with self._rooms.reading() as slices:
            state = self._rooms.state(slices, position.seq)
            found = self._written(slices, position, state, self._cards[audience], form)
        self._kept[key] = (position.head, found)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def _written(self, slices: Slices, position: PastPosition, state: PastState, cards: Cards, form: str) -> Snapshot:
        moment = moment_of(slices, position, state, cards)
        shown = [one for one in state.complaints.values() if shown_on(one, state.day)]
        shown.sort(key=lambda one: one.id)
        blocks, holders = list[Block](), dict[str, frozenset[str]]()
        for start in range(0, len(shown), BLOCK):
            part = shown[start : start + BLOCK]
            rows = rows_of(part, codes_of(slices, part))
            self._runtime.sleep(0)
            if cards.agency is not None:
                holders |= {row.id: frozenset(row.agencies) for row in rows}
                rows = [row for row in rows if cards.agency in row.agencies]
            if rows:
                blocks += blocks_of(FORMS[form](cards.fields), (cards.columns_of(rows),))
            self._runtime.sleep(0)
        alarms = list[msgspec.Raw]()
        for found in self._alarms(slices, state, cards, holders):
            alarms += (encoded(cards.of_alarm(alarm)) for alarm in found)
            self._runtime.sleep(0)
        head = {**head_of(moment, self._identity, cards, alarms), "recorded": True}
        return written(moment, cards, self._identity, form, head, blocks, self._runtime)

    def _alarms(
        self, slices: Slices, state: PastState, cards: Cards, holders: Mapping[str, frozenset[str]]
    ) -> Iterator[Sequence[Alarm]]:
        """The alarms that the audience is shown, by id, some at a time."""
        every = sorted(state.alarms.values(), key=lambda one: one.id)
        for start in range(0, len(every), ALARMS):
            found = tuple(standing(every[start : start + ALARMS]))
            codes = codes_of(slices, (), (one for one, _ in found))
            alarms = [alarm for alarm in with_categories(found, codes) if cards.sees(alarm)]
            if cards.agency is not None:
                known = holders_of(slices, alarms, holders, state.seq)
                alarms = [alarm for alarm in alarms if owns(cards.agency, alarm, known)]
            yield alarms
