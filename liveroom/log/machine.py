"""How far the machine's date is ahead of the time that the room believes, and who says so: its boot clock.

A date that jumps ahead would make deadlines late for good. So what passed by the database's date is held against what
passed by this machine's boot clock, which no fault of NTP and nobody at the date moves and which goes on in a suspend.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, func, insert, select, update

from liveroom.log import schema
from liveroom.moments import from_micros, to_micros
from liveroom.time import system_now

# More than the slowest answer of a database, less than anybody's deadline.
BOUND = timedelta(seconds=60)
NONE = timedelta(0)
MICROSECOND = timedelta(microseconds=1)
_row = schema.machine.c
_AHEAD = select(_row.ahead)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look: the time ``real`` that the room believed while the boot clock ``boot`` stood at ``since_boot``.

    ``decision`` numbers what was decided about the date: a look from before another decision proves nothing.
    """

    decision: int
    ahead: timedelta
    real: datetime
    boot: str
    since_boot: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The machine's date, and the boot clock before and after it was asked."""

    date: datetime
    before: timedelta
    after: timedelta
    kept: Seen | None

    @property
    def ahead(self) -> timedelta:
        """What is written down so far."""
        return NONE if self.kept is None else self.kept.ahead

    def seen(self, ahead: timedelta) -> Seen:
        """As it is held against later ones: they may find too little time passed, never too much."""
        decision = 0 if self.kept is None else self.kept.decision + (ahead != self.kept.ahead)
        real = self.date - ahead
        return Seen(decision=decision, ahead=ahead, real=real, boot=boot_id(), since_boot=self.before)


class Steady:
    """What one process has ``seen`` of both; it says by how much the date is ahead of what it believes."""

    def __init__(self) -> None:
        self.seen: Seen | None = None

    def judge(self, read: Reading) -> timedelta:
        """How far the date is ahead: nothing once it agrees again, or was set back, which is believed at once."""
        ahead, believed = read.ahead, self._believed(read)
        if read.date - believed <= BOUND:
            return NONE
        return ahead if abs(read.date - ahead - believed) <= BOUND else read.date - believed

    def _believed(self, read: Reading) -> datetime:
        # A start believes the date, for nobody says what happened to it meanwhile; but a jump that was seen stays one.
        seen = self.seen or (read.kept if read.ahead else None)
        decided = read.kept is not None and seen is not None and seen.decision != read.kept.decision
        if seen is not None and not decided and seen.boot == boot_id():
            return seen.real + (read.after - seen.since_boot)
        # This process saw nothing yet, another one or a person has decided since, or the machine was started anew.
        return read.date - read.ahead if seen is None else max(read.date - read.ahead, seen.real)

    def saw(self, seen: Seen) -> None:
        """Remember a look, once what it led to is written."""
        self.seen = seen


def read_machine(connection: Connection) -> Reading:
    """Ask for both now."""
    row = connection.execute(select(schema.machine)).one_or_none()
    before, date, after = since_boot(), machine_now(connection), since_boot()
    if row is None:
        return Reading(date=date, before=before, after=after, kept=None)
    ahead, passed = row.ahead * MICROSECOND, row.since_boot * MICROSECOND
    real = from_micros(row.real_at)
    kept = Seen(decision=row.decision, ahead=ahead, real=real, boot=row.boot, since_boot=passed)
    return Reading(date=date, before=before, after=after, kept=kept)


def write_machine(connection: Connection, seen: Seen) -> None:
    """Write a decision down; under the head's lock."""
    if not connection.execute(update(schema.machine).values(_values(seen))).rowcount:
        connection.execute(insert(schema.machine).values(id=1, **_values(seen)))


def renew_machine(connection: Connection, seen: Seen) -> None:
    """Write a look down for a process that starts anew; it overrules no decision."""
    connection.execute(update(schema.machine).where(_row.decision == seen.decision).values(_values(seen)))


def _values(seen: Seen) -> dict[str, int | str]:
    return {
        "decision": seen.decision,
        "ahead": seen.ahead // MICROSECOND,
        "real_at": to_micros(seen.real),
        "boot": seen.boot,
        "since_boot": seen.since_boot // MICROSECOND,
    }


def machine_now(connection: Connection) -> datetime:
    """The date of the machine, believed or not: PostgreSQL's own, for SQLite this one's, which is the same."""
    if connection.dialect.name != "postgresql":
        return system_now()
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def believed_now(connection: Connection) -> datetime:
    """Real time as the room believes it."""
    return machine_now(connection) - ahead_of(connection)


def ahead_of(connection: Connection) -> timedelta:
    """By how much the machine's date is ahead of that."""
    return (connection.execute(_AHEAD).scalar_one_or_none() or 0) * MICROSECOND


def since_boot() -> timedelta:
    """What passed since this machine was started, suspended or not."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000 * MICROSECOND


@cache
def boot_id() -> str:
    """Names this start of this machine; where the kernel does not say, this process."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return uuid4().hex
