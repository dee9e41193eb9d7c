"""A plain TCP forwarder, as `socat` or `ssh -L` is one: it passes bytes on and says nothing about where they came from.

`python forwarder.py FROM_HOST FROM_PORT TO_HOST TO_PORT`; it needs nothing but Python and runs until it is killed.
"""

import contextlib
import socket
import sys
import threading


def carry(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes until it ends, and that it ended."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def forward(listener: socket.socket, to: tuple[str, int]) -> None:
    """Pass every connection on, for ever."""
    while True:
        client, _ = listener.accept()
        try:
            room = socket.create_connection(to, timeout=30)
        except OSError:
            client.close()
            continue
        room.settimeout(None)
        for pair in ((client, room), (room, client)):
            threading.Thread(target=carry, args=pair, daemon=True).start()


if __name__ == "__main__":
    here, port, there, room_port = sys.argv[1:]
    forward(socket.create_server((here, int(port))), (there, int(room_port)))
