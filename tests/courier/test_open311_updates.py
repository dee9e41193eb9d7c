"""Our status to a source that takes Open311's updates: with its key, under one id, never into a private network."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from ingest.runner import SourceRunners
from ingest.sources.api import IntakeGate
from liveroom.accounts.sources import StatusAddress, notified_sources
from liveroom.room.clock import revoke_source
from tests.rooms.post_room import Opening, PostRoom
from tests.services.open311_peer import Open311Peer


@pytest.fixture
def peer() -> Iterator[Open311Peer]:
    one = Open311Peer().start()
    one.answer_to_post = (200, b'[{"update_id": "1"}]')
    yield one
    one.stop()


def told(opening: Opening, address: StatusAddress) -> PostRoom:
    """A room whose source takes updates, with a complaint of it that was forwarded."""
    room = opening(reach={})
    source = room.sources.ensure("Kota sebelah", None)
    room.sources.tell({source: address})
    id_ = room.accept("SR 1/26", source=source, category="sampah").id
    room.execute("forward", id_, by="duty", agency="dlh")
    room.go_round()
    return room


def test_a_step_is_posted_as_an_update_under_the_id_of_its_delivery(
    post: Opening, peer: Open311Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEROOM_SECRET_KOTA", "kunci")
    room = told(post, StatusAddress(url=peer.url, secret="env:LIVEROOM_SECRET_KOTA", jurisdiction="kota.example"))
    ((path, form),) = peer.posted
    (delivery,) = [one for one in room.deliveries() if one.recipient_kind == "source"]
    assert path == "/v2/servicerequestupdates.json"
    assert form.pop("description")
    assert form == {
        "api_key": "kunci", "jurisdiction_id": "kota.example", "service_request_id": "SR 1/26",
        "update_id": delivery.id, "status": "INVESTIGATING", "service_code": "sampah",
        "updated_datetime": "2026-11-24T09:00:00+07:00",
    }  # fmt: skip
    assert delivery.state == "sent"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((400, b'[{"code": 400, "description": "update_id already exists"}]'), ("delivered", "400")),
        ((400, b'[{"code": 400, "description": "service_request_id? api_key=kunci"}]'), ("refused", "400")),
        ((400, b'[{"code": 400, "description": "no request of this id exists"}]'), ("refused", "400")),
        ((503, b""), ("unreachable", "503")),
    ],
)
def test_a_repeat_that_the_server_knows_is_through_and_all_else_comes_again(
    post_on_file: Opening,
    peer: Open311Peer,
    answer: tuple[int, bytes],
    outcome: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    peer.answer_to_post = answer
    monkeypatch.setenv("LIVEROOM_SECRET_KOTA", "kunci")
    room = told(post_on_file, StatusAddress(url=peer.url, secret="env:LIVEROOM_SECRET_KOTA"))
    delivery = next(one for one in room.deliveries() if one.recipient_kind == "source")
    (attempt,) = room.attempts(delivery)
    assert (attempt.outcome, attempt.code) == outcome and "kunci" not in attempt.reason
    assert (delivery.state == "sent") == (attempt.outcome == "delivered")


def test_nothing_goes_into_a_private_network_by_a_name(
    post_on_file: Opening, peer: Open311Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = socket.getaddrinfo

    def inward(host: Any, port: Any, *words: Any, **more: Any) -> Any:
        return whole("127.0.0.1" if host == "kota.example" else host, port, *words, **more)

    monkeypatch.setattr(socket, "getaddrinfo", inward)
    named = peer.url.replace("127.0.0.1", "kota.example")
    room = told(post_on_file, StatusAddress(url=named))
    delivery = next(one for one in room.deliveries() if one.recipient_kind == "source")
    assert [(one.outcome, one.code) for one in room.attempts(delivery)] == [("unreachable", "internal")]
    assert peer.posted == []
    told(post_on_file, StatusAddress(url=named, inside=True))
    assert len(peer.posted) == 1


def test_what_the_settings_name_no_more_and_what_was_revoked_is_told_nothing(
    post_on_file: Opening, peer: Open311Peer
) -> None:
    room = told(post_on_file, StatusAddress(url=peer.url))
    SourceRunners(room.room, room.sources, (), IntakeGate(1)).run(room.runtime)
    assert room.read(notified_sources) == frozenset()
    room.sources.add("Aplikasi", None)
    id_ = room.sources.ensure("Aplikasi", None)
    room.sources.tell({id_: StatusAddress(url=peer.url)})
    revoke_source(room.room, "Aplikasi", actor="kepala")
    assert room.read(notified_sources) == frozenset()
