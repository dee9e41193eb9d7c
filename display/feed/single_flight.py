"""One computation for all who ask for the same thing at the same time; green when ``threading`` is patched."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Flight(Generic[T]):
    def __init__(self) -> None:
        self.landed = threading.Event()
        self.result: T | None = None
        self.error: BaseException | None = None


class SingleFlight(Generic[T]):
    """Shares a running computation among its askers; nothing is kept after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[Hashable, _Flight[T]] = {}

    def do(self, key: Hashable, work: Callable[[], T]) -> T:
        """The result of ``work`` for ``key``; who comes while it runs waits for the same, or the same error."""
        with self._lock:
            flight = self._flights.get(key)
            leads = flight is None
            if flight is None:
                flight = self._flights[key] = _Flight()
        if leads:
            self._fly(key, flight, work)
        else:
            flight.landed.wait()
        if flight.error is not None:
            raise flight.error
        return flight.result  # type: ignore[return-value]  # set whenever there is no error

    def _fly(self, key: Hashable, flight: _Flight[T], work: Callable[[], T]) -> None:
        try:
            flight.result = work()
        except BaseException as error:  # noqa: BLE001 - handed to every asker, see do()
            flight.error = error
        finally:
            with self._lock:
                del self._flights[key]
            flight.landed.set()
