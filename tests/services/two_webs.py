"""A room as it stands behind a proxy: web processes and clocks on one PostgreSQL, rung by one Redis."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.services.server import Server

Serve = Callable[..., Server]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Two webs, `clock` and the clock that stands by; `key` is a source's."""

    webs: tuple[Server, Server]
    clock: Server
    standby: Server
    key: str


def open_house(serve: Serve, database: str, redis: str = "") -> House:
    """Start all four; the first clock has the lease."""
    env = {"LIVEROOM_DATABASE_URL": database, "LIVEROOM_REDIS_URL": redis}
    clock = serve("clock", env=env, ready=False)
    first = serve("web", env=env)
    standby = serve("clock", env=env, ready=False)
    return House(
        webs=(first, serve("web", env=env)),
        clock=clock,
        standby=standby,
        key=first.last_word("source", "add", "app"),
    )
