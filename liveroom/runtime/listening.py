"""The listening socket of every async mode: accepted sockets inherit its options, so they are set here, once."""

import errno
import os
import socket

# Without TCP_NODELAY a broadcast's p95 is 35 ms (Nagle waits for a delayed ACK).
# A send buffer that grows by itself hides a stalled client for 20 s and holds 4 MB of it; Linux gives twice this.
SEND_BUFFER = 128 * 1024
BACKLOG = 1024
REMEDIES = {
    errno.EADDRINUSE: "another process has it (`ss -ltnp` names it): end that one or take another port",
    errno.EACCES: "below 1024 only root may: take a port from 1024 and let the proxy listen there",
    errno.EADDRNOTAVAIL: "server.host (LIVEROOM_HOST) must be an address of this machine, such as 127.0.0.1",
}


class CannotListen(ValueError):
    """The address is taken or not this machine's; the text says which."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, green when ``socket`` is patched. Raises CannotListen."""
    where = f"server.port (LIVEROOM_PORT): cannot listen on port {port} of {host}"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except socket.gaierror as error:
        raise CannotListen(f"{where}: no such name; {REMEDIES[errno.EADDRNOTAVAIL]}") from error
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0, "server.host and server.port say where")
        raise CannotListen(f"{where}: {os.strerror(error.errno or 0)}; {remedy}") from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    return listener
