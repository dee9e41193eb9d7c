"""Comments and replies: words that move nothing."""

from dataclasses import replace

from tests.domain.little_room import LittleRoom


def test_words_change_nothing_but_the_number() -> None:
    room = LittleRoom().until_working()
    before = room["c1"]
    room.execute("comment", by="leadership", text="mohon dipercepat")
    assert room["c1"] == replace(before, seq=len(room.log))
