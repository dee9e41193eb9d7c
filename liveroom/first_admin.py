"""The first admin of a room: made by a one-time link that each start of a web process prints, as notebooks do.

The link goes to the terminal or the journal of whoever starts the room, and nowhere else.
"""

from enum import StrEnum

from liveroom.accounts.links import address_of
from liveroom.accounts.users import Who, anybody, end_setup_links, give_setup_link, is_setup_link
from liveroom.exposure import EVERYWHERE, own_place_of, place_of
from liveroom.log.engine import Connection
from liveroom.room.commands.users import add
from liveroom.room.room import Room
from liveroom.room.transaction import WorkingSet
from liveroom.runtime.config import Config

PATH = "/setup"


class No(StrEnum):
    """Why a link makes no admin: somebody can log in by now; or it was replaced, is too old, or never was."""

    LATE = "late"
    GONE = "gone"


def link_at_start(config: Config, room: Room) -> str | None:
    """The address of a new link; None where somebody can log in, or needs not to. Raises Unavailable.

    Rooms that rehearse trust their own machine and need nobody; behind a proxy they are as any other.
    """
    if room.kind != "real" and config.server.trusts_loopback(room.kind):
        return None
    if config.openid.lets_in:
        room.log.touch(end_setup_links)
        return None
    token = room.log.touch(lambda c: None if anybody(c) else give_setup_link(c, own_place_of(config.server)))
    return None if token is None else f"{_address(config, room.kind)}{PATH}?token={token}"


def refusal_of(room: Room, token: str) -> No | None:
    """Why this token makes no admin now; None where it does. Raises Unavailable."""
    return room.log.read(lambda connection: _refusal_of(connection, token))


def make_admin(room: Room, token: str, who: Who, password_hash: str) -> No | None:
    """Let ``who`` log in as the first person of all; every link ends by it. Why not, where not. Raises Unavailable."""

    def work(work: WorkingSet) -> No | None:
        no = _refusal_of(work.unit.connection, token)
        if no is None:
            add(work, who, who.actor, password_hash=password_hash)
        return no

    return room.unit(work)


def _refusal_of(connection: Connection, token: str) -> No | None:
    if anybody(connection):
        return No.LATE
    return None if is_setup_link(connection, token) else No.GONE


def _address(config: Config, kind: str) -> str:
    """Behind a proxy the room's own name; else where this process listens."""
    server = config.server
    outside = address_of(config, kind) if server.behind_proxy else None
    here = f"127.0.0.1:{server.port}" if server.host in EVERYWHERE else place_of(server)
    return outside or f"http://{here}"
