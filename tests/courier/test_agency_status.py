"""What agencies' own Open311 systems say of what was forwarded to them, and what becomes of it here."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from liveroom.city.agencies import Agency
from liveroom.courier import agency_status
from liveroom.courier.open311_client import CLOSED_WORDS
from liveroom.domain.timestamps import to_text
from liveroom.log import outbox
from liveroom.log.engine import Unavailable
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
        self.asked = len(peer.asked)

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


def test_what_is_over_here_is_asked_about_no_more_though_its_system_says_nothing_new(followed: Followed) -> None:
    followed.says("closed")
    followed.room.execute("validate", followed.id, by="duty")
    asked = len(followed.peer.asked)
    assert followed.ask() and len(followed.peer.asked) == asked
    assert followed.room.read(lambda c: outbox.followed(c, "dlh")) == ()


def test_two_that_are_one_request_there_both_hear_of_it(followed: Followed) -> None:
    second = followed.room.forwarded("dlh", category="sampah")
    followed.room.go_round()
    followed.says("in_progress")
    assert {followed.state, followed.room.complaint(second).state.value} == {"working"}


def test_a_system_that_knows_no_lists_of_numbers_is_asked_for_each(followed: Followed) -> None:
    followed.peer.answer_to_post = (200, b'[{"service_request_id": "SR-2"}]')
    followed.room.forwarded("dlh", category="sampah")
    followed.room.go_round()
    followed.peer.odd = [lambda handler: say(handler, 200, b"[]")]
    assert followed.says("in_progress").state == "working"


def test_links_that_change_at_every_answer_say_nothing_new(followed: Followed) -> None:
    for signed in range(3):
        followed.says("menunggu_material", media_url=f"https://foto.example/1.jpg?signed={signed}")
    assert followed.did == ["commented"]


def test_a_time_that_nobody_can_read_keeps_no_status_back(followed: Followed) -> None:
    assert followed.says("in_progress", updated_datetime="kemarin").did == ["accepted", "started"]


def test_a_token_is_followed_once_it_has_become_a_number(post_on_file: Opening, peer: Open311Peer) -> None:
    peer.answer_to_post = (200, b'[{"token": "t/7"}]')
    followed = opened(post_on_file, peer)
    peer.odd = [lambda handler: say(handler, 200, b"<html/>")]
    assert followed.says("in_progress").did == []
    peer.tokens["t/7"] = "SR-1"
    assert followed.says("in_progress").did == ["accepted", "started"]


def by_updates(followed: Followed) -> Agency:
    agency = followed.room.room.city.agencies["dlh"]
    return replace(agency, open311=replace(agency.open311, status="updates"))


def test_updates_are_heard_in_order_each_once_by_its_id(post_on_file: Opening, peer: Open311Peer) -> None:
    followed = opened(post_on_file, peer)
    peer.updates = [
        {**OURS, "update_id": "2", "status": "FIXED", "description": "Beres", "updated_datetime": "2026-11-24T05:00Z"},
        {**OURS, "update_id": "1", "status": "IN_PROGRESS", "updated_datetime": "2026-11-24T04:00:00Z"},
        {"service_request_id": "OTHER", "update_id": "3", "status": "FIXED"},
    ]
    for _ in range(2):
        assert followed.room.courier.status.ask(by_updates(followed))
    assert followed.did == ["accepted", "started", "proof_submitted"]


def test_updates_are_read_to_the_end_by_the_server_s_own_pages_and_else_it_is_told(
    post_on_file: Opening, peer: Open311Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed, peer.limit = opened(post_on_file, peer), 2
    peer.updates = [{"service_request_id": "OTHER", "update_id": str(number)} for number in range(3)]
    peer.updates += [{**OURS, "update_id": "9", "status": "IN_PROGRESS"}]
    assert followed.room.courier.status.ask(by_updates(followed))
    assert followed.did == ["accepted", "started"]
    monkeypatch.setattr(agency_status, "MOST_PAGES", 1)
    peer.updates.insert(0, {**OURS, "update_id": "10", "status": "FIXED"})
    assert not followed.room.courier.status.ask(by_updates(followed))
    assert followed.state == "proof_submitted" and len(peer.asked) < 50


def test_what_is_said_before_a_number_is_known_is_still_asked_for(
    post_on_file: Opening, peer: Open311Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer.answer_to_post = (200, b'[{"token": "t/7"}]')
    followed = opened(post_on_file, peer)
    began = followed.room.now
    monkeypatch.setattr(agency_status, "system_now", lambda: followed.room.now)
    for _ in range(2):
        followed.room.later(days=2)
        assert followed.room.courier.status.ask(by_updates(followed))
    peer.tokens["t/7"] = "SR-1"
    assert followed.room.courier.status.ask(by_updates(followed))
    assert peer.asked[-1][1]["start_date"] <= to_text(began)


def test_a_log_that_takes_nothing_has_no_system_asked_over_and_over(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_words: Any) -> None:
        raise Unavailable

    status, followed.peer.rows = followed.room.courier.status, [{**OURS, "status": "in_progress"}]
    monkeypatch.setattr(status, "_next", {})
    monkeypatch.setattr(status._commands, "hear", full)
    for _ in range(3):
        status.step(followed.room.runtime)
    assert len(followed.peer.asked) == 1 + followed.asked


def test_a_system_that_is_away_or_talks_nonsense_is_asked_again_and_nothing_is_lost(followed: Followed) -> None:
    followed.peer.odd = [lambda handler: say(handler, 503), lambda handler: say(handler, 200, b"<html/>")]
    followed.peer.rows = [{**OURS, "status": "in_progress"}]
    assert [followed.ask(), followed.ask(), followed.ask()] == [False, False, True]
    assert followed.did == ["accepted", "started"]


def test_every_word_for_an_end_is_one_that_claims_something_or_is_told() -> None:
    claims = agency_systems.DONE | agency_systems.DECLINED
    assert CLOSED_WORDS - claims == {"duplicate", "archived"}
