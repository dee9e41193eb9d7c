"""Who subscribes to a source's complaints is told, signed and under one id for ever, never inside our own network."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace
from standardwebhooks import Webhook

from liveroom.accounts.sources import set_webhook
from liveroom.courier.webhook import check_subscribed
from liveroom.domain.complaints.intake import Reporter
from liveroom.log import outbox
from liveroom.runtime.config import Subscription, load_config
from liveroom.runtime.errors import ConfigError
from liveroom.runtime.http_client import InternalAddress, public_addresses
from tests.rooms.post_room import SECRET, PostRoom
from tests.services.receivers import System, say

Post = Callable[..., PostRoom]
PERSON = {"name": "Siti Rahmawati", "phone": "+6281200000001"}


def subscription(system: System, name: str = "app", source: str = "lapor", **more: Any) -> Subscription:
    return Subscription(name=name, source=source, url=system.url, secret="env:LIVEROOM_SECRET_APP", **more)


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEROOM_SECRET_APP", SECRET)


def test_each_is_told_of_the_changes_it_asked_for_of_its_own_source(post: Post, system: System) -> None:
    asked = (
        subscription(system, changes=("forwarded", "validated")),
        subscription(system, "all", source="Lapor"),
        subscription(system, "others", source="qlue"),
    )
    room = post(subscriptions=asked)
    room.sources.add("Lapor", None)
    id_ = room.until_done(room.receive(description="Rahasia", person=Reporter(**PERSON)))
    room.go_round()
    found = [(one.recipient_kind, one.key, one.cause.rpartition(".")[2], one.state) for one in room.deliveries()]
    assert [one for one in found if one[1] == "app"] == [
        ("subscriber", "app", "forwarded", "sent"),
        ("subscriber", "app", "validated", "sent"),
    ]
    assert [cause for _, key, cause, _ in found if key == "all"] == ["forwarded", "accepted", "started", "validated"]
    assert "others" not in {key for _, key, _, _ in found}
    # Another source may have as its name what is the id of this one, and whoever asks for that hears of this one alone.
    room.sources.add("lapor", None)
    (other,) = [one.source.id for one in room.sources.all() if one.source.name == "lapor"]
    named = room.accept(source=other)
    room.execute("forward", named.id, by="duty", agency="dinkes")
    assert "app" not in {one.key for one in room.deliveries() if one.subject == named.id}
    told = [Webhook(SECRET).verify(one.body, one.headers) for one in system.requests]
    assert {one["data"]["source_id"] for one in told} == {room.complaint(id_).source_id}
    assert told[-1]["data"].keys() == {"id", "source_id", "status", "state", "drill", "text", "closed_at"}
    assert not any(word in one.body.decode() for one in system.requests for word in ("Rahasia", *PERSON.values()))


def test_a_resend_comes_under_the_same_id(post_on_file: Post, system: System) -> None:
    room = post_on_file(subscriptions=(subscription(system),))
    system.answer = lambda handler, _request: say(handler, 503)
    room.forwarded("dinkes")
    room.go_round()
    system.answer = lambda handler, _request: say(handler, 200)
    room.later(hours=1).go_round()
    (delivery,) = [one for one in room.deliveries() if one.recipient_kind == "subscriber"]
    room.log.touch(lambda c: outbox.send_again(c, delivery, room.now))
    room.go_round()
    assert system.ids == [delivery.id] * 3
    assert [one.code for one in room.attempts(delivery)].count("200") == 2


def test_one_that_was_ended_and_one_without_a_secret(
    post_on_file: Post, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = post_on_file(subscriptions=(subscription(system),))
    monkeypatch.delenv("LIVEROOM_SECRET_APP")
    room.forwarded("dinkes")
    room.go_round()
    (delivery,) = [one for one in room.deliveries("waiting") if one.recipient_kind == "subscriber"]
    assert [one.code for one in room.attempts(delivery)] == ["unset"]
    room.outbox = type(room.outbox)()
    room.courier.release()
    room.courier = room.another_courier()
    room.later(hours=1).go_round()
    assert sorted(one.code for one in room.attempts(delivery)) == ["nobody", "unset"]
    assert system.requests == []


# Our own network.


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "2002:a00:1::",
        "64:ff9b::a00:1",
        "224.0.0.1",
    ],
)
def test_a_name_that_leads_into_our_own_network_is_not_told(
    address: str, post_on_file: Post, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leads(*_words: Any, **_more: Any) -> list[Any]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, 1, 6, "", (address, 443)), (socket.AF_INET, 1, 6, "", ("8.8.8.8", 443))]

    room = post_on_file(internal_hosts=("kota.lan",))
    room.sources.add("Lapor", None)
    set_webhook(room.log, "lapor", f"http://app.example:{system.port}/inbox")
    room.forwarded("dinkes")
    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", leads)
        room.go_round()
    (delivery,) = room.deliveries("waiting")
    (attempt,) = room.attempts(delivery)
    assert (attempt.outcome, attempt.code) == ("unreachable", "internal")
    assert address not in attempt.reason
    assert system.requests == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("64:ff9b::808:808", True),
        ("2002:808:808::1", True),
        ("2606:4700::5efe:808:808", True),
        ("2606:4700::5efe:a00:1", False),
        ("fec0::1", False),
        ("64:ff9b:1::a00:1", False),
        ("::ffff:0:7f00:1", False),
        ("::7f00:1", False),
        ("2001:db8::1", False),
        ("ff0e::1", False),
    ],
)
def test_an_address_of_ipv6_is_as_public_as_what_it_leads_to(
    address: str, public: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET6, 1, 6, "", (address, 443))] * 2)
    if public:
        assert public_addresses("app.example", 443) == (address,)
    else:
        with pytest.raises(InternalAddress):
            public_addresses("app.example", 443)


def test_the_address_that_was_looked_at_is_the_one_that_is_asked_and_no_redirect_is_followed(
    post_on_file: Post, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.answer = lambda handler, _request: say(handler, 302, Location=system.url)
    room = post_on_file(internal_hosts=())
    room.sources.add("Lapor", None)
    set_webhook(room.log, "lapor", f"http://app.example:{system.port}/inbox?a=1")
    room.forwarded("dinkes")
    # At the first of them nobody is there.
    there = ("127.0.0.2", "127.0.0.1")
    monkeypatch.setattr("liveroom.runtime.http_client.public_addresses", lambda *_: there)
    room.go_round()
    (request,) = system.requests
    assert (request.path, request.headers["host"]) == ("/inbox?a=1", f"app.example:{system.port}")
    (attempt,) = room.attempts(room.deliveries("waiting")[0])
    assert (attempt.outcome, attempt.code) == ("refused", "302")


def test_a_secret_that_cannot_sign_is_said_at_the_start(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEROOM_SECRET_BAD", "rahasia lama")
    told = [
        subscription(system),
        *(replace(subscription(system), secret=f"env:LIVEROOM_SECRET_{name}") for name in ("BAD", "NONE")),
    ]
    assert [fault.where for fault in check_subscribed(told, "c")] == [
        "c: outbox.subscriptions[1].secret",
        "c: outbox.subscriptions[2].secret",
    ]


def test_every_fault_of_a_subscription_is_named(tmp_path: Path) -> None:
    sound = {"name": "app", "source": "Lapor", "url": "https://app.example/s", "secret": "env:LIVEROOM_SECRET_APP"}
    outbox_ = {
        "internal_hosts": ["https://kota.lan"],
        "subscriptions": [
            sound,
            {**sound, "changes": ["forwarded", "exploded"]},
            {**sound, "name": "Besar", "url": "http://app.example/s", "secret": "whsec_abc"},
            {"name": "empty"},
            {**sound, "name": "idn", "url": "https://kotá.example/s"},
        ],
    }
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({"city": "tangerang", "outbox": outbox_}))
    with pytest.raises(ConfigError) as raised:
        load_config(config, {})
    assert sorted(fault.where.removeprefix("config.yaml: outbox.") for fault in raised.value.faults) == [
        "internal_hosts", "subscriptions[1].changes", "subscriptions[1].name", "subscriptions[2].name",
        "subscriptions[2].secret", "subscriptions[2].url", "subscriptions[3].secret", "subscriptions[3].source",
        "subscriptions[3].url", "subscriptions[4].url",
    ]  # fmt: skip
    assert json.dumps("whsec_abc") not in str(raised.value)
