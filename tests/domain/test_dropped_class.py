"""A pack that has dropped a class open complaints still have: until all is planned anew they go by the default one."""

from dataclasses import replace

from liveroom.domain.events import Kind
from tests.domain.little_room import LittleRoom
from tests.rooms.city import POLICY, wib

LESS = replace(
    POLICY,
    classes={key: rule for key, rule in POLICY.classes.items() if key != "mendesak"},
    urgent_class="biasa",
)


def dropped() -> LittleRoom:
    """An urgent complaint, and a pack that knows urgent no more."""
    room = LittleRoom()
    room.receive(priority="urgent")
    assert room["c1"].class_ == "mendesak"
    room.policy = LESS
    return room


def test_a_resend_takes_the_default_class() -> None:
    room = dropped()
    assert room.resend(channel="telepon", priority="urgent") == [Kind.AMENDED]
    assert (room["c1"].class_, room["c1"].finish.due) == ("biasa", wib("12-01 16:00"))


def test_a_more_urgent_resend_takes_that_class() -> None:
    room = dropped()
    room.resend(priority="critical")
    assert (room["c1"].class_, room["c1"].priority) == ("darurat", "critical")


def test_forwarding_promises_what_the_default_class_does() -> None:
    room = dropped()
    room.execute("forward", by="duty", agency="pupr")
    assert room["c1"].accept.due == wib("25 16:00")
    assert room["c1"].finish.due == wib("27 16:00"), "what was promised stays until it is planned anew"


def test_every_command_is_possible_and_planning_anew_ends_it() -> None:
    room = dropped().until_working()
    room.execute("triage", by="duty", category="pertanyaan")
    room.execute("ask", by="duty", text="di mana?")
    room.execute("answer", by="duty", text="di sana")
    room.replan(LESS)
    assert room["c1"].class_ == "biasa"
    assert room.replayed()["c1"] == room["c1"]
