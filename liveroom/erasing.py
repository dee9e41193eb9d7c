"""Erasing what was said and who said it: noted beside the database first, then rows, then files (law 27/2022)."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from liveroom.config import Config
from liveroom.log.connection import Connection
from liveroom.log.erase import erase_rows, uploads_under_way
from liveroom.log.erasures import Erasure, Erasures, What
from liveroom.log.head import database_now
from liveroom.media.store import MediaStore
from liveroom.moments import from_micros, to_micros
from liveroom.orders import Unknown
from liveroom.projection.read import complaints
from liveroom.room import Room

REASON_MAX = 200


class Erasing:
    """The events stay, and so do codes, places and times: the complaint can still be counted."""

    def __init__(self, room: Room, config: Config) -> None:
        folder = Path(config.data_dir)
        folder.mkdir(parents=True, exist_ok=True)
        self._log = room.log
        self._store = MediaStore(config.media.store, folder)
        self._arrivals = folder / "uploads"
        self.ledger = Erasures(folder, room.kind)

    def erase(self, ids: Sequence[str], what: What, *, by: str, reason: str = "") -> None:
        """Erase these; the same again changes nothing. Raises Unknown with nothing erased, Unavailable, OSError."""
        known = self._log.read(lambda c: {one.id for one in complaints(c, tuple(ids))})
        for id_ in ids:
            if id_ not in known:
                raise Unknown(id_)
        at = to_micros(self._log.read(database_now))
        told = [Erasure(at=at, complaint=id_, what=what, by=by, reason=reason[:REASON_MAX]) for id_ in ids]
        # First: whoever dies after this line has promised it, and a restore keeps the promise.
        self.ledger.append(*told)
        for one in told:
            self._carry_out(one)

    def scrub(self) -> bool:
        """Let nothing linger in the database's own files; False: something was reading, ask again."""
        return self._log.scrub()

    def _carry_out(self, one: Erasure) -> None:
        names, uploads = self._log.touch(partial(_rows, one=one))
        for name in names:
            self._store.erase(name)
        for upload in uploads:
            (self._arrivals / f"{upload}.part").unlink(missing_ok=True)


def _rows(connection: Connection, one: Erasure) -> tuple[Sequence[str], Sequence[str]]:
    uploads = uploads_under_way(connection, one.complaint) if one.what is What.ALL else ()
    return erase_rows(connection, one.complaint, one.what, from_micros(one.at)), uploads


def erase_again(connection: Connection, ledger: Erasures) -> list[str]:
    """Everything that was ever erased, in a database that a backup has just filled; returns the files to erase."""
    return [name for one in ledger for name in erase_rows(connection, one.complaint, one.what, from_micros(one.at))]
