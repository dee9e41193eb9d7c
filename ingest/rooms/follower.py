"""The follower: asks every room that this one follows, once a second, and writes down what each last said.

One process of the room does it, by a lease. Each city is asked by a thread (or greenlet) of its own: one that hangs,
answers nonsense or never ends holds up nobody but itself. What is written is one row a city (`projection/followed`), of
which every web process tells its screens; the cards are kept more seldom, and after a start a city is asked from there.
"""

import logging
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from ingest.rooms.foreign_feed import ForeignAnswer, ForeignBeat, ForeignFeed, Silence, utc
from ingest.rooms.foreign_room import ForeignRoom
from liveroom.log.engine import Connection, Unavailable
from liveroom.log.event_log import EventLog, NoLog
from liveroom.log.lease import Lease
from liveroom.projection.followed import HeardCity, SilentCity, cards_of_city, forget_cities, keep_cards, write_city
from liveroom.runtime import Runtime
from liveroom.runtime.config import FollowedRoom
from liveroom.runtime.time import monotonic, system_now

# Seconds: of a round of the loop; between an answer and the next question; longest between two that failed.
ROUND_S, EVERY_S, LONGEST_PAUSE_S = 0.5, 1.0, 10.0
# What only a person can mend is asked for more seldom: a key, a clock, a version, an address.
MENDED_S = {**dict.fromkeys(("key", "old", "clock", "inside", "secret"), 10.0), "large": 60.0}
# A room that begins anew is asked for its snapshot within so long, so that all who follow it do not come at once.
JITTER_S = 2.0
# Its cards are kept so often, and those of a large city so seldom: packing 100,000 takes a third of a second.
KEPT_S, LARGE, LARGE_KEPT_S = 20.0, 20_000, 300.0
# By so much its clock may differ from ours before its deadlines are not to be believed.
SKEW = timedelta(minutes=2)
log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class FollowedState:
    """One city in this process. ``next_at``: monotonic seconds; ``failures``: in a row; ``heard_at``: of the last beat.

    ``said``: what is still to be written down; ``body`` and ``kept``: what was written last, and when the cards were.
    """

    room: FollowedRoom
    feed: ForeignFeed
    held: ForeignRoom = field(default_factory=ForeignRoom)
    beat: ForeignBeat | None = None
    heard_at: float = 0.0
    next_at: float = 0.0
    failures: int = 0
    busy: bool = False
    said: HeardCity | SilentCity | None = None
    body: bytes = b""
    silent: str | None = None
    kept_at: float = float("-inf")
    kept_seq: tuple[str, int] = ("", -1)


class RoomFollower:
    """Follows the rooms of the settings."""

    def __init__(
        self,
        event_log: EventLog,
        rooms: Sequence[FollowedRoom],
        feed: Callable[[FollowedRoom], ForeignFeed] = ForeignFeed,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._log = event_log
        self._lease = Lease(event_log, "rooms")
        self._states = tuple(FollowedState(room, feed(room)) for room in rooms)
        self._chance = chance
        self._holds = False
        self._stopping = False

    def run(self, runtime: Runtime) -> None:
        """Follow for ever, or until ``stop``; a database that is away is asked again at the next round."""
        while not self._stopping and self._states:
            try:
                self.step(runtime)
            except (Unavailable, NoLog) as error:
                log.warning("what other rooms say cannot be written down: %s", error)
            except Exception:
                log.exception("the follower failed; it goes on at the next round")
            runtime.sleep(ROUND_S)

    def stop(self) -> None:
        """Keep the cards of every city, and leave them to another process; without a database the lease lapses."""
        self._stopping = True
        if not self._holds:
            return
        with suppress(Unavailable, NoLog, Silence):
            for state in self._states:
                self._keep(state, now=True)
        with suppress(Unavailable, NoLog):
            self._lease.release()

    def step(self, runtime: Runtime) -> None:
        """Write down what was said since the last step, and ask every city that is due. Raises Unavailable."""
        waiting = [(state, state.said) for state in self._states if state.said is not None and self._holds]

        def write(connection: Connection) -> bool:
            if not self._lease.take_in(connection):
                return False
            for state, said in waiting:
                if said is not None:
                    write_city(connection, state.room.name, _aged(state, said))
            return True

        held = self._log.note(write)
        for state, said in waiting:
            if state.said is said:
                state.said = None
        if held and not self._holds:
            self._begin()
        self._holds = held
        if held:
            self._ask_due(runtime)

    def _ask_due(self, runtime: Runtime) -> None:
        for state in self._states:
            if not state.busy and state.next_at <= monotonic():
                state.busy = True
                runtime.spawn(self._ask, state)
            elif not state.busy:
                self._keep(state)

    def _begin(self) -> None:
        """This process follows from now on: every city from where it was kept."""
        names = [state.room.name for state in self._states]
        self._log.touch(lambda c: forget_cities(c, names))
        for state in self._states:
            name, state.held, state.body, state.said = state.room.name, ForeignRoom(), b"", None
            body = self._log.read(lambda c, name=name: cards_of_city(c, name))  # type: ignore[misc]
            if body is not None and state.held.restore(body):
                state.kept_seq = (state.held.epoch, state.held.seq)

    def _ask(self, state: FollowedState) -> None:
        """Ask one city once, and say when it is asked again."""
        asked = monotonic()
        try:
            self._follow(state)
            state.failures, state.next_at = 0, monotonic() + EVERY_S
        except Silence as silence:
            self._fell_silent(state, silence, asked)
        except Exception as error:
            log.exception("room %s could not be followed", state.room.name)
            self._fell_silent(state, Silence("garbage", type(error).__name__), asked)
        finally:
            state.busy = False

    def _follow(self, state: FollowedState) -> None:
        """Come to its present. Raises Silence."""
        held, asked = state.held, monotonic()
        if not held.epoch:
            held.load(state.feed.snapshot())
            state.beat = None
        answer = state.feed.resume(held.epoch, held.seq, held.mark)
        if answer.snapshot is not None or answer.epoch != held.epoch:
            # Another history, build, pack or key; or too much has changed. What is shown stays until it is there.
            state.held = ForeignRoom()
            state.next_at = monotonic() + self._chance() * JITTER_S
            raise Silence("away", "it begins anew")
        self._take(state, answer, asked)

    def _take(self, state: FollowedState, answer: ForeignAnswer, asked: float) -> None:
        held, beat = state.held, answer.beat
        joined = all([held.take(batch) for batch in answer.batches or ()])
        if beat is None or not joined or not held.is_at(beat):
            state.held = ForeignRoom()
            raise Silence("garbage", "what it sends does not lead from one of its positions to the next")
        if state.beat is not None and beat.now <= state.beat.now:
            raise Silence("away", "the same answer again: something between keeps what is of one moment")
        if abs(beat.now - system_now()) > SKEW:
            raise Silence("clock", f"its clock or ours is wrong: they differ by {_minutes(beat)} min")
        age, room_at = beat.age_s, utc(beat.at)
        if age is None or room_at is None:
            raise Silence("stopped", "nobody judges its deadlines: its clock process does not run")
        body = held.block()
        changed = body if body != state.body else None
        state.beat, state.heard_at, state.body, state.silent = beat, asked, body, None
        state.said = HeardCity(age_s=min(age, 1e9), room_at=room_at, body=changed or _unwritten(state))

    def _fell_silent(self, state: FollowedState, silence: Silence, asked: float) -> None:
        state.failures += 1
        longest = MENDED_S.get(silence.code, min(LONGEST_PAUSE_S, EVERY_S * 2 ** min(state.failures, 4)))
        state.next_at = max(state.next_at, asked + EVERY_S, monotonic() + longest * (0.5 + self._chance() / 2))
        if silence.code in ("garbage", "large"):
            state.held = ForeignRoom()
        if _unwritten(state):
            state.body = b""
        if state.silent != str(silence):
            log.warning("room %s is not heard: %s", state.room.name, silence)
        state.silent = str(silence)
        state.said = SilentCity(fault=silence.code, more=silence.more)

    def _keep(self, state: FollowedState, *, now: bool = False) -> None:
        """Keep its cards, if they have changed and it is time. Raises Unavailable."""
        held = state.held
        every = LARGE_KEPT_S if held.size > LARGE else KEPT_S
        if (held.epoch, held.seq) == state.kept_seq or not held.epoch:
            return
        if not now and monotonic() - state.kept_at < every:
            return
        position, body, name = (held.epoch, held.seq), held.kept(), state.room.name
        self._log.touch(lambda c: keep_cards(c, name, body))
        state.kept_seq, state.kept_at = position, monotonic()


def _unwritten(state: FollowedState) -> bytes | None:
    """The block of an answer before that is not written yet, which this one takes the place of."""
    return state.said.body if isinstance(state.said, HeardCity) else None


def _aged(state: FollowedState, said: HeardCity | SilentCity) -> HeardCity | SilentCity:
    """As it is written: older by the time since it was asked for, the way there and back among it."""
    if isinstance(said, SilentCity):
        return said
    return HeardCity(age_s=said.age_s + monotonic() - state.heard_at, room_at=said.room_at, body=said.body)


def _minutes(beat: ForeignBeat) -> int:
    return round(abs(beat.now - system_now()).total_seconds() / 60)
