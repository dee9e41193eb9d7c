"""Where a screen that was away goes on: the fold from its position, or the order to take the snapshot."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from display.feed.cards import Cards
from display.feed.guests import GUESTS, SCREENS
from display.feed.identity import Identity
from display.feed.messages import batch
from display.feed.moment import Moment, read_change, read_moment
from display.feed.single_flight import SingleFlight
from liveroom.log.event_log import Log, Slices

# Above this many changed cards a snapshot is smaller and kinder than the batch.
LIMIT = 500
KEPT = 32
JITTER_MS = 2000
# All walls change at once when guests come and go, and within a second; they share one snapshot.
GUESTS_JITTER_MS = 200
Answer = dict[str, Any]


class Resume:
    """Answers ``resume``; folds are shared among screens that stood at the same position."""

    def __init__(self, source: Log, cards: Mapping[str, Cards], identity: Identity) -> None:
        self._log = source
        self._cards = cards
        self._identity = identity
        self._flights: SingleFlight[Answer] = SingleFlight()
        self._kept: OrderedDict[tuple[str, int, str, str], Answer] = OrderedDict()

    def answer(self, audience: str, asked: Mapping[str, Any]) -> Answer:
        """``{epoch, seq, mark, batches}`` or ``{epoch, seq, snapshot, jitter_ms}``. Raises Unavailable."""
        seq, mark, epoch = asked.get("seq"), asked.get("mark"), asked.get("epoch")
        if not isinstance(seq, int) or isinstance(seq, bool) or seq < 0 or not isinstance(mark, str):
            seq, mark = -1, ""
        key = (audience, seq, mark, str(epoch)[:64])
        return self._flights.do(key, lambda: self._answer(audience, seq, mark, epoch))

    def _answer(self, audience: str, seq: int, mark: str, epoch: object) -> Answer:
        with self._log.slices() as slices:
            own = self._cards[audience].agency
            moment = slices.run(lambda c: read_moment(c, max(seq, 0), () if own is None else (own,)))
            shown = moment.worn(audience)
            mine = self._identity.epoch(moment.head.epoch, shown)
            if seq < 0 or epoch != mine or moment.mark_then != mark:
                return self._take_snapshot(mine, moment, audience, epoch)
            # By the head's mark and not its number: after a fail-over another history may reach the same number.
            key = (shown, seq, moment.head.mark, mine)
            answer = self._kept.get(key) or self._fold(slices, moment, seq, shown)
            self._keep(key, answer)
            return answer

    def _fold(self, slices: Slices, moment: Moment, seq: int, audience: str) -> Answer:
        cards = self._cards[audience]
        epoch = self._identity.epoch(moment.head.epoch, audience)
        change = read_change(slices, moment, seq, LIMIT)
        if change is None:
            return self._take_snapshot(epoch, moment, audience, epoch)
        batches = [batch(change, cards, self._identity, None)] if moment.head.seq > seq else []
        return {"epoch": epoch, "seq": moment.head.seq, "mark": moment.head.mark, "batches": batches}

    def _take_snapshot(self, epoch: str, moment: Moment, audience: str, had: object) -> Answer:
        url = f"/feed/snapshot?audience={audience}"
        masks = [self._identity.epoch(moment.head.epoch, one) for one in (SCREENS, GUESTS)]
        jitter = GUESTS_JITTER_MS if had != epoch and had in masks else JITTER_MS
        return {"epoch": epoch, "seq": moment.head.seq, "snapshot": url, "jitter_ms": jitter}

    def _keep(self, key: tuple[str, int, str, str], answer: Answer) -> None:
        self._kept[key] = answer
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
