"""Tail the log, emit batches and heartbeats."""

import logging
from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import Any

from display.feed.cards import Cards
from display.feed.changes import Moment, read_change, read_moment
from display.feed.messages import Identity, batch, beat
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import EventLog, NoLog
from liveroom.runtime import Bell, Runtime
from liveroom.runtime.metrics import TAIL_SEQ
from liveroom.runtime.time import monotonic

# Tails the log for one process: one read a step, one batch an audience, and the beat that proves both.

BEAT_S = 1.0
WINDOW_S = 0.05
NO_LIMIT = 1 << 30
Emit = Callable[[str, str, dict[str, Any]], None]
log = logging.getLogger(__name__)


class Tail:
    """``emit(audience, name, message)`` sends to every screen of an audience, ``listened`` tells which have any.

    Whoever comes into an audience that nobody listened to at the last look is helped on by the next beat.
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
        self._cards = cards
        self._identity = identity
        self._emit = emit
        self._calendar = calendar
        self._listened = listened
        self.seq = -1
        self.mark = ""
        self.moment: Moment | None = None
        self._sent: Moment | None = None  # as of the last batch: what screens have, however often was read since
        self.read_at: float | None = None
        self._beaten = 0.0

    def run(self, runtime: Runtime, bell: Bell, poll_s: Callable[[], float]) -> None:
        """Step at every ring and at least every ``poll_s()`` seconds; a database that is away is asked again."""
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
                # Leading edge at once, then what comes within 50 ms goes together.
                runtime.sleep(WINDOW_S if sent else 0)

    def step(self) -> bool:
        """Read one moment and send what it brings; True if it brought something. Raises Unavailable."""
        heard_by = [cards for audience, cards in self._cards.items() if audience in self._listened()]
        agencies = [cards.agency for cards in heard_by if cards.agency is not None]
        with self._log.slices() as slices:
            moment = slices.run(lambda c: read_moment(c, max(self.seq, 0), agencies))
            change = None
            if self.seq < 0 or moment.mark_then != self.mark or self._other_log(moment):
                self._adopt(moment)
            elif moment.head.seq > self.seq:
                change = read_change(slices, moment, self.seq, NO_LIMIT)
        self.read_at = monotonic()
        if change is not None:
            for cards in heard_by:
                shown = self._cards[moment.worn(cards.audience)]
                self._emit(cards.audience, "batch", batch(change, shown, self._identity, self._sent))
            self.seq, self.mark, self._sent = moment.head.seq, moment.head.mark, moment
        self.moment = moment
        TAIL_SEQ.set(self.seq)
        self._beat_if_due(moment)
        return change is not None

    def _other_log(self, moment: Moment) -> bool:
        return self.moment is not None and self.moment.head.epoch != moment.head.epoch

    def _adopt(self, moment: Moment) -> None:
        """Another history than the one tailed so far: go on from its head; the beat makes every screen ask."""
        if self.seq >= 0:
            log.warning("the log at %s is not the one tailed so far: every screen asks again", moment.head.seq)
        self.seq, self.mark, self._sent = moment.head.seq, moment.head.mark, None
        self._beaten = 0.0

    def _beat_if_due(self, moment: Moment) -> None:
        now = monotonic()
        if now - self._beaten < BEAT_S - 0.01:
            return
        self._beaten = now
        for audience in self._listened():
            self._emit(audience, "beat", self.beat_for(self._cards[moment.worn(audience)], moment))

    def beat_for(self, cards: Cards, moment: Moment) -> dict[str, Any]:
        """The beat of this process as of ``moment``."""
        calendar = self._calendar()
        return beat(moment, seq=self.seq, mark=self.mark, cards=cards, identity=self._identity, calendar=calendar)


# When this process itself had no fresh data: then its screens were not cut off, the room was.

# Below the age at which a screen calls its data lost (CR-44), so that nobody's loss begins before ours is noted.
STARVED_S = 10.0
KEPT = 32


class Staleness:
    """``age_s()`` is how old the data is that this process sends."""

    def __init__(self, age_s: Callable[[], float]) -> None:
        self._age_s = age_s
        self._spells: deque[tuple[float, float]] = deque(maxlen=KEPT)

    def look(self) -> None:
        """Note a spell without data, or that it goes on; ask once a second."""
        age, now = self._age_s(), monotonic()
        if age < STARVED_S:
            return
        begin = now - age
        if self._spells and self._spells[-1][1] >= begin:
            begin, _ = self._spells.pop()
        self._spells.append((begin, now))

    def overlaps(self, from_s: float, to_s: float) -> bool:
        """Whether there was such a spell between so many seconds ago."""
        now = monotonic()
        return any(begin < now - to_s and end > now - from_s for begin, end in self._spells)


def age_of(tail: Tail) -> float:
    """Seconds since the tail read, and how old the pulse was then; 0 before the first read."""
    if tail.read_at is None or tail.moment is None:
        return 0.0
    pulse = tail.moment.pulse
    judged = 0.0 if pulse is None else (tail.moment.real - pulse.real_at).total_seconds()
    return monotonic() - tail.read_at + abs(judged)
