"""Outgoing HTTP with bounds, a time limit for an outgoing connection as a whole, and addresses that may be asked.

Time-outs of httpx and smtplib are for one step: a receiver that sends one byte at a time would never reach them. httpx
is imported at the first request, since most processes never make one.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from liveroom.runtime.time import monotonic

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
    """No whole answer came; the cause says why. ``late``: the time was up; ``connected``: somebody was there."""

    def __init__(self, late: bool, *, connected: bool = True) -> None:
        super().__init__("too slow" if late else "no answer")
        self.late, self.connected = late, connected


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
        with self._request(self._seconds, method, url, **sent) as answer:
            yield answer

    @contextmanager
    def _request(self, seconds: float, method: str, url: str, **sent: Any) -> Iterator["httpx.Response"]:
        import httpx

        with within(seconds) as guard:
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
                connected = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                late = guard.late or isinstance(error, httpx.TimeoutException)
                raise NoReplyError(late, connected=connected) from error
            if guard.late:
                raise NoReplyError(late=True)

    @contextmanager
    def request_outside(
        self, method: str, url: str, *, inside: Collection[str] = (), **sent: Any
    ) -> Iterator["httpx.Response"]:
        """As ``request``, to public addresses alone or at a host of ``inside``; asked is the address that was checked.

        The next address of the host is tried where one cannot be reached, all within the time of one request. Raises
        InternalAddress, and OSError for a name that cannot be looked up, beside what ``request`` raises.
        """
        until, parts = monotonic() + self._seconds, urlsplit(url)
        if (parts.hostname or "") in inside:
            with self.request(method, url, **sent) as answer:
                yield answer
            return
        addresses = public_addresses(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        with ExitStack() as stack:
            yield self._first_reached(stack, until, addresses, method, url, **sent)

    def _first_reached(
        self, stack: ExitStack, until: float, addresses: Sequence[str], method: str, url: str, **sent: Any
    ) -> "httpx.Response":
        """The answer of the first address that can be reached; ``until``: monotonic. Raises what ``request`` does."""
        for number, address in enumerate(addresses, 1):
            at, host, name = pinned(url, address)
            said = {
                "headers": {**sent.get("headers", {}), **host},
                "extensions": {**sent.get("extensions", {}), **name},
            }
            left = until - monotonic()
            if left <= 0:
                break
            try:
                return stack.enter_context(self._request(left, method, at, **{**sent, **said}))
            except NoReplyError as error:
                if error.connected or number == len(addresses):
                    raise
        raise NoReplyError(late=True)


# Addresses: what somebody else wrote into a setting must not make this machine ask its own network.


class InternalAddress(OSError):
    """A name leads into a network of our own, or nowhere that is public; the text names no address."""


def public_addresses(host: str, port: int) -> tuple[str, ...]:
    """All addresses of the host, which has public ones alone, in the order in which they are to be tried.

    Raises InternalAddress, and OSError where there is none.
    """
    found = tuple(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    if not found or not all(_is_public(one) for one in found):
        raise InternalAddress("the address is inside a network of our own")
    return found


# What of IPv6 was ever given out, and where a gateway to IPv4 stands; all else leads inside or nowhere.
_GIVEN_OUT, _NAT64 = ipaddress.IPv6Network("2000::/3"), ipaddress.IPv6Network("64:ff9b::/96")
# The middle of an address of ISATAP, which ends in one of IPv4.
_ISATAP = (0x00005EFE, 0x02005EFE)


def _is_public(address: str) -> bool:
    """Whether an address is of the internet; where one of IPv6 leads to one of IPv4, that one has to be as well."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv4Address):
        return found.is_global and not (found.is_multicast or found.is_reserved)
    last, middle = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF), int(found) >> 32 & 0xFFFFFFFF
    if found in _NAT64:
        return _is_public(str(last))
    if found.sixtofour is not None:
        return _is_public(str(found.sixtofour))
    return found in _GIVEN_OUT and found.is_global and (middle not in _ISATAP or _is_public(str(last)))


def meant_inside(url: str, *, said: bool) -> Collection[str]:
    """The host of the URL where it may be inside: the settings say so, or write the address itself and no name."""
    host = urlsplit(url).hostname or ""
    return (host,) if said or _is_address(host) else ()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def pinned(url: str, address: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """The URL at the very address that was checked, since the name may lead elsewhere a moment later.

    With the header and the extension of httpx by which the server and its certificate are still met under their name.
    Raises ValueError for a URL that is none.
    """
    parts = urlsplit(url)
    name, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    shown = f"[{name}]" if ":" in name else name
    at = f"[{address}]" if ":" in address else address
    return (
        urlunsplit((parts.scheme, f"{at}{port}", parts.path or "/", parts.query, "")),
        {"Host": f"{shown}{port}"},
        {"sni_hostname": name},
    )


def _watched_by(guard: Guard) -> Callable[[str, Mapping[str, Any]], None]:
    """The ``trace`` extension of an httpx request: the guard watches every connection that it opens."""

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event in _OPENED:
            stream = info["return_value"]
            guard.watch(lambda: stream.get_extra_info("socket"))

    return trace
