"""Retention: erase what was kept for long enough, give up uploads that nobody used, sweep uploads under way.

``RetentionJob`` runs hourly in one leased process, ``UploadSweeper`` every minute in every web process. Both may be
repeated at any time: what is done already is not found again.
"""

import logging
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection, or_, select

from liveroom.accounts.quarantine import forget_old
from liveroom.log import schema
from liveroom.log.engine import Unavailable
from liveroom.log.erasure import FIRST, ErasureScope, give_up_unused, unused_after
from liveroom.log.event_log import EventLog, NoLog, Transaction
from liveroom.log.lease import Lease, stood_still
from liveroom.log.schema import upload
from liveroom.log.time_guard import spell
from liveroom.log.uploads import WAITS, Upload, Uploads, UploadState
from liveroom.maintenance.erasure import Eraser
from liveroom.media.store import StoreUnavailable
from liveroom.media.uploads import UploadPipeline
from liveroom.projection.notices import names_picture
from liveroom.projection.public import RETENTION
from liveroom.room.room import Room
from liveroom.runtime import Runtime, metrics
from liveroom.runtime.config import KeepSettings

log = logging.getLogger(__name__)

# The retention job. Seconds between two runs, and before the first.
EVERY_S, FIRST_S = 3600.0, 60.0
# After a stop this long the clock may well be wrong, and erasure is final: people get a day to notice before it
# resumes.
LONG_STOP, LOOK_FIRST = timedelta(days=7), timedelta(hours=24)
AT_ONCE = 200
LASTS = timedelta(minutes=10)
# Closing day and id of the last complaint looked at.
Key = tuple[str, str]
FIRST_KEPT: Key = ("", "")


class RetentionJob:
    """Erases texts and people of complaints after the days in ``keep``, counted in room days from the closing day."""

    def __init__(self, room: Room, eraser: Eraser, keep: KeepSettings) -> None:
        self._room = room
        self._eraser = eraser
        self._days = {ErasureScope.ALL: keep.text_days, ErasureScope.PERSON: keep.person_days}
        self._lease = Lease(room.log, "retention", LASTS)
        self._warned = False

    def run(self, runtime: Runtime) -> None:
        """Run for ever; a database that is away is tried again in an hour."""
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

        For a day after a long stop nothing is due, however often the room was started since.
        """
        if not self._lease.take() or self._stopped_lately():
            return 0
        if refused := forget_old(self._room.log):
            log.info("%s entries of the quarantine were old and are deleted", refused)
        n = sum(self._erase(what, days, runtime) for what, days in self._days.items())
        if n:
            self._eraser.blank_surges()
            self._eraser.scrub()
            log.info("what is kept no longer was erased in %s complaints", n)
        return n

    def _stopped_lately(self) -> bool:
        still = self._room.log.read(partial(stood_still, lately=LOOK_FIRST))
        if still <= LONG_STOP:
            self._warned = False
            return False
        if not self._warned:
            log.warning("what is kept too long is not erased for 24 h: the room stood still for %s", spell(still))
        self._warned = True
        return True

    def _erase(self, what: ErasureScope, days: int, runtime: Runtime) -> int:
        until = (self._room.city.policy.day(self._room.now()) - timedelta(days=days)).isoformat()
        found = 0
        key: Key | None = FIRST_KEPT
        while key is not None and self._lease.take():
            ids, key = self._next(what, until, key)
            for id_ in ids:
                self._erase_one(id_, what)
                runtime.sleep(0)
            found += len(ids)
        return found

    def _erase_one(self, id_: str, what: ErasureScope) -> None:
        try:
            self._eraser.erase((id_,), what, by=RETENTION, surges=False)
        except StoreUnavailable as error:
            log.warning("files that are kept too long go when their store is back: %s", error)

    def _next(self, what: ErasureScope, until: str, key: Key) -> tuple[list[str], Key | None]:
        return self._room.log.read(partial(_still_held, what=what, until=until, after=key, limit=AT_ONCE))


def _still_held(
    connection: Connection, what: ErasureScope, until: str, after: Key, limit: int
) -> tuple[list[str], Key | None]:
    """Among the next ``limit`` complaints closed on or before the day ``until``: ids that still hold data of ``what``.

    Also returns the key to continue after, None at the end.
    """
    table = schema.complaint.c
    beyond = (table.closed_day > after[0]) | ((table.closed_day == after[0]) & (table.id > after[1]))
    query = select(table.closed_day, table.id).where(table.closed_day <= until, beyond)
    rows = connection.execute(query.order_by(table.closed_day, table.id).limit(limit)).all()
    ids = [row.id for row in rows]
    held = _holders(connection, what, ids)
    key = (rows[-1].closed_day, rows[-1].id) if len(rows) == limit else None
    return [id_ for id_ in ids if id_ in held], key


def _holders(connection: Connection, what: ErasureScope, ids: list[str]) -> set[str]:
    tables = (schema.person,) if what is ErasureScope.PERSON else (schema.person, schema.text, schema.media)
    found: set[str] = set()
    for table in tables:
        query = select(table.c.subject_id).where(table.c.subject_id.in_(ids), table.c.erased_at.is_(None))
        found.update(connection.execute(query).scalars())
    if what is ErasureScope.ALL:
        gone = or_(upload.c.state == UploadState.ERASED, upload.c.subject_id == "")
        query = select(upload.c.subject_id).where(upload.c.subject_id.in_(ids), ~gone)
        found.update(connection.execute(query).scalars())
    return found


# Uploads that were never used: a citizen's photo without a report, a proof that no command named.

FILES_AT_ONCE = 100


class UnusedFiles:
    """Gives up uploads that were not used within ``older`` of being ready; the store deletes their content later."""

    def __init__(self, log: EventLog, register: Uploads, older: timedelta) -> None:
        self._log = log
        self._register = register
        self._older = older
        self._key = FIRST

    def give_up(self) -> None:
        """Give up what is due, FILES_AT_ONCE at a time; a process's first call looks at all uploads. Raises
        Unavailable."""
        for one in self._register.unclaimed(self._older):
            self._register.give_up(one)
        more = True
        while more:
            look = partial(unused_after, key=self._key, older=self._older, limit=FILES_AT_ONCE)
            unused, self._key, more = self._log.read(look)
            for one in unused:
                self._log.write(partial(_give_up, one=one))


def _give_up(unit: Transaction, one: Upload) -> None:
    if not names_picture(unit.connection, one.subject, one.id):  # guests may be shown a photo that proves nothing
        give_up_unused(unit.connection, one)


# Uploads under way. An inspection that takes longer than this was abandoned by its process.
ABANDONED = timedelta(minutes=5)
# Seconds between two sweeps, and before the first retry while the store is away.
SWEEP_EVERY_S, FIRST_AGAIN_S = 60.0, 5.0


class UploadSweeper:
    """Sweeps what waits for the store, was left behind, or is to be deleted; runs in every web process.

    ``unfinished``: how long an upload that was cut off may wait to be resumed.
    """

    def __init__(self, pipeline: UploadPipeline, unfinished: timedelta, unused: UnusedFiles) -> None:
        self._pipeline = pipeline
        self._register = pipeline.register
        self._unfinished = unfinished
        self._unused = unused

    def run(self, runtime: Runtime) -> None:
        """Run for ever; what has begun to wait for the store is retried after FIRST_AGAIN_S, then ever more slowly."""
        metrics.MEDIA_STORE.set(1)
        pause, waits = SWEEP_EVERY_S, False
        while True:
            waited, waits = waits, self.step()
            pause = (min(SWEEP_EVERY_S, pause * 2) if waited else FIRST_AGAIN_S) if waits else SWEEP_EVERY_S
            if self._pipeline.waits.wait(pause):
                waits = False
                runtime.sleep(FIRST_AGAIN_S)

    def step(self) -> bool:
        """Sweep once; True while the store is away or does not take what waits for it."""
        try:
            self._measure()
            self._tidy()
            # Deletion first: what waits may be waiting for the space that it frees.
            return not (self._answers() and self._empty() and self._keep_what_waited())
        except Unavailable:
            return False
        except OSError as error:
            log.warning("files on their way in cannot be looked through: %s", error.strerror)
            return False

    def _measure(self) -> None:
        for fill in self._pipeline.disk.spaces()[:1]:
            metrics.DISK_FREE.set(fill.free)
            metrics.DISK_RESERVE.set(fill.reserve)
        lying, came = self._register.strangers()
        metrics.PUBLIC_UPLOADS.labels("unclaimed").set(lying)
        metrics.PUBLIC_UPLOADS.labels("day").set(came)
        if (bounds := self._register.bounds) is not None:
            metrics.PUBLIC_UPLOADS_MOST.labels("unclaimed").set(bounds.lying)
            metrics.PUBLIC_UPLOADS_MOST.labels("day").set(bounds.day)

    def _tidy(self) -> None:
        for one in self._register.stale(UploadState.CHECKING, ABANDONED):
            if one.code != WAITS:
                self._pipeline.check_again(one)
        for one in self._register.stale(UploadState.OPEN, self._unfinished):
            if self._pipeline.resume(one) < one.length:
                self._pipeline.end(one)
        self._pipeline.end_unwanted()
        self._unused.give_up()
        self._register.forget_old()
        self._pipeline.tidy()

    def _answers(self) -> bool:
        """Whether the store can be used; also sets the metric."""
        try:
            self._pipeline.store.probe()
        except StoreUnavailable as error:
            log.warning("%s", error)
            metrics.MEDIA_STORE.set(0)
            return False
        metrics.MEDIA_STORE.set(1)
        return True

    def _keep_what_waited(self) -> bool:
        """Store what waited; False at the first that the store does not take, since the others would fail as well."""
        mine = (one for one in self._register.waiting() if self._register.take_up(one.id))
        return all(self._pipeline.check_again(one) for one in mine)

    def _empty(self) -> bool:
        try:
            self._pipeline.cleaner.empty()
        except StoreUnavailable as error:
            log.warning("what was erased is still in the store: %s", error)
            return False
        return True
