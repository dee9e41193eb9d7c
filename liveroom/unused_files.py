"""Erases what was sent and never used: a citizen's photo of no report, a proof that no order named and nobody shows."""

from datetime import timedelta
from functools import partial

from liveroom.log.erasure import FIRST, give_up_unused, unused_after
from liveroom.log.event_log import Log, Unit
from liveroom.log.uploads import Upload, Uploads
from liveroom.projection.notices import names_picture

AT_ONCE = 100


class UnusedFiles:
    """``older``: for how long a file that is ready may wait to be used. Content goes with the next emptying."""

    def __init__(self, log: Log, register: Uploads, older: timedelta) -> None:
        self._log = log
        self._register = register
        self._older = older
        self._key = FIRST

    def give_up(self) -> None:
        """Whatever is due, a hundred at a time; once a process looks at all there ever was. Raises Unavailable."""
        for one in self._register.unclaimed(self._older):
            self._register.give_up(one)
        more = True
        while more:
            look = partial(unused_after, key=self._key, older=self._older, limit=AT_ONCE)
            unused, self._key, more = self._log.read(look)
            for one in unused:
                self._log.write(partial(_give_up, one=one))


def _give_up(unit: Unit, one: Upload) -> None:
    if not names_picture(unit.connection, one.subject, one.id):  # it may be shown without having proved anything
        give_up_unused(unit.connection, one)
