"""The settings of signed links by which an agency opens one complaint without an account."""

import msgspec

from liveroom.errors import Fault

SHORTEST_KEY = 32


class LinkSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``address`` under which agencies reach this server, empty: the first of server.hosts; a link lasts ``days``.

    ``key`` signs them, empty: one that is drawn once into the data folder. Another key ends every link there is.
    """

    address: str = ""
    days: int = 14
    key: str = ""


def check_links(links: LinkSettings, where: str) -> list[Fault]:
    """What does not make sense."""
    faults = []
    if links.address and not links.address.startswith(("https://", "http://")):
        faults.append(Fault(f"{where}: links.address", "must begin with https:// or http://"))
    if not 1 <= links.days <= 366:
        faults.append(Fault(f"{where}: links.days", "must be between 1 and 366"))
    if links.key and len(links.key) < SHORTEST_KEY:
        faults.append(Fault(f"{where}: links.key", f"must have at least {SHORTEST_KEY} characters"))
    return faults
