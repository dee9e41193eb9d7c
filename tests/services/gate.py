"""A door before a server: while it is closed nobody seems to be there, and the server keeps what it has."""

import socket
import threading
from contextlib import suppress

from tests.services.process import free_port


class Gate:
    """Passes connections of ``port`` on to ``behind``, both of 127.0.0.1."""

    def __init__(self, behind: int) -> None:
        self.port = free_port()
        self._behind = behind
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._changing = threading.Lock()

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        """Refuse whoever comes, and cut whoever is there."""
        with self._changing:
            if self._listener is not None:
                self._open.append(self._listener)
            _end(self._open)
            self._open.clear()
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                came, _ = listener.accept()
                there = socket.create_connection(("127.0.0.1", self._behind))
            except OSError:
                return
            with self._changing:
                if self._listener is not listener:  # closed while somebody was on the way through
                    _end([came, there])
                    return
                self._open += [came, there]
            for one, other in ((came, there), (there, came)):
                threading.Thread(target=_carry, args=(one, other), daemon=True).start()


def _end(sockets: list[socket.socket]) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while block := one.recv(65_536):
            other.sendall(block)
        other.shutdown(socket.SHUT_WR)
