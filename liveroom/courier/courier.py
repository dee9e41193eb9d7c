"""The courier's round: who is due, each receiver on its own, one after the other within it; every attempt is kept.

Leased, one active. A second or a late one doubles nothing but an attempt under the same key, which is at-least-once.
"""

import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from liveroom.courier.attempts import Attempts
from liveroom.courier.carriers import Carriers
from liveroom.courier.content import Link
from liveroom.courier.outcome import Result
from liveroom.courier.stuck import StuckWatch
from liveroom.log import outbox
from liveroom.log.engine import Connection, Unavailable
from liveroom.log.event_log import NoLog, read_head, room_now
from liveroom.log.lease import LASTS, Lease
from liveroom.log.outbox import Delivery, Receiver
from liveroom.room.recipients import Channel
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.config import OutboxSettings
from liveroom.runtime.time import monotonic

ROUND_S, WATCH_S = 0.5, 5.0
AT_ONCE = 20
log = logging.getLogger(__name__)


class Courier:
    """``link`` makes an agency's signed link; see Content."""

    def __init__(self, room: Room, carriers: Carriers, settings: OutboxSettings, link: Link) -> None:
        self._room = room
        self._lease = Lease(room.log, "courier")
        self._attempts = Attempts(room, carriers, link, random.SystemRandom().random)
        self._watch = StuckWatch(room, settings)
        self._taken = self._watched = float("-inf")
        self._busy: set[Receiver] = set()
        self._paused: dict[Receiver, datetime] = {}

    def run(self, runtime: Runtime) -> None:
        """Go round for ever; a database that is away is asked again at the next round."""
        while True:
            try:
                self.round(runtime)
            except (Unavailable, NoLog) as error:
                log.warning("the courier cannot reach the log: %s", error)
            except Exception:
                log.exception("the courier failed; it goes on at the next round")
            runtime.sleep(ROUND_S)

    def round(self, runtime: Runtime) -> bool:
        """Set out to everybody for whom something is due; True if this process holds the lease."""
        if not self._lease.take():
            self._taken = float("-inf")
            return False
        self._taken = monotonic()
        now, receivers = self._room.log.read(self._look)
        for receiver, urgent in receivers.items():
            if receiver not in self._busy and (urgent or self._paused.get(receiver, now) <= now):
                self._busy.add(receiver)
                runtime.spawn(self._serve, receiver)
        if monotonic() - self._watched >= WATCH_S:
            self._watched = monotonic()
            self._watch.look()
        return True

    def release(self) -> None:
        """Let a courier that stands by begin at once; a database that is away will notice by itself."""
        with suppress(Unavailable, NoLog):
            self._lease.release()

    @staticmethod
    def _look(connection: Connection) -> tuple[datetime, dict[Receiver, bool]]:
        now, head = room_now(connection), read_head(connection)
        held = outbox.held_since(connection, head.epoch) is not None
        return now, {} if held else outbox.receivers_due(connection, now)

    @property
    def _holds(self) -> bool:
        """Whether the lease cannot have lapsed since the last round: one that was frozen sends nothing more."""
        return monotonic() - self._taken < LASTS.total_seconds()

    def _serve(self, receiver: Receiver) -> None:
        """Everything that is due for one receiver, until it cannot be reached."""
        try:
            while due := self._room.log.read(lambda c: outbox.due(c, receiver, room_now(c), AT_ONCE)):
                if not self._all_through(receiver, due):
                    return
        except (Unavailable, NoLog) as error:
            log.warning("the courier cannot reach the log: %s", error)
        except Exception:
            log.exception("the courier failed on a receiver; it is tried again")
        finally:
            self._busy.discard(receiver)

    def _all_through(self, receiver: Receiver, due: Sequence[Delivery]) -> bool:
        tried: set[str] = set()
        for delivery in due:
            parcel = () if delivery.id in tried else self._parcel(delivery)
            tried |= {one.id for one in parcel}
            if parcel and not self._through(receiver, parcel):
                return False
        return True

    def _parcel(self, delivery: Delivery) -> Sequence[Delivery]:
        """What leaves in one piece with it; nothing if it has left by now."""
        if delivery.digest is None or self._room.routes.channel(delivery.receiver) is not Channel.MAIL:
            return (delivery,)
        return self._room.log.touch(lambda c: outbox.gathered(c, delivery))

    def _through(self, receiver: Receiver, parcel: Sequence[Delivery]) -> bool:
        """Whether the next one to this receiver is worth trying: the first failure makes all of its others wait."""
        if not self._holds:
            return False
        result, again = self._attempts.make(*parcel)
        self._paused.pop(receiver, None)
        if result is Result.UNREACHABLE and again is not None:
            self._paused[receiver] = again
            return False
        return True
