"""The listening socket of every async mode: accepted sockets inherit its options, so they are set here, once."""

import socket

# Without TCP_NODELAY a broadcast's p95 is 35 ms (Nagle waits for a delayed ACK).
# A send buffer that grows by itself hides a stalled client for 20 s and holds 4 MB of it; Linux gives twice this.
SEND_BUFFER = 128 * 1024
BACKLOG = 1024


class CannotListen(ValueError):
    """The address is taken or not this machine's; the text says which."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, green when ``socket`` is patched. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise CannotListen(f"cannot listen on port {port} of {host}: {error.strerror or error}") from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    return listener
