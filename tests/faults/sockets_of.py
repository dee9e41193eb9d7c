"""The sockets inside another process, as its kernel options stand; Linux lends a copy of a descriptor to a parent."""

import ctypes
import errno
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.services.wait import until

PIDFD_GETFD = 438  # the system call's number, the same on all architectures that Python runs on here


def connection_of(pid: int, client: socket.socket) -> socket.socket:
    """A copy of the process's end of that connection, once it was accepted. Raises TimeoutError when it has none.

    Known by both addresses: the process has connections with itself, whose ports may be the client's too.
    """
    ends = (client.getpeername(), client.getsockname())
    found = until(lambda: _connection_of(pid, ends), why=f"process {pid} to accept {ends}")
    assert found is not None
    return found


def _connection_of(pid: int, ends: tuple[tuple[str, int], tuple[str, int]]) -> socket.socket | None:
    for one in _sockets(pid):
        try:
            if (one.getsockname(), one.getpeername()) == ends:
                return one
        except OSError:
            pass  # it listens, or its other end is gone
        one.close()
    return None


def _sockets(pid: int) -> Iterator[socket.socket]:
    """Each of the process's sockets that is still open when its turn comes; the process works on meanwhile."""
    kernel = ctypes.CDLL(None, use_errno=True)
    with closing(os.fdopen(os.pidfd_open(pid), "rb", buffering=0)) as process:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            if not _leads_to(link).startswith("socket:"):
                continue
            copied = kernel.syscall(PIDFD_GETFD, process.fileno(), int(link.name), 0)
            if copied >= 0 and stat.S_ISSOCK(os.fstat(copied).st_mode):
                yield socket.socket(fileno=copied)
            elif copied >= 0:
                os.close(copied)  # the number was given to something else since its link was read
            elif ctypes.get_errno() != errno.EBADF:
                raise OSError(ctypes.get_errno(), "the kernel lends no descriptor of this process")


def _leads_to(link: Path) -> str:
    """What a descriptor's link names; "" when it was closed since the folder was read."""
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""
