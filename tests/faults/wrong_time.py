"""A machine whose clock somebody sets: processes see the time of a file, but their true seconds since boot."""

from datetime import timedelta
from pathlib import Path

LIBRARY = Path("/usr/lib")


class SetClock:
    """`env` for the processes that live by this clock; `set` moves it for all of them within a second."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(timedelta())

    def set(self, off: timedelta) -> None:
        """Let the clock be so far ahead of the true time (negative: behind it)."""
        part = self._file.with_suffix(".part")
        part.write_text(f"{off.total_seconds():+.0f}\n")
        part.replace(self._file)

    @property
    def env(self) -> dict[str, str]:
        """libfaketime, which reads the file anew every second.

        Its correction of waits by the monotonic clock, which is not faked, only has Python's threads wait in a loop.
        """
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "NO_FAKE_STAT": "1",
        }


def library() -> Path:
    """Where Debian put it, for whichever processor. Raises LookupError without it (setup/test_programs.sh)."""
    found = sorted(LIBRARY.glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise LookupError("libfaketime is not installed: setup/test_programs.sh")
    return found[0]
