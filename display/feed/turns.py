"""Whose turn it is to restart its browser (CR-110): one screen after another, none while an alarm waits."""

from collections.abc import Callable

from liveroom.accounts.screens import Screen, take_turn
from liveroom.log.event_log import Log
from liveroom.projection.alarms import any_unacked


class Turns:
    """The turns of one room, whichever process is asked."""

    def __init__(self, log: Log, screen_of_request: Callable[[], Screen | None]) -> None:
        self._log = log
        self._screen_of_request = screen_of_request

    def take(self) -> bool:
        """Whether the screen that asks may go down now; nobody may for a minute then. Raises Unavailable."""
        if self._log.read(any_unacked):
            return False
        screen = self._screen_of_request()
        return take_turn(self._log, screen.id if screen is not None else None)
