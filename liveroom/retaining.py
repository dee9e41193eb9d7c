"""Once an hour one leased process erases what was to be kept for so long only; whoever does it again finds nothing."""

import logging
from datetime import timedelta
from functools import partial

from liveroom.erasing import Erasing
from liveroom.log.engine import Unavailable
from liveroom.log.erasure import What
from liveroom.log.event_log import NoLog
from liveroom.log.lease import Lease, stood_still
from liveroom.log.time_guard import spell
from liveroom.media.store import StoreAway
from liveroom.projection.kept import FIRST, Key, still_held
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.config import KeepSettings

EVERY_S, FIRST_S = 3600.0, 60.0
# After so long a stop the clock may as well be wrong, and what is erased never comes back: people have a day to see it.
LONG_STOP, LOOK_FIRST = timedelta(days=7), timedelta(hours=24)
AT_ONCE = 200
LASTS = timedelta(minutes=10)
ACTOR = "retention"
log = logging.getLogger(__name__)


class Retaining:
    """Days are the room's own, counted from the day on which a complaint was done or elsewhere."""

    def __init__(self, room: Room, erasing: Erasing, keep: KeepSettings) -> None:
        self._room = room
        self._erasing = erasing
        self._days = {What.ALL: keep.text_days, What.PERSON: keep.person_days}
        self._lease = Lease(room.log, "retention", LASTS)
        self._said = False

    def run(self, runtime: Runtime) -> None:
        """For ever; a database that is away is asked again in an hour."""
        runtime.sleep(FIRST_S)
        while True:
            try:
                self.step(runtime)
            except (Unavailable, NoLog) as error:
                log.warning("what is kept too long could not be erased: %s", error)
            except Exception:
                log.exception("the retention job failed; it goes on in an hour")
            runtime.sleep(EVERY_S)

    def step(self, runtime: Runtime) -> int:
        """Erase all that is due; returns in how many complaints. Raises Unavailable, OSError.

        For a day after a long stop nothing is due, whoever asks and however often the room was started since.
        """
        if not self._lease.take() or self._stopped_lately():
            return 0
        n = sum(self._erase(what, days, runtime) for what, days in self._days.items())
        if n:
            self._erasing.blank_surges()
            self._erasing.scrub()
            log.info("what is kept no longer was erased in %s complaints", n)
        return n

    def _stopped_lately(self) -> bool:
        still = self._room.log.read(partial(stood_still, lately=LOOK_FIRST))
        if still <= LONG_STOP:
            self._said = False
            return False
        if not self._said:
            log.warning("what is kept too long is not erased for 24 h: the room stood still for %s", spell(still))
        self._said = True
        return True

    def _erase(self, what: What, days: int, runtime: Runtime) -> int:
        until = (self._room.city.policy.day(self._room.now()) - timedelta(days=days)).isoformat()
        found = 0
        key: Key | None = FIRST
        while key is not None and self._lease.take():
            ids, key = self._next(what, until, key)
            for id_ in ids:
                self._erase_one(id_, what)
                runtime.sleep(0)
            found += len(ids)
        return found

    def _erase_one(self, id_: str, what: What) -> None:
        try:
            self._erasing.erase((id_,), what, by=ACTOR, surges=False)
        except StoreAway as error:
            log.warning("files that are kept too long go when their store is back: %s", error)

    def _next(self, what: What, until: str, key: Key) -> tuple[list[str], Key | None]:
        return self._room.log.read(partial(still_held, what=what, until=until, after=key, limit=AT_ONCE))
