"""Comments, replies and claims: words and courtesies that move nothing."""

from dataclasses import replace

import pytest

from liveroom.domain.refusals import Code, Refused
from tests.domain.little_room import LittleRoom


def test_words_change_nothing_but_the_number() -> None:
    room = LittleRoom().until_working()
    before = room["c1"]
    room.do("comment", by="leadership", text="mohon dipercepat")
    assert room["c1"] == replace(before, seq=len(room.log))


def test_a_claim_is_a_name_for_a_while() -> None:
    room = LittleRoom()
    room.receive()
    room.do("claim", by="duty", actor="sari")
    assert room["c1"].claimed_by == "sari"
    with pytest.raises(Refused) as refused:
        room.later(minutes=14).do("claim", by="duty", actor="budi")
    assert refused.value.code is Code.CLAIMED
    room.do("claim", by="duty", actor="sari")
    room.later(minutes=15).do("claim", by="duty", actor="budi")
    assert room["c1"].claimed_by == "budi"


def test_a_supervisor_takes_over() -> None:
    room = LittleRoom()
    room.receive()
    room.do("claim", by="duty", actor="sari")
    room.do("claim", by="supervisor", actor="rina")
    assert room["c1"].claimed_by == "rina"


def test_a_claim_locks_nothing_and_ends_when_the_desk_is_done() -> None:
    room = LittleRoom()
    room.receive()
    room.do("claim", by="duty", actor="sari")
    room.do("forward", by="duty", actor="budi", agency="pupr")
    assert (room["c1"].claimed_by, room["c1"].claimed_until) == (None, None)
