"""The outbox of a standing room: its letters have nowhere real to go, and get through or not as a test says."""

from datetime import timedelta
from typing import Any

from liveroom.courier.http import delivered, unreachable
from liveroom.courier.worker import Channels, DeadLetterMonitor, DeliveryAttempts, Send
from liveroom.log import outbox
from liveroom.log.event_log import database_now
from liveroom.log.outbox import Delivery, Receiver
from liveroom.room.commands.outbox import release
from liveroom.room.recipients import Channel, Recipients
from liveroom.runtime.config import OutboxSettings
from tests.rooms.standing import StandingRoom

RECEIVER = ("agency", "dpupr")


class ToldCarriers(Channels):
    """Says of every attempt what it is told to say."""

    def __init__(self, away: bool) -> None:
        self._away = away

    def of(self, channel: Channel) -> tuple[str, Send]:
        return channel.value, lambda _content: unreachable("timeout") if self._away else delivered("250")


class StandingOffice:
    """Gives the room mail from its first letter on."""

    def __init__(self, room: StandingRoom) -> None:
        self.room = room
        self.settings = OutboxSettings()

    def forwarded(self) -> None:
        self.room.room.routes = Recipients(self.room.room.city, mail=True)
        id_ = self.room.receive()
        self.room.execute("forward", id_, by="duty", agency="dpupr")

    def go_round(self, *, away: bool, minutes: int) -> None:
        self.room.later(minutes=minutes).tick()
        attempts = DeliveryAttempts(self.room.room, ToldCarriers(away), lambda *_: None, lambda: 0.5)
        now = self.room.now
        for receiver in self.room.read(lambda c: outbox.receivers_due(c, now)):
            for delivery in self.due(receiver):
                attempts.make(delivery)
        DeadLetterMonitor(self.room.room, self.settings).look()

    def due(self, receiver: Receiver = RECEIVER) -> tuple[Delivery, ...]:
        now = self.room.now
        return self.room.read(lambda c: outbox.due(c, receiver, now, 100))

    def order(self, name: str, *, hours: int = 0, **fields: Any) -> None:
        until = {"until": (self.room.now + timedelta(hours=hours)).isoformat()} if hours else {}
        self.room.later(hours=1)
        first = self.due()[0]
        self.room.room.execute(self.room.order(name, first.id, about="outbox", **until, **fields))

    def release(self) -> None:
        def hold(unit: Any) -> None:
            outbox.hold(unit.connection, unit.head.epoch, database_now(unit.connection))

        self.room.log.write(hold)
        self.room.room.unit(lambda work: release(work, actor="kepala"))
