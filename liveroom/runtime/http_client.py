"""Outgoing HTTP with bounds, and a time limit for an outgoing connection as a whole.

Time-outs of httpx and smtplib are for one step: a receiver that sends one byte at a time would never reach them. httpx
is imported at the first request, since most processes never make one.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    import httpx

# Seconds for one step (connect, one read or write), and for an attempt as a whole.
STEP_S, WHOLE_S = 10.0, 30.0
# Events of httpx at which a socket has been opened.
_OPENED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class Guard:
    """Shuts the sockets it watches when the time is up, which ends every wait on one of them; ``late`` from then on."""

    def __init__(self) -> None:
        self.late = False
        self._sockets: list[Callable[[], Any]] = []

    def watch(self, found: Callable[[], Any]) -> None:
        """Shut the socket that ``found`` returns when the time is up; at once if it is up already."""
        self._sockets.append(found)
        if self.late:
            self.cut()

    def cut(self) -> None:
        """The time is up."""
        self.late = True
        for found in self._sockets:
            with suppress(OSError, ValueError, AttributeError):
                found().shutdown(socket.SHUT_RDWR)


@contextmanager
def within(seconds: float) -> Iterator[Guard]:
    """A guard that cuts after so many seconds. Its timer is one of ``threading``, green where that is patched."""
    guard = Guard()
    timer = threading.Timer(seconds, guard.cut)
    timer.daemon = True
    timer.start()
    try:
        yield guard
    finally:
        timer.cancel()


# HTTP.

OK, SERVER_ERROR = 200, 500
# Below SERVER_ERROR these alone mean "come back later" (RFC 9110, 8470 and 6585).
_LATER = frozenset({408, 425, 429})


def retryable(status: int) -> bool:
    """Whether the same request may fare better later."""
    return status >= SERVER_ERROR or status in _LATER


class NoReplyError(OSError):
    """No whole answer came; the cause says why. ``late``: the time was up."""

    def __init__(self, late: bool) -> None:
        super().__init__("too slow" if late else "no answer")
        self.late = late


class InwardAddress(OSError):
    """A name leads into a private network. Whoever means that writes the address itself, or says so in the settings."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} leads to a private address")


class BoundedClient:
    """One connection a request, no redirect, no proxy from the environment, ``seconds`` in all, ``step`` for a wait."""

    def __init__(self, seconds: float = WHOLE_S, step: float = STEP_S) -> None:
        self._seconds, self._step = seconds, step
        # Reading the machine's authorities takes 20 ms and more: once, not in every request.
        self._tls = ssl.create_default_context()

    @contextmanager
    def request(self, method: str, url: str, **sent: Any) -> Iterator["httpx.Response"]:
        """The answer, its body unread: read a bounded part of it raw. ``sent`` is what httpx takes.

        Raises NoReplyError, also where the time is up while the body is read, and ValueError for a URL that is none.
        """
        import httpx

        with within(self._seconds) as guard:
            sent["extensions"] = {**sent.get("extensions", {}), "trace": _watched_by(guard)}
            try:
                with (
                    httpx.Client(
                        verify=self._tls, timeout=self._step, follow_redirects=False, trust_env=False
                    ) as client,
                    client.stream(method, url, **sent) as answer,
                ):
                    yield answer
            except httpx.InvalidURL as error:
                raise ValueError(str(error)) from error
            except httpx.HTTPError as error:
                raise NoReplyError(guard.late or isinstance(error, httpx.TimeoutException)) from error
            if guard.late:
                raise NoReplyError(late=True)

    @contextmanager
    def request_outside(self, method: str, url: str, **sent: Any) -> Iterator["httpx.Response"]:
        """As ``request``, but never into a private network by a name: asked is the very address that was checked.

        Raises InwardAddress, and OSError for a name that cannot be looked up, beside what ``request`` raises.
        """
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
        if not name:
            raise ValueError("the address names no host")
        if (address := public_address((name, port))) is None:
            raise InwardAddress(name)
        sent["headers"] = {**sent.get("headers", {}), "Host": parts.netloc.rpartition("@")[2]}
        sent["extensions"] = {**sent.get("extensions", {}), "sni_hostname": name}
        with self.request(method, url_at(url, address, port), **sent) as answer:
            yield answer


def public_address(host: tuple[str, int]) -> str | None:
    """An address of ``(name, port)``; None when any of them is private, unless the name is itself an address.

    Raises OSError when the name cannot be looked up.
    """
    found = [str(info[4][0]) for info in socket.getaddrinfo(*host, type=socket.SOCK_STREAM)]
    public = all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in found)
    if not found or not (public or _is_address(host[0])):
        return None
    return found[0]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def url_at(url: str, address: str, port: int) -> str:
    """The URL with an address in the place of its host: the name may lead elsewhere a moment later."""
    parts = urlsplit(url)
    netloc = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


def _watched_by(guard: Guard) -> Callable[[str, Mapping[str, Any]], None]:
    """The ``trace`` extension of an httpx request: the guard watches every connection that it opens."""

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event in _OPENED:
            stream = info["return_value"]
            guard.watch(lambda: stream.get_extra_info("socket"))

    return trace
