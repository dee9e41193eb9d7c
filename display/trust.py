"""Who is asking: loopback is trusted only if it is loopback; everybody else needs a token (design section 5)."""

from collections.abc import Collection, Mapping
from typing import Any

from werkzeug.wrappers import Request

from display import tokens
from display.feed.audiences import known
from liveroom.config import LOOPBACK, Server
from liveroom.log.book import Log
from liveroom.log.screens import Screens

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


def host_name(host: str) -> str:
    """The name in a Host header, without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def is_loopback(asked: Request, server: Server) -> bool:
    """True for a request from this machine to this machine that nobody forwarded, with no proxy configured."""
    return (
        not server.behind_proxy
        and server.host in LOOPBACK
        and asked.remote_addr in LOOPBACK
        and host_name(asked.host) in LOOPBACK
        and not any(name in asked.headers for name in FORWARDED)
    )


def is_secure(asked: Request, server: Server) -> bool:
    """Whether the browser itself came by https: only the configured proxy can say so, for it ends the encryption."""
    return server.behind_proxy and asked.headers.get("X-Forwarded-Proto", "").lower() == "https"


class Visitors:
    """What audience a request or connection gets; None when it has no right to any. ``agencies``: of the city."""

    def __init__(self, log: Log, server: Server, agencies: Collection[str]) -> None:
        self._screens = Screens(log)
        self._server = server
        self._agencies = agencies

    def audience(self, asked: Request, auth: Mapping[str, Any]) -> str | None:
        """By the token shown; else, on trusted loopback, what is asked for, unknown meaning the most masked; else by
        the token that the browser keeps: a stale cookie takes nothing away from this machine. Raises Unavailable."""
        token = tokens.shown(asked, auth)
        if token is None and is_loopback(asked, self._server):
            return known(auth.get("audience") or asked.args.get("audience"), self._agencies)
        token = token or tokens.kept(asked)
        return self._of_token(token) if token is not None else None

    def may_act(self, asked: Request) -> bool:
        """Whether people may give commands from there: trusted loopback alone, until there is a log-in."""
        return is_loopback(asked, self._server)

    def knows(self, token: str) -> bool:
        """Whether a screen has this token. Raises Unavailable."""
        return self._of_token(token) is not None

    def came_securely(self, asked: Request) -> bool:
        """Whether a cookie given now may be kept from plain http."""
        return is_secure(asked, self._server)

    def _of_token(self, token: str) -> str | None:
        found = self._screens.audience_of(token)
        return None if found is None else known(found, self._agencies)


def allowed_hosts(server: Server) -> frozenset[str]:
    """Names under which browsers may reach this server."""
    return frozenset(LOOPBACK) | frozenset(server.hosts) | _bound(server)


def _bound(server: Server) -> frozenset[str]:
    return frozenset() if server.host in ("0.0.0.0", "::", "") else frozenset((server.host,))
