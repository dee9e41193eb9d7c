"""The courier of a process, wired."""

from liveroom.config import Config
from liveroom.courier.carriers import Carriers
from liveroom.courier.content import Link, no_link
from liveroom.courier.courier import Courier
from liveroom.opening import Opened


def courier_of(config: Config, opened: Opened, link: Link = no_link) -> Courier:
    """The courier of an opened room; in a drill it has the sink alone."""
    room = opened.room
    return Courier(room, Carriers(room.kind, room.city, config), config.outbox, link)
