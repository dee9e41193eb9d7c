"""Whose turn it is to restart its browser (CR-110): one screen after another, none while an alarm waits."""

from datetime import timedelta

from liveroom.log.book import Log
from liveroom.log.lease import Lease
from liveroom.projection.alarms import any_unacked

# So long the next one waits: a browser is back within half of it.
LASTS = timedelta(seconds=60)


class Turns:
    """The turns of one room, whichever process is asked."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def take(self) -> bool:
        """Whether the screen that asks may go down now; nobody else may for a minute then. Raises Unavailable."""
        if self._log.read(any_unacked):
            return False
        return Lease(self._log, "restart", LASTS).take()
