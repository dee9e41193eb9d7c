"""Real receivers, and a room that sends to them, on either database."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from liveroom.config_sending import Mail
from tests.courier.post_room import PostRoom
from tests.courier.receivers import Mailbox, System
from tests.room.databases import database

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


@pytest.fixture
def post(
    database: Callable[[], str], mailbox: Mailbox, system: System, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., PostRoom]]:
    """`post(**options)`: dpupr reads mail, dishub has a webhook, dlh an Open311 server, dinkes its page here."""
    monkeypatch.setattr("liveroom.courier.courier.WATCH_S", 0.0)
    opened: list[PostRoom] = []

    def open_one(url: str = "", **options: Any) -> PostRoom:
        reach = {
            "dpupr": {"channel": "mail"},
            "dinkes": {"channel": "page"},
            "dishub": {"channel": "webhook", "url": system.url, "secret": "hook"},
            "dlh": {"channel": "open311", "url": system.url, "secret": "key"},
        }
        mail = Mail(
            host="127.0.0.1",
            port=mailbox.port,
            security="none",
            sender="ruang@kota.example",
            page_to=("jaga@kota.example",),
        )
        opened.append(PostRoom(url or database(), reach=reach, mail=options.pop("mail", mail), **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
