"""Whether a date that jumped ahead is to be believed: once NTP has stood by it for a while, or a person says so."""

import ctypes
import logging
from dataclasses import replace
from datetime import timedelta

from liveroom.log.book import Log
from liveroom.log.machine import BOUND, NONE, machine_now, since_boot, write_machine
from liveroom.log.unit import Unit
from liveroom.metrics import DATE_AHEAD
from liveroom.time import system_now

# So long the kernel must call itself synchronised at the new time, without a break and without another jump.
BELIEVED_AFTER = timedelta(minutes=10)
TIME_ERROR, TIMEX_BYTES = 5, 512
log = logging.getLogger(__name__)


class Timekeeping:
    """The clock's part: it looks each second, and says so for as long as date and room are apart."""

    def __init__(self, book: Log) -> None:
        self._log = book
        self._ahead = NONE
        self._vouched_since = NONE

    def look(self) -> None:
        """Put right what jumped, and believe it when its time has come. Raises Unavailable."""
        ahead = self._log.ahead()
        DATE_AHEAD.set(ahead.total_seconds())
        if abs(ahead - self._ahead) > BOUND:
            self._tell(ahead)
            self._vouched_since = since_boot()
        self._ahead = ahead
        if ahead == NONE:
            return
        if not self._vouched():
            self._vouched_since = since_boot()
        elif since_boot() - self._vouched_since >= BELIEVED_AFTER:
            believe(self._log)

    def _vouched(self) -> bool:
        """Of a database elsewhere this machine can tell only whether both dates are one."""
        date = self._log.read(machine_now)
        return synchronised() and abs(system_now() - date) <= BOUND

    def _tell(self, ahead: timedelta) -> None:
        if ahead == NONE:
            log.warning("time: the database's date and the room's agree again")
            return
        log.error(
            "time: the database's date jumped %d s ahead of what passed by the boot clock: the room goes on without "
            "the jump. If the new date is right: run.py time believe",
            ahead.total_seconds(),
        )


def believe(book: Log) -> timedelta:
    """Take the machine's date as it is; returns by how much the room's time jumps. Raises Unavailable."""
    return book.write(_believe)


def _believe(unit: Unit) -> timedelta:
    if unit.seen.ahead != NONE:
        decision = unit.seen.decision + 1
        write_machine(unit.connection, replace(unit.machine.seen(NONE), decision=decision))
    return unit.seen.ahead


def synchronised() -> bool:
    """Whether the kernel says that NTP keeps its date; False where it does not say."""
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    except (OSError, AttributeError):
        return False
    return 0 <= int(state) < TIME_ERROR
