"""The only place that reads a clock: machine time, a monotonic clock, room time as data; the version of this build.

Real time is the database's (liveroom.log); a room's time is worked out from it by the `RoomTime` in the head row.
"""

import hashlib
import os
import time as _time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from liveroom.domain.timestamps import from_micros, to_micros


def system_now() -> datetime:
    """This machine's time, aware UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never jump; for ages and time-outs."""
    return _time.monotonic()


# Where the system has one, a clock that goes on while the machine is suspended, so that waking up is no jump.
_SINCE_BOOT = getattr(_time, "CLOCK_BOOTTIME", _time.CLOCK_MONOTONIC)


def since_boot() -> float:
    """Seconds that setting the clock does not move, time in suspension included; the clock is checked against it."""
    return _time.clock_gettime(_SINCE_BOOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomTime:
    """Room time as data: it was ``room_base`` when real time was ``real_base`` and runs ``rate`` times as fast.

    Rate 1 with equal bases is a real room; 0 stands still (a test room); a drill may be faster.
    """

    real_base: int
    room_base: int
    rate: int

    def at(self, real: datetime) -> datetime:
        """Room time at a moment of real time; both aware UTC."""
        return from_micros(self.room_base + (to_micros(real) - self.real_base) * self.rate)

    def restarted(self, real: datetime, room: datetime) -> "RoomTime":
        """The same rate, counted from ``room`` at ``real``."""
        return RoomTime(real_base=to_micros(real), room_base=to_micros(room), rate=self.rate)


def real_time() -> RoomTime:
    """The time of a real room: real time itself."""
    return RoomTime(real_base=0, room_base=0, rate=1)


_ROOT = Path(__file__).resolve().parents[2]
# Everything that shapes what a screen shows.
_PARTS = ("liveroom", "display", "static", "templates")
_SUFFIXES = (".py", ".js", ".css", ".html", ".json")
# What set-up makes of it adds nothing.
_BUILT = str(_ROOT / "static" / "build")


def build_of(root: Path = _ROOT) -> str:
    """The build's version, ``YYYYMMDDTHHMMSSZ-xxxxxxxx``: time of the newest file and a hash of all; sorts by time."""
    # Strings instead of Path until a file is read: with 800 files that halves the time this takes at every start.
    files = sorted(
        f"{folder}/{name}"
        for part in _PARTS
        for folder, _, names in os.walk(root / part)
        if not folder.startswith(_BUILT)
        for name in names
        if name.endswith(_SUFFIXES)
    )
    newest = max((os.stat(path).st_mtime for path in files), default=0.0)  # noqa: PTH116 see above
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.removeprefix(f"{root}/").encode() + b"\0" + Path(path).read_bytes())
    return f"{datetime.fromtimestamp(newest, UTC):%Y%m%dT%H%M%SZ}-{digest.hexdigest()[:8]}"
