"""A standing room whose agencies have real addresses, with a courier that goes round when told to."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import false

from liveroom.courier.worker import Channels, Courier
from liveroom.domain.alarms.model import Alarm
from liveroom.log import outbox as outbox_rows
from liveroom.log.outbox import Delivery
from liveroom.projection.alarms import alarms_of
from liveroom.projection.notices import lines
from liveroom.room.recipients import Recipients
from liveroom.room.room import Room
from liveroom.runtime.config import Config, GatewaySettings, MailSettings, OutboxSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.room.standing import StandingRoom

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class AtOnce(ThreadRuntime):
    """Runs what is spawned to its end, so that a round is over when it returns."""

    def spawn(self, work: Callable[..., Any], *args: Any) -> None:
        work(*args)


class PostRoom(StandingRoom):
    """``reach``: by agency key, fields of the pack such as ``channel`` and ``url``."""

    def __init__(
        self, url: str, *, reach: Mapping[str, Mapping[str, Any]], mail: MailSettings | None = None, **options: Any
    ) -> None:
        digest = options.pop("digest_minutes", 0)
        self.gateway: GatewaySettings = options.pop("gateway", GatewaySettings())
        super().__init__(url, **options)
        whole = self.room.city
        agencies = {key: replace(agency, **reach.get(key, {})) for key, agency in whole.agencies.items()}
        self.settings = MailSettings() if mail is None else mail
        changed = replace(whole, agencies=agencies)
        routes = Recipients(
            changed,
            mail=bool(self.settings.host),
            messages=bool(self.gateway.url) or options.get("kind") == "drill",
            paged=bool(self.settings.page_to),
            digest=timedelta(minutes=digest) or None,
        )
        self.room = Room(self.log, changed, self.room.kind, routes=routes)
        self._clock.release()
        self._clock = self.clock()
        self.runtime: ThreadRuntime = AtOnce()
        self.courier = self.another_courier()

    def another_courier(self, link: Any = lambda *_: None) -> Courier:
        outbox = OutboxSettings(secrets={"hook": SECRET, "key": "api-key-of-ours"})
        config = Config(city=self.key, mail=self.settings, outbox=outbox, gateway=self.gateway)
        return Courier(self.room, Channels(self.room.kind, self.room.city, config), outbox, link)

    def go_round(self) -> bool:
        return self.courier.step(self.runtime)

    def deliveries(self, state: str | None = None) -> list[Delivery]:
        """Oldest first."""
        asked = outbox_rows.OutboxQuery(now=self.now, state=state)
        found = self.read(lambda c: outbox_rows.listed(c, asked, late=false(), cursor=None, limit=1000))
        return sorted(found, key=lambda one: one.id)

    def attempts(self, delivery: Delivery) -> list[outbox_rows.Attempt]:
        return self.read(lambda c: outbox_rows.attempts(c, [delivery.id], 1000)).get(delivery.id, [])

    def forwarded(self, *agencies: str, **said: Any) -> str:
        id_ = self.receive(**said)
        self.execute("forward", id_, by="duty", agency=agencies[0], agencies=list(agencies[1:]))
        return id_

    def alarm(self, id_: str) -> Alarm | None:
        return next(iter(self.read(lambda c: alarms_of(c, (id_,)))), None)

    def lines(self) -> list[dict[str, Any]]:
        return [line for line in self.read(lines) if line["kind"] == "stuck"]

    def sent_to(self, id_: str) -> dict[str, datetime | None]:
        return {key: one.sent_at for key, one in self.read(lambda c: outbox_rows.to_agencies(c, id_)).items()}
