"""The courier of a process, wired."""

from liveroom.agency_links import agency_links
from liveroom.config import Config
from liveroom.courier.carriers import Carriers
from liveroom.courier.courier import Courier
from liveroom.opening import Opened


def courier_of(config: Config, opened: Opened) -> Courier:
    """The courier of an opened room; in a drill it has the sink alone."""
    room = opened.room
    links = agency_links(config, opened.head.epoch, room.kind)
    return Courier(room, Carriers(room.kind, room.city, config), config.outbox, links.link_for)
