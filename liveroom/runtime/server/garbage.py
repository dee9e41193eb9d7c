"""Python's garbage collection in a serving process: what lives long is put aside, so that no collection takes long.

A full collection looks at every list, dict and object there is. With 5,000 connections one took 570 ms, in which no
screen got anything. So whatever survives a full collection is put aside at once (`gc.freeze`), and the next one looks
at what has come since. What is put aside still goes as soon as nobody refers to it. Only rings of objects that refer to
each other stay: for them all is looked at again when the process has grown by so much memory as they could hold.
"""

import gc
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from liveroom.runtime import Runtime

# Collections of the younger generations before a full one, which so meets some ten thousand objects: 10 ms.
_FULL_AFTER = 1
# By how much memory has to grow until all is looked at: a quarter, and at least so many bytes.
_GROWN, _LEAST = 0.25, 64 << 20
_LOOK_S = 1.0


def resident() -> int:
    """Memory of this process, bytes; 0 where the system does not say."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


class GarbagePolicy:
    """Puts aside what lives long. ``memory``: bytes that the process holds."""

    def __init__(self, memory: Callable[[], int] = resident) -> None:
        self._memory = memory
        self._held = 0

    def begin(self) -> None:
        """Put aside all that there is: it lives as long as the process."""
        younger, middle, _ = gc.get_threshold()
        if self._memory():  # where nobody says how much there is, nobody would look at all again
            gc.set_threshold(younger, middle, _FULL_AFTER)
            gc.callbacks.append(self._collected)
        self._collect()
        gc.freeze()

    def _collected(self, phase: str, info: dict[str, Any]) -> None:
        """Put aside what a full collection has left."""
        if phase == "stop" and info["generation"] == 2:
            gc.freeze()

    def run(self, runtime: Runtime) -> None:
        """Look at all for ever, whenever it has grown."""
        while True:
            runtime.sleep(_LOOK_S)
            self.tend()

    def tend(self) -> None:
        """Look at all if memory has grown so much: by rings of objects, or because there is more to do."""
        if self._memory() - self._held >= max(_LEAST, self._held * _GROWN):
            self.look_at_all()

    def look_at_all(self) -> None:
        """Collect every ring of objects; with thousands of connections it takes half a second."""
        gc.unfreeze()
        self._collect()

    def _collect(self) -> None:
        gc.collect()
        # Python makes no full one before a quarter more has come than the last one left: of nothing, that is soon.
        gc.collect()
        self._held = self._memory()
