"""Real receivers, and a room that sends to them, on either database."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from liveroom.runtime.config import MailSettings
from tests.courier.post_room import PostRoom
from tests.courier.receivers import Mailbox, System
from tests.room.databases import Databases, database, files
from tests.services.server import ROOT

__all__ = ["database"]


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
    opening = Opening(files(tmp_path), mailbox, system)
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
