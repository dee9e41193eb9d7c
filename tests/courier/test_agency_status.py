"""What agencies' own Open311 systems say of what was forwarded to them, and what becomes of it here."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from liveroom.courier.open311_client import CLOSED_WORDS
from liveroom.log import outbox
from liveroom.room.commands import agency_systems
from tests.rooms.post_room import Opening, PostRoom
from tests.services.open311_peer import Open311Peer, say

OURS = {"service_request_id": "SR-1"}


@pytest.fixture
def peer() -> Iterator[Open311Peer]:
    one = Open311Peer().start()
    one.rows = [{**OURS, "status": "open", "_at": None, "_made": None}]
    yield one
    one.stop()


class Followed:
    """A complaint that was forwarded to an agency whose own system made the request SR-1 of it."""

    def __init__(self, room: PostRoom, peer: Open311Peer) -> None:
        self.room, self.peer = room, peer
        self.id = room.forwarded("dlh", category="sampah")
        room.go_round()

    def ask(self) -> bool:
        return self.room.courier.status.ask(self.room.room.city.agencies["dlh"])

    def says(self, status: str, **said: Any) -> "Followed":
        self.peer.rows = [{**OURS, "status": status, **said}]
        assert self.ask()
        return self

    @property
    def state(self) -> str:
        return self.room.complaint(self.id).state.value

    @property
    def did(self) -> list[str]:
        """What the agency's system did, in short."""
        found = (one for one in self.room.events() if one.event.id == self.id and one.actor == "agency_system")
        return [one.event.kind.value.partition(".")[2] for one in found]


def opened(opening: Opening, peer: Open311Peer, **settings: Any) -> Followed:
    room = opening(reach={"dlh": {"channel": "open311", "url": peer.url, "secret": "key", **settings}})
    return Followed(room, peer)


@pytest.fixture
def followed(post_on_file: Opening, peer: Open311Peer) -> Followed:
    return opened(post_on_file, peer)


def test_each_word_becomes_what_it_claims_once_and_closes_nothing(post: Opening, peer: Open311Peer) -> None:
    followed = opened(post, peer)
    assert followed.says("open").state == "forwarded"
    assert followed.says("investigating").state == "accepted"
    assert followed.says("in_progress").state == "working"
    followed.says("closed", status_notes="Sudah diangkut", media_url="https://foto.example/2.jpg")
    followed.says("closed", status_notes="Sudah diangkut", media_url="https://foto.example/2.jpg")
    assert (followed.state, followed.did) == ("proof_submitted", ["accepted", "started", "proof_submitted"])
    followed.room.execute("validate", followed.id, by="duty")
    assert followed.says("open").state == "done"
    assert followed.room.read(lambda c: outbox.followed(c, "dlh")) == ()


def test_a_request_that_is_closed_at_once_is_accepted_and_waits_for_somebody_to_judge_it(followed: Followed) -> None:
    assert followed.says("closed").state == "proof_submitted"
    assert followed.did == ["accepted", "proof_submitted"]


def test_a_decline_goes_back_to_the_desk_with_its_reason(followed: Followed) -> None:
    assert followed.says("NOT_COUNCILS_RESPONSIBILITY", status_notes="Jalan provinsi").state == "received"
    assert followed.did == ["declined"]


@pytest.mark.parametrize("word", ["duplicate", "menunggu_material"])
def test_a_word_that_claims_nothing_is_told_as_a_comment(followed: Followed, word: str) -> None:
    assert followed.says("open", status_notes="Dijadwalkan Kamis").did == ["commented"]
    assert followed.says("open", status_notes="Dijadwalkan Kamis").did == ["commented"]
    assert followed.says(word, status_notes="Dijadwalkan Kamis").did == ["commented"] * 2
    assert followed.state == "forwarded"


def test_what_the_rules_do_not_allow_just_now_is_a_comment(followed: Followed) -> None:
    followed.room.execute("ask", followed.id, by="duty", text="Di mana persisnya?")
    assert followed.says("closed", status_notes="Selesai").state == "forwarded"
    assert followed.did == ["commented"]


def test_open_again_after_a_proof_is_told_to_whoever_judges_it(followed: Followed) -> None:
    followed.says("closed").says("open")
    assert followed.did == ["accepted", "proof_submitted", "commented"]


def test_who_dies_between_two_commands_goes_on_with_the_second(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agency_systems, "MOST_STEPS", 1)
    assert followed.says("closed").did == ["accepted"]
    monkeypatch.undo()
    assert followed.says("closed").did == ["accepted", "proof_submitted"]


def test_a_complaint_that_is_somebody_elses_by_now_is_followed_no_more(followed: Followed) -> None:
    followed.room.execute("forward", followed.id, by="duty", agency="dpupr")
    assert followed.says("closed").did == []
    assert followed.room.read(lambda c: outbox.followed(c, "dlh")) == ()


def test_a_token_is_followed_once_it_has_become_a_number(post_on_file: Opening, peer: Open311Peer) -> None:
    peer.answer_to_post = (200, b'[{"token": "t/7"}]')
    followed = opened(post_on_file, peer)
    assert followed.says("in_progress").did == []
    peer.tokens["t/7"] = "SR-1"
    assert followed.says("in_progress").did == ["accepted", "started"]


def test_updates_are_heard_in_order_each_once_by_its_id(post_on_file: Opening, peer: Open311Peer) -> None:
    followed = opened(post_on_file, peer)
    agency = followed.room.room.city.agencies["dlh"]
    by_updates = replace(agency, open311=replace(agency.open311, status="updates"))
    peer.updates = [
        {**OURS, "update_id": "2", "status": "FIXED", "description": "Beres", "updated_datetime": "2026-11-24T05:00Z"},
        {**OURS, "update_id": "1", "status": "IN_PROGRESS", "updated_datetime": "2026-11-24T04:00:00Z"},
        {"service_request_id": "OTHER", "update_id": "3", "status": "FIXED"},
    ]
    for _ in range(2):
        assert followed.room.courier.status.ask(by_updates)
    assert followed.did == ["accepted", "started", "proof_submitted"]


def test_a_system_that_is_away_or_talks_nonsense_is_asked_again_and_nothing_is_lost(followed: Followed) -> None:
    followed.peer.odd = [lambda handler: say(handler, 503), lambda handler: say(handler, 200, b"<html/>")]
    followed.peer.rows = [{**OURS, "status": "in_progress"}]
    assert [followed.ask(), followed.ask(), followed.ask()] == [False, False, True]
    assert followed.did == ["accepted", "started"]


def test_every_word_for_an_end_is_one_that_claims_something_or_is_told() -> None:
    claims = agency_systems.DONE | agency_systems.DECLINED
    assert CLOSED_WORDS - claims == {"duplicate", "archived"}
