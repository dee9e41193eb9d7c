"""Tells the service manager that this process serves and still turns: one that hangs is then started anew.

The protocol of sd_notify(3): one datagram a message to the socket named in NOTIFY_SOCKET.
"""

import socket
from collections.abc import Mapping
from contextlib import suppress

from liveroom.runtime import Runtime

EVERY_S = 5.0
ALIVE = b"READY=1\nWATCHDOG=1"


def tell_systemd(runtime: Runtime, environment: Mapping[str, str]) -> None:
    """Start telling; nothing to do where nobody listens. Runs on the hub on purpose: a hub that hangs falls silent."""
    address = environment.get("NOTIFY_SOCKET", "")
    if address:
        runtime.spawn(_tell, runtime, _resolved(address))


def _resolved(address: str) -> str:
    """A leading ``@`` stands for the NUL of Linux's abstract names."""
    return "\0" + address[1:] if address.startswith("@") else address


def _tell(runtime: Runtime, address: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        while True:
            # Whoever does not listen now may hear the next one.
            with suppress(OSError):
                out.sendto(ALIVE, address)
            runtime.sleep(EVERY_S)
