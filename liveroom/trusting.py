"""What this very machine may do without a credential, in words for whoever runs it."""

from liveroom.config_serving import LOOPBACK, Server
from liveroom.log.users import Users
from liveroom.room import Room

WAY_OUT = "server.behind_proxy: true ends that (docs/deployment.md, Who is on this machine)"


def trust_of_loopback(server: Server, room: Room) -> str | None:
    """What a real room lets anybody on its machine do; None where a proxy is configured, and for rooms that rehearse.

    Raises Unavailable.
    """
    if room.kind != "real" or server.behind_proxy or server.host not in LOOPBACK:
        return None
    if not Users(room.log).any():
        return f"nobody can log in yet: anybody on this machine sees everything and acts as anybody; {WAY_OUT}"
    return f"anybody on this machine may look at every feed, also the desk's, without a log-in; {WAY_OUT}"
