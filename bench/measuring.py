"""A runtime that notes how long each slice took: on the database thread, and on the hub between two of its rests."""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Measuring:
    """Everything in the caller's thread; ``database`` and ``hub`` hold the slices in seconds."""

    mode = "threading"

    def __init__(self) -> None:
        self.database: list[float] = []
        self.hub: list[float] = []
        self._since = time.perf_counter()

    def begin(self) -> None:
        """Forget what was noted so far."""
        self.database.clear()
        self.hub.clear()
        self._since = time.perf_counter()

    def spawn(self, work: Callable[..., Any], *args: Any) -> None:
        """Run beside, unmeasured."""
        threading.Thread(target=work, args=args, daemon=True).start()

    def sleep(self, seconds: float) -> None:
        """A rest ends a slice of the hub."""
        self._rest()
        time.sleep(seconds)
        self._since = time.perf_counter()

    def run_db(self, work: Callable[[], T]) -> T:
        """A slice of the database; while it runs the hub is free."""
        self._rest()
        begun = time.perf_counter()
        try:
            return work()
        finally:
            self._since = time.perf_counter()
            self.database.append(self._since - begun)

    def serve(self, app: Any, host: str, port: int) -> None:
        """Nothing is served while measuring. Raises NotImplementedError."""
        raise NotImplementedError

    def stop(self) -> None:
        """Nothing to end."""

    def _rest(self) -> None:
        self.hub.append(time.perf_counter() - self._since)
