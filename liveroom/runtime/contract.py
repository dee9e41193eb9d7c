"""What the rest of the product may ask of the async library."""

import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:  # every command imports this module, and only one that serves needs that one
    from liveroom.runtime.connections import Connections

T = TypeVar("T")


class Bell:
    """Wakes one waiter; rings while nobody waits are kept as one. Green when ``threading`` is patched."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        """Wake the waiter now or at its next wait."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """True if rung within ``seconds``."""
        rung = self._event.wait(seconds)
        self._event.clear()
        return rung


class Runtime(Protocol):
    """One implementation an async mode; chosen once by config, passed in, never looked up."""

    mode: str

    def spawn(self, work: Callable[..., Any], *args: Any) -> None:
        """Run ``work`` beside everything else until the process ends."""

    def sleep(self, seconds: float) -> None:
        """Let others run for ``seconds``; 0 yields."""

    def run_db(self, work: Callable[[], T]) -> T:
        """Run one slice of database work where it cannot stall the hub; returns its result or raises its error."""

    def run_aside(self, work: Callable[[], T]) -> T:
        """Run one native call that takes a processor and lets go of the interpreter, such as argon2's, beside the hub
        and the database thread; returns its result or raises its error."""

    def run_child(self, work: Callable[[], T]) -> T:
        """Run one call that waits for a child process of `subprocess`, beside the hub; the same otherwise."""

    def serve(self, app: Any, listener: socket.socket, connections: "Connections") -> None:
        """Serve the WSGI application on a listening socket until ``stop``; ``connections`` says how many may come."""

    def stop(self) -> None:
        """End ``serve``; running requests are answered first."""
