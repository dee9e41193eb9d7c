"""A standing room whose agencies have real addresses, with a courier that goes round when told to, and its fixtures."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
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
from tests.rooms.databases import Databases, Files
from tests.rooms.standing import StandingRoom
from tests.services.receivers import Mailbox, System
from tests.services.server import ROOT

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
        # The receivers of tests are on this machine, which is an internal host like any other.
        self.outbox = OutboxSettings(
            secrets={"hook": SECRET, "key": "api-key-of-ours"},
            subscriptions=options.pop("subscriptions", ()),
            internal_hosts=options.pop("internal_hosts", ("127.0.0.1",)),
        )
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
            subscriptions=self.outbox.subscriptions,
        )
        self.room = Room(self.log, changed, self.room.kind, routes=routes)
        self._clock.release()
        self._clock = self.clock()
        self.runtime: ThreadRuntime = AtOnce()
        self.courier = self.another_courier()

    def another_courier(self, link: Any = lambda *_: None) -> Courier:
        config = Config(city=self.key, mail=self.settings, outbox=self.outbox, gateway=self.gateway)
        return Courier(self.room, Channels(self.room.kind, self.room.city, config), self.outbox, link)

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


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    one = Mailbox().start()
    yield one
    one.stop()


@pytest.fixture
def system() -> Iterator[System]:
    one = System().start()
    yield one
    one.stop()


class Opening:
    """`opening(**options)`: dpupr reads mail, dishub has a webhook, dlh an Open311 server, dinkes its page here."""

    def __init__(self, database: Databases, mailbox: Mailbox, system: System) -> None:
        self._database = database
        self._reach = {
            "dpupr": {"channel": "mail"},
            "dinkes": {"channel": "page"},
            "dishub": {"channel": "webhook", "url": system.url, "secret": "hook"},
            "dlh": {"channel": "open311", "url": system.url, "secret": "key"},
        }
        self._mail = MailSettings(
            host="127.0.0.1",
            port=mailbox.port,
            security="none",
            sender="ruang@kota.example",
            page_to=("jaga@kota.example",),
        )
        self.opened: list[PostRoom] = []

    def __call__(self, url: str = "", **options: Any) -> PostRoom:
        mail, reach = options.pop("mail", self._mail), options.pop("reach", self._reach)
        self.opened.append(PostRoom(url or self._database.tabled(), reach=reach, mail=mail, **options))
        return self.opened[-1]

    def close(self) -> None:
        for one in self.opened:
            one.close()


def go_round_at_leisure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each round looks for what is stuck, and goes on to its end on a machine so slow that the lease would lapse."""
    monkeypatch.setattr("liveroom.courier.worker.WATCH_S", 0.0)
    monkeypatch.setattr("liveroom.courier.worker.LASTS", timedelta(hours=1))


@pytest.fixture
def post(database: Databases, mailbox: Mailbox, system: System, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opening]:
    """Opens rooms in fresh databases of each kind; each round of their couriers looks for what is stuck."""
    go_round_at_leisure(monkeypatch)
    opening = Opening(database, mailbox, system)
    yield opening
    opening.close()


@pytest.fixture
def post_on_file(
    tmp_path: Path, mailbox: Mailbox, system: System, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Opening]:
    """The same in SQLite alone, for what does not depend on the kind of database."""
    go_round_at_leisure(monkeypatch)
    opening = Opening(Files(tmp_path), mailbox, system)
    yield opening
    opening.close()


@pytest.fixture
def city(tmp_path: Path, system: System) -> Path:
    """The settings of a test room whose first agency has a system of its own."""
    folder = tmp_path / "cities" / "tangerang"
    shutil.copytree(ROOT / "cities" / "tangerang", folder)
    pack = yaml.safe_load((folder / "agencies.yaml").read_text())
    pack["agencies"][0] |= {"channel": "webhook", "url": system.url, "secret": "hook"}
    (folder / "agencies.yaml").write_text(yaml.safe_dump(pack, allow_unicode=True))
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({"city": "tangerang", "cities": str(tmp_path / "cities")}))
    return config
