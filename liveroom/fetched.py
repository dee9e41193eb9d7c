"""One GET of a picture elsewhere: a configured host, https, no redirect, no private address, bounded in every way."""

import ipaddress
import socket
import ssl
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx

from liveroom.runtime.config import Host, host_of
from liveroom.runtime.http_client import STEP_S, Guard, watching, within

WHOLE_S = 30.0
BLOCK = 1 << 16


class Fetched(StrEnum):
    """``later``: nobody answered, or not now. ``never``: what is there is not to be fetched."""

    HERE = "here"
    LATER = "later"
    NEVER = "never"


class Fetcher:
    """``hosts``: who may be asked; one that is given as an address may be a private one. ``most`` bytes of a file."""

    def __init__(self, hosts: tuple[Host, ...], most: int) -> None:
        self._hosts = hosts
        self._most = most
        self._tls = ssl.create_default_context()

    def fetch(self, url: str, file: Path) -> Fetched:
        """Get what lies there into ``file``."""
        host = host_of(url)
        if host is None or host not in self._hosts:
            return Fetched.NEVER
        try:
            address = _address(host)
        except OSError:
            return Fetched.LATER
        if address is None:
            return Fetched.NEVER
        with within(WHOLE_S) as guard:
            try:
                return self._got(url, host, address, file, guard)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
                return Fetched.LATER

    def _got(self, url: str, host: Host, address: str, file: Path, guard: Guard) -> Fetched:
        """Asked of the very address that was looked at: a name may lead elsewhere a moment later."""
        name, port = host
        said = {"Host": name if port == 443 else f"{name}:{port}", "User-Agent": "Liveroom", "Accept": "image/*"}
        extensions = {"sni_hostname": name, "trace": watching(guard)}
        with (
            httpx.Client(verify=self._tls, timeout=STEP_S, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", _at(url, address, port), headers=said, extensions=extensions) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                busy = answer.status_code >= 500 or answer.status_code in (408, 425, 429)
                return Fetched.LATER if busy else Fetched.NEVER
            return self._written(answer, file, guard)

    def _written(self, answer: httpx.Response, file: Path, guard: Guard) -> Fetched:
        """As it came, never unpacked."""
        size = 0
        with file.open("wb") as kept:
            for block in answer.iter_raw(BLOCK):
                size += len(block)
                if size > self._most:
                    return Fetched.NEVER
                kept.write(block)
        if guard.late:
            return Fetched.LATER
        return Fetched.HERE if size else Fetched.NEVER


def _address(host: Host) -> str | None:
    """Where the name leads; None when any of it is private, unless the host is itself given as an address."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(*host, type=socket.SOCK_STREAM)]
    given = _is_address(host[0])
    if not found or not (given or all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in found)):
        return None
    return found[0]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _at(url: str, address: str, port: int) -> str:
    parts = urlsplit(url)
    place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return urlunsplit(("https", place, parts.path or "/", parts.query, ""))
