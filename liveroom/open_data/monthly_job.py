"""Makes the files of open data once a month, in a process of its own: `run.py open-data` beside the clock.

Some days after the end of a month its files are made, and those of all months before it anew, since much of what was
received then is done by now, and what was erased goes; of most months nothing has changed, and their files stay.
"""

import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

from liveroom.log.engine import Unavailable
from liveroom.log.event_log import NoLog
from liveroom.log.lease import Lease
from liveroom.open_data.editions import Editions
from liveroom.open_data.publication import Month, Publisher
from liveroom.room.room import Room
from liveroom.runtime import Runtime

# Seconds between two looks, and before the first.
EVERY_S, FIRST_S = 3600.0, 120.0
# How long one process has the job.
LASTS = timedelta(hours=2)
_PROGRAM = Path(__file__).resolve().parents[2] / "run.py"
log = logging.getLogger(__name__)


class OpenDataJob:
    """Looks every hour whether files are due; ``after_days``: how many days a month is over before it is published."""

    def __init__(self, room: Room, publisher: Publisher, editions: Editions, after_days: int) -> None:
        self._room = room
        self._publisher = publisher
        self._editions = editions
        self._after = after_days
        self._lease = Lease(room.log, "open-data", LASTS)

    def run(self, runtime: Runtime) -> None:
        """Run for ever; what fails is tried again in an hour."""
        runtime.sleep(FIRST_S)
        while True:
            try:
                self.step(runtime)
            except (Unavailable, NoLog) as error:
                log.warning("open data could not be made: %s", error)
            except Exception:
                log.exception("open data could not be made; it is tried again in an hour")
            runtime.sleep(EVERY_S)

    def step(self, runtime: Runtime) -> list[Month]:
        """Make what is due, a month after the other; returns which. Raises Unavailable."""
        made: list[Month] = []
        for month in self.due():
            if not self._lease.take():
                break
            if fault := runtime.run_child(partial(_fault_of, month)):
                # Another month may hold what was erased since, and must not stay for this one's sake.
                log.error("open data of %s could not be made: %s", month, fault)
                continue
            made.append(month)
        if made:
            self._lease.release()
            log.info("open data was made of %s", ", ".join(map(str, made)))
        return made

    def due(self) -> Iterator[Month]:
        """The months to be made now: not yet there, or older than the day on which the latest month was due."""
        today = self._room.city.policy.day(self._room.now())
        due_on = Month.of(today).days.first + timedelta(days=self._after)
        if today < due_on:  # the day of the month before counts until this one's comes
            due_on = Month.of(today).next(-1).days.first + timedelta(days=self._after)
        latest = Month.of(due_on).next(-1)
        for month in self._publisher.months():
            if month <= latest:
                edition = self._editions.of(str(month))
                if edition is None or edition.made_on < due_on.isoformat():
                    yield month


def _fault_of(month: Month) -> str:
    """Run the command; "" when it ended well. Its memory is its own, and none of its libraries stay here."""
    command = [sys.executable, str(_PROGRAM), "open-data", "--month", str(month)]
    with tempfile.TemporaryFile() as said:  # no pipe, which under eventlet another thread cannot wait for
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False)
        said.seek(0)
        words = said.read().decode("utf-8", "replace").strip()
    return "" if done.returncode == 0 else words[-500:] or f"it ended with {done.returncode}"
