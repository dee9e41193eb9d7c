"""The tail of the log: reads it at every ring, sends each audience one batch, and a heartbeat every second.

One tail per process. Both messages come from the same read, so a heartbeat proves that batches are being read too.
`Staleness` remembers when this process had no fresh data itself: its screens then lost the room, not their connection.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import Any

from display.feed.cards import Cards
from display.feed.changes import Moment, read_change, read_moment
from display.feed.cities import FollowedCities
from display.feed.messages import Identity, batch, beat
from liveroom.log.engine import Connection, Unavailable
from liveroom.log.event_log import EventLog, Head, NoLog, mark_at, read_head
from liveroom.room.trace import SentBatches, traced
from liveroom.runtime import Bell, Runtime
from liveroom.runtime.metrics import TAIL_SEQ
from liveroom.runtime.time import monotonic

BEAT_S = 1.0
# The first event is sent at once; those of the next 50 ms go together.
WINDOW_S = 0.05
NO_LIMIT = 1 << 30
# Below the age at which a screen calls its data lost (CR-44): ours is noted before any of our screens reports a loss.
STALE_S = 10.0
SPELLS_KEPT = 32
Emit = Callable[[str, str, dict[str, Any]], None]
log = logging.getLogger(__name__)


class Tail:
    """Follows one log. ``emit(audience, name, message)`` sends to every client of an audience.

    ``listened()``: the audiences that have a client; nothing is made for others. A client that joins an audience which
    had none at the last step sees by the next beat that it is behind, and resumes. ``calendar()``: the hash of the
    working calendar in force. ``seq`` and ``mark``: the position sent so far, -1 before the first read.
    """

    def __init__(
        self,
        source: EventLog,
        cards: Mapping[str, Cards],
        identity: Identity,
        *,
        emit: Emit,
        calendar: Callable[[], str],
        listened: Callable[[], Collection[str]],
    ) -> None:
        self._log = source
        self.sent_batches = SentBatches()
        # Those that this room follows, where it follows any.
        self.cities: FollowedCities | None = None
        self._cards = cards
        self._identity = identity
        self._emit = emit
        self._calendar = calendar
        self._listened = listened
        self.seq = -1
        self.mark = ""
        self.moment: Moment | None = None
        self._sent: Moment | None = None  # of the last batch: counts, notices and sources as clients have them
        self.read_at: float | None = None
        self._beaten = 0.0

    def run(self, runtime: Runtime, bell: Bell, poll_s: Callable[[], float]) -> None:
        """Step at every ring and at least every ``poll_s()`` seconds, for ever; a failed step is tried again."""
        while True:
            bell.wait(min(poll_s(), max(0.0, self._beaten + BEAT_S - monotonic())))
            try:
                sent = self.step()
            except (Unavailable, NoLog) as error:
                log.warning("the tail cannot read the log: %s", error)
                runtime.sleep(0.25)
            except Exception:
                log.exception("the tail failed; it goes on")
                runtime.sleep(1.0)
            else:
                runtime.sleep(WINDOW_S if sent else 0)

    def step(self) -> bool:
        """Read one moment and send what is new; True if something was. Raises Unavailable."""
        listened = self._listened()
        heard_by = [self._cards[audience] for audience in sorted(listened)]
        if not heard_by and (moved := self._followed()) is not None:
            return moved
        agencies = [cards.agency for cards in heard_by if cards.agency is not None]
        with self._log.slices() as slices:
            moment = slices.run(lambda c: read_moment(c, max(self.seq, 0), agencies))
            change = None
            if self.seq < 0 or moment.mark_then != self.mark or self._is_other_log(moment):
                self._adopt(moment)
            elif moment.head.seq > self.seq:
                change = read_change(slices, moment, self.seq, NO_LIMIT)
        self.read_at = monotonic()
        if change is not None:
            for cards in heard_by:
                shown = self._cards[moment.served_audience(cards.audience)]
                self._emit(cards.audience, "batch", batch(change, shown, self._identity, self._sent))
            if traced():
                ms = (moment.real - moment.head.logged_at).total_seconds() * 1000
                ids = [row.id for row in change.complaints]
                self.sent_batches.sent(self.seq + 1, moment.head.seq, ids, listened, ms)
            self.seq, self.mark, self._sent = moment.head.seq, moment.head.mark, moment
        self.moment = moment
        TAIL_SEQ.set(self.seq)
        self._beat_if_due(moment)
        return change is not None

    def _followed(self) -> bool | None:
        """Go on to the head while nobody listens, for the position alone; True if it moved.

        None where all has to be read: for a beat, and when the log at this position is another one.
        """
        if self.moment is None or self._beat_is_due():
            return None
        head, mark_then = self._log.read(self._position)
        if mark_then != self.mark or head.epoch != self.moment.head.epoch:
            return None
        moved = head.seq > self.seq
        if moved:
            # What the next batch tells of counts, notices and sources is compared with nothing that was not sent.
            self.seq, self.mark, self._sent = head.seq, head.mark, None
            TAIL_SEQ.set(self.seq)
        return moved

    def _position(self, connection: Connection) -> tuple[Head, str | None]:
        """The head, and the mark that the log has at the position of this tail."""
        head = read_head(connection)
        if head.seq <= self.seq:
            return head, head.mark if head.seq == self.seq else None
        return head, mark_at(connection, self.seq, head)

    def _is_other_log(self, moment: Moment) -> bool:
        return self.moment is not None and self.moment.head.epoch != moment.head.epoch

    def _adopt(self, moment: Moment) -> None:
        """Go on from the head of another history; the beat at once after it makes every client resume."""
        if self.seq >= 0:
            log.warning("the log at %s is not the one tailed so far: every screen asks again", moment.head.seq)
        self.seq, self.mark, self._sent = moment.head.seq, moment.head.mark, None
        self._beaten = 0.0

    def _beat_if_due(self, moment: Moment) -> None:
        if not self._beat_is_due():
            return
        if self.cities is not None and self.cities.rooms:
            self.cities.refresh()
            changed = self.cities.changed()
            for audience in self._listened() if changed else ():
                if self.cities.concern(audience):
                    self._emit(audience, "cities", {"cities": changed})
        self._beaten = monotonic()
        for audience in self._listened():
            self._emit(audience, "beat", self.beat_for(self._cards[moment.served_audience(audience)], moment))

    def _beat_is_due(self) -> bool:
        return monotonic() - self._beaten >= BEAT_S - 0.01

    def beat_for(self, cards: Cards, moment: Moment) -> dict[str, Any]:
        """The beat of this process at ``moment``."""
        calendar = self._calendar()
        said = beat(moment, seq=self.seq, mark=self.mark, cards=cards, identity=self._identity, calendar=calendar)
        if self.cities is not None and self.cities.concern(cards.audience):
            said["cities"] = self.cities.ages()
        return said


class Staleness:
    """When this process had no fresh data. ``age_s()`` is the age of the data that it sends."""

    def __init__(self, age_s: Callable[[], float]) -> None:
        self._age_s = age_s
        self._spells: deque[tuple[float, float]] = deque(maxlen=SPELLS_KEPT)

    def check(self) -> None:
        """Note a spell without fresh data, or that it goes on; call it once a second."""
        age, now = self._age_s(), monotonic()
        if age < STALE_S:
            return
        begin = now - age
        if self._spells and self._spells[-1][1] >= begin:
            begin, _ = self._spells.pop()
        self._spells.append((begin, now))

    def overlaps(self, from_s: float, to_s: float) -> bool:
        """Whether such a spell overlaps the time from ``from_s`` to ``to_s`` seconds ago."""
        now = monotonic()
        return any(begin < now - to_s and end > now - from_s for begin, end in self._spells)


def age_of(tail: Tail) -> float:
    """Age in seconds of the tail's data: since its last read, plus the pulse's age then; 0 before the first read."""
    if tail.read_at is None or tail.moment is None:
        return 0.0
    pulse = tail.moment.pulse
    judged = 0.0 if pulse is None else (tail.moment.real - pulse.real_at).total_seconds()
    return monotonic() - tail.read_at + abs(judged)
