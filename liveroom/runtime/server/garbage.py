"""Python's garbage collection in a serving process: what lives long is put aside, so that no collection takes long.

A full collection looks at every list, dict and object there is. With 5,000 connections one took 570 ms, in which no
screen got anything. So whatever survives a full collection is put aside at once (`gc.freeze`), and the next one looks
at what has come since. What is put aside still goes as soon as nobody refers to it. Only rings of objects that refer to
each other stay: for them all is looked at again when what is aside has grown by half.
"""

import gc
from typing import Any

from liveroom.runtime import Runtime

# Collections of the younger generations before a full one, which so meets some ten thousand objects: 5 ms.
_FULL_AFTER = 5
# By how much what is aside has to grow until all is looked at: a half, and at least so many objects (20 MB).
_GROWN, _LEAST = 0.5, 100_000
_LOOK_S = 1.0


class GarbagePolicy:
    """Puts aside what lives long. ``aside``: how many objects were when all was looked at last."""

    def __init__(self) -> None:
        self.aside = 0
        self._added = 0

    def begin(self) -> None:
        """Put aside all that there is: it lives as long as the process."""
        younger, middle, _ = gc.get_threshold()
        gc.set_threshold(younger, middle, _FULL_AFTER)
        gc.callbacks.append(self._collected)
        gc.collect()
        self._count()

    def _collected(self, phase: str, info: dict[str, Any]) -> None:
        """Put aside what a full collection has left."""
        if phase == "stop" and info["generation"] == 2:
            self._added += len(gc.get_objects(generation=2))
            gc.freeze()

    def run(self, runtime: Runtime) -> None:
        """Look at all for ever, as often as it has grown."""
        while True:
            runtime.sleep(_LOOK_S)
            self.tend()

    def tend(self) -> None:
        """Look at all if what is aside has grown so much: by rings of objects, or because more is going on."""
        most = max(_LEAST, int(self.aside * _GROWN))
        # To count what is aside takes a tenth of looking at it: only when so much came that it may have grown.
        if self._added < most:
            return
        self._added = max(0, gc.get_freeze_count() - self.aside)
        if self._added >= most:
            self.look_at_all()

    def look_at_all(self) -> None:
        """Collect every ring of objects; with thousands of connections it takes half a second."""
        gc.unfreeze()
        gc.collect()
        self._count()

    def _count(self) -> None:
        self.aside, self._added = gc.get_freeze_count(), 0
