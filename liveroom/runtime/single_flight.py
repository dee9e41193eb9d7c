"""One computation shared by all who ask for the same thing at the same time.

It waits on ``threading`` primitives, which eventlet patches, so it suits both server modes.
"""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Flight(Generic[T]):
    def __init__(self) -> None:
        self.finished = threading.Event()
        self.result: T | None = None
        self.error: BaseException | None = None


class SingleFlight(Generic[T]):
    """Callers with the same key share a running computation; nothing is kept after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[Hashable, _Flight[T]] = {}

    def run(self, key: Hashable, work: Callable[[], T]) -> T:
        """The result of ``work`` for ``key``; callers that come while it runs get the same result or error."""
        with self._lock:
            flight = self._flights.get(key)
            is_first = flight is None
            if flight is None:
                flight = self._flights[key] = _Flight()
        if is_first:
            self._compute(key, flight, work)
        else:
            flight.finished.wait()
        if flight.error is not None:
            raise flight.error
        return flight.result  # type: ignore[return-value]  # set whenever there is no error

    def _compute(self, key: Hashable, flight: _Flight[T], work: Callable[[], T]) -> None:
        try:
            flight.result = work()
        except BaseException as error:  # noqa: BLE001 - raised again for every caller, see run()
            flight.error = error
        finally:
            with self._lock:
                del self._flights[key]
            flight.finished.set()
