"""Which ways out this room has. Here and nowhere else a drill is kept in: it has the sink alone."""

from collections.abc import Callable, Mapping

from liveroom.city.city import City
from liveroom.courier.content import Content
from liveroom.courier.mail import Mailer
from liveroom.courier.message import Messages
from liveroom.courier.open311 import Open311
from liveroom.courier.outcome import Outcome, delivered
from liveroom.courier.post import Poster
from liveroom.courier.webhook import Webhooks
from liveroom.room.recipients import Channel
from liveroom.runtime.config import Config

Carry = Callable[[Content], Outcome]
SINK = "sink"


class Carriers:
    """By channel what carries it; in a drill nothing leaves, and what would have is kept as an attempt."""

    def __init__(self, kind: str, city: City, config: Config) -> None:
        self._out: Mapping[Channel, Carry] = {} if kind == "drill" else _ways_out(city, config)
        self._drill = kind == "drill"

    def of(self, channel: Channel) -> tuple[str, Carry]:
        """The name under which an attempt is kept, and what makes it."""
        if self._drill:
            return SINK, lambda _content: delivered(SINK, channel.value)
        return channel.value, self._out[channel]


def _ways_out(city: City, config: Config) -> Mapping[Channel, Carry]:
    poster, secrets = Poster(), config.outbox.secrets
    return {
        Channel.PAGE: lambda _content: delivered("here"),
        Channel.MAIL: Mailer(config.mail, city).carry,
        Channel.WEBHOOK: Webhooks(city, secrets, poster).carry,
        Channel.OPEN311: Open311(city, secrets, poster).carry,
        Channel.MESSAGE: Messages(config.gateway, city, poster).carry,
    }
