"""The courier of a process, wired."""

from datetime import datetime

from liveroom.accounts.links import agency_links, citizen_links
from liveroom.courier.carriers import Carriers
from liveroom.courier.content import CITIZENS
from liveroom.courier.courier import Courier
from liveroom.room.bootstrap import Opened
from liveroom.runtime.config import Config


def courier_of(config: Config, opened: Opened) -> Courier:
    """The courier of an opened room; in a drill it has the sink alone."""
    room = opened.room
    links = agency_links(config, opened.links, room.kind)
    citizens = citizen_links(config, opened.links, room.kind)

    def link(whom: str, complaint: str, now: datetime) -> str | None:
        return citizens.address(complaint) if whom == CITIZENS else links.link_for(whom, complaint, now)

    return Courier(room, Carriers(room.kind, room.city, config), config.outbox, link)
