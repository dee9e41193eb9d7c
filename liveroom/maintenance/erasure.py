"""Erasure of complaints (law 27/2022): texts, person, pictures and exact place go; events, codes, area and times stay.

Each erasure is first written to a file beside the database, then rows are erased, then files: a process that dies in
between, or a restore, can carry it out again.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from pathlib import Path

from liveroom.domain.complaints.decide import erased
from liveroom.domain.events import happened
from liveroom.domain.events.complaint_payloads import ProofWithdrawn
from liveroom.domain.requests import Unknown
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.engine import Connection
from liveroom.log.erasure import (
    Erasure,
    Erasures,
    ErasureScope,
    anything_left,
    erase_rows,
    redact_surges,
    uploads_under_way,
)
from liveroom.log.event_log import database_now
from liveroom.media.store import MediaStore
from liveroom.media.uploads import StoreCleaner
from liveroom.projection.complaints import complaints
from liveroom.projection.notices import RELEASED, notice_id
from liveroom.room.room import Room
from liveroom.room.transaction import UnitOfWork
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config

REASON_MAX = 200


class Eraser:
    """Erases complaints of one room; what stays of them can still be counted."""

    def __init__(self, room: Room, config: Config, runtime: Runtime) -> None:
        self._room = room
        folder = Path(config.data_dir)
        folder.mkdir(parents=True, exist_ok=True)
        self._log = room.log
        self._cleaner = StoreCleaner(room.log, MediaStore(config.media.store, folder, runtime.run_aside))
        self._uploads = folder / "uploads"
        self.ledger = Erasures(folder, room.kind)

    def erase(self, ids: Sequence[str], what: ErasureScope, *, by: str, reason: str = "", surges: bool = True) -> None:
        """Erase complaints; repeating it changes nothing. Raises Unknown with nothing erased, Unavailable, OSError.

        Raises StoreUnavailable when all is erased but files, which go as soon as a server reaches the store.
        ``surges``: False if the caller calls ``blank_surges`` once after many complaints.
        """
        known = self._log.read(lambda c: {one.id for one in complaints(c, tuple(ids))})
        for id_ in ids:
            if id_ not in known:
                raise Unknown(id_)
        at = to_micros(self._log.read(database_now))
        erasures = [Erasure(at=at, complaint=id_, what=what, by=by, reason=reason[:REASON_MAX]) for id_ in ids]
        # First of all: if this process dies after this line, the erasure is on record and a restore carries it out.
        self.ledger.append(*erasures)
        for one in erasures:
            self._carry_out(one)
        if surges and what is ErasureScope.ALL:
            self.blank_surges()
        for id_ in ids:
            self._cleaner.empty(id_)

    def blank_surges(self) -> None:
        """Blank categories in a source's own words in the events of surges; reads every surge ever logged."""
        listed = self._room.city.policy.categories.keys()
        self._room.unit(lambda work: redact_surges(work.transaction.connection, listed))

    def scrub(self) -> bool:
        """Rewrite the database's files so that nothing erased lingers; False if a reader prevented it: call again."""
        return self._log.scrub()

    def _carry_out(self, one: Erasure) -> None:
        listed = self._room.city.policy.categories.keys()
        for upload in self._room.unit(partial(carry_out, one=one, listed=listed)):
            (self._uploads / f"{upload}.part").unlink(missing_ok=True)


def carry_out(work: UnitOfWork, one: Erasure, listed: Collection[str]) -> Sequence[str]:
    """Erase the rows of one complaint and log it; returns the uploads under way, whose files are to be deleted.

    ``listed``: the city's categories. Raises Unknown.
    """
    connection, complaint = work.transaction.connection, work.complaint(one.complaint)
    whole = one.what is ErasureScope.ALL
    event = erased(complaint, listed, work.transaction.now, whole=whole)
    new = anything_left(connection, complaint.id, one.what) or len(event.fields) > 1
    uploads = uploads_under_way(connection, complaint.id) if whole else ()
    erase_rows(connection, complaint.id, one.what, from_micros(one.at), listed)
    if new:
        work.append((event,), actor=one.by)
    if whole and work.fold.notices.get(notice_id(RELEASED, complaint.id)) is not None:
        gone = happened(complaint.id, ProofWithdrawn(), at=work.transaction.now)
        work.append((gone,), actor=one.by)  # the pictures that guests were shown are gone
    return uploads


def erase_again(connection: Connection, known: Iterable[Erasure], listed: Collection[str]) -> None:
    """Carry out all erasures in a database that a backup has just filled; files stay listed until they are deleted."""
    for one in known:
        erase_rows(connection, one.complaint, one.what, from_micros(one.at), listed)
    redact_surges(connection, listed)
