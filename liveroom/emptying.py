"""Takes out of the media store what was erased or given up; the rows name it until then, so a store may be away."""

from functools import partial

from liveroom.log.erasure import emptied, nobody_elses, to_empty
from liveroom.log.event_log import Log
from liveroom.media.store import MediaStore

AT_ONCE = 100


class Emptying:
    """Whoever does it again finds nothing left; several may do it at once."""

    def __init__(self, log: Log, store: MediaStore) -> None:
        self._log = log
        self._store = store

    def empty(self, subject: str | None = None) -> None:
        """Of all complaints or of one. Raises StoreAway, Unavailable: what is left stays named."""
        while part := self._log.read(partial(to_empty, subject=subject, limit=AT_ONCE)):
            for one in part:
                for name in self._log.read(partial(nobody_elses, one=one)):
                    self._store.erase(name)
                self._log.touch(partial(emptied, one=one))
