"""What an officer sets: kept against every source, with deadlines planned anew from where they began."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from liveroom.domain.complaints.commands import allowed
from liveroom.domain.complaints.model import DeadlineClock
from liveroom.domain.events import Kind
from liveroom.domain.requests import Code, CommandName, Refused, Role
from liveroom.domain.timestamps import to_text
from tests.domain.little_room import LittleRoom
from tests.rooms.city import wib


def received(**report: object) -> LittleRoom:
    room = LittleRoom()
    room.receive(**report)
    return room


def refused(room: LittleRoom, name: str, **fields: object) -> tuple[Code, str | None]:
    with pytest.raises(Refused) as caught:
        room.execute(name, **fields)
    return caught.value.code, caught.value.field


def test_another_category_brings_its_class_and_deadlines_from_receipt() -> None:
    room = received()
    room.at("24 09:01").execute("triage", by="duty", category="banjir")
    complaint = room["c1"]
    assert (complaint.category, complaint.class_, complaint.priority) == ("banjir", "darurat", "critical")
    assert complaint.forward.due == wib("24 09:02")
    assert complaint.finish.due == wib("24 11:00")
    assert complaint.accept is None


def test_a_promise_already_broken_in_the_new_class_passes_when_it_was_due() -> None:
    room = received()
    room.at("24 09:10").execute("triage", by="duty", category="banjir")
    assert not room["c1"].overdue
    assert room.settle() == [Kind.DEADLINE_PASSED]
    assert room.log[-1].event.at == wib("24 09:02")


def test_passed_stays_passed_when_the_new_due_is_behind_too() -> None:
    room = received()
    room.at("24 10:00").execute("triage", by="duty", category="banjir")
    assert room["c1"].forward.passed
    assert room["c1"].forward.due == wib("24 09:02")


def test_passed_is_taken_back_when_the_new_due_is_ahead() -> None:
    room = received(category="banjir")
    room.until_working(agency="bpbd")
    room.at("24 12:00").settle()
    assert room["c1"].overdue
    room.execute("triage", by="duty", category="jalan_rusak")
    assert not room["c1"].overdue
    assert room["c1"].finish.due == wib("12-01 16:00")


def test_the_time_it_stood_still_counts_in_the_new_class_too() -> None:
    room = LittleRoom().until_working()
    room.at("24 10:00").execute("ask", by="duty", text="?")
    room.at("25 10:00").execute("answer", by="duty")
    room.execute("triage", by="duty", **{"class": "mendesak"})
    assert room["c1"].finish.due == wib("30 16:00"), "the 27th, and a working day more"


def test_a_hold_that_runs_moves_the_new_deadlines_to_its_end_too() -> None:
    room = LittleRoom().until_working()
    room.at("24 10:00").execute("hold", reason="r", until=to_text(wib("25 10:00")))
    room.at("24 12:00").execute("triage", by="duty", **{"class": "mendesak"})
    assert room["c1"].finish.due == wib("30 16:00")
    room.at("24 12:00").execute("resume")
    assert room["c1"].finish.due == wib("30 10:00"), "held two working hours"


def test_a_new_category_lowers_what_only_the_old_one_had_raised() -> None:
    room = received(category="banjir")
    room.execute("triage", by="duty", category="jalan_rusak")
    assert (room["c1"].class_, room["c1"].priority) == ("biasa", "normal")


def test_a_new_category_keeps_a_priority_that_was_said() -> None:
    room = received(priority="urgent")
    assert room["c1"].class_ == "mendesak"
    room.execute("triage", by="duty", category="pertanyaan")
    assert room["c1"].class_ == "mendesak"


def test_an_officers_class_outlives_a_new_category() -> None:
    room = received()
    room.execute("triage", by="duty", **{"class": "mendesak"})
    room.execute("triage", by="duty", category="banjir")
    assert (room["c1"].category, room["c1"].class_) == ("banjir", "mendesak")


def test_the_same_class_plans_nothing_anew() -> None:
    room = LittleRoom().until_working()
    room.execute("extend", due_at=to_text(wib("12-04 12:00")), reason="alat")
    room.execute("triage", by="duty", category="pertanyaan", area="3671010001")
    assert room["c1"].finish.due == wib("12-04 12:00")
    assert room["c1"].area == "3671010001"


def test_who_it_is_meant_for_before_it_is_forwarded() -> None:
    room = received()
    room.execute("triage", by="duty", agency="dlh")
    assert (room["c1"].agency, room["c1"].agencies) == ("dlh", ())
    room.execute("forward", by="duty", agency="pupr")
    assert room["c1"].agencies == ("pupr",)
    assert refused(room, "triage", agency="dlh") == (Code.STATE, "agency")


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"category": "naga"}, (Code.UNKNOWN_CATEGORY, "category")),
        ({"class": "sangat"}, (Code.FIELD, "class")),
        ({"agency": "bbws"}, (Code.UNKNOWN_AGENCY, "agency")),
        ({"area": "9999"}, (Code.FIELD, "area")),
    ],
)
def test_only_what_the_city_knows(fields: dict[str, str], answer: tuple[Code, str]) -> None:
    assert refused(received(), "triage", **fields) == answer


def test_what_an_officer_set_is_remembered() -> None:
    room = received()
    room.execute("triage", by="duty", priority="urgent", lat=-6.17, lon=106.63)
    assert room["c1"].officer_set == {"class", "priority", "lat", "lon"}


def test_extending_makes_a_fresh_promise() -> None:
    room = LittleRoom().until_working()
    room.at("12-01 17:00").settle()
    assert room["c1"].overdue
    room.execute("extend", due_at=to_text(wib("12-04 12:00")), reason="alat berat")
    assert not room["c1"].overdue
    assert room.at("12-04 12:00").settle() == [Kind.DEADLINE_PASSED]


@pytest.mark.parametrize("due_at", ["24 09:00", "24 08:00", "12-01 16:00"])
def test_an_extension_is_later_than_now_and_than_what_was_promised(due_at: str) -> None:
    room = LittleRoom().until_working()
    assert refused(room, "extend", due_at=to_text(wib(due_at)), reason="x") == (Code.PAST, "due_at")


def test_without_a_promise_there_is_nothing_to_extend() -> None:
    room = LittleRoom()
    room.receive(received_at=wib("24 09:00") - timedelta(days=4000))
    assert refused(room, "extend", due_at=to_text(wib("25 12:00")), reason="x") == (Code.STATE, None)
    assert CommandName.EXTEND not in allowed(room["c1"], Role.SUPERVISOR)


@pytest.mark.parametrize(
    ("due_at", "clock", "after"),
    [
        ("12-04 12:00", DeadlineClock.WORKING, "12-07 12:00"),
        ("12-04 16:00", DeadlineClock.WORKING, "12-07 16:00"),
        ("12-04 20:00", DeadlineClock.CALENDAR, "12-05 20:00"),
    ],
)
def test_an_extension_into_the_evening_moves_by_the_hours_of_the_day(
    due_at: str, clock: DeadlineClock, after: str
) -> None:
    room = LittleRoom().until_working()
    room.execute("extend", due_at=to_text(wib(due_at)), reason="alat berat")
    assert (room["c1"].finish.clock, room["c1"].finish.due) == (clock, wib(due_at))
    room.at("24 17:00").execute("hold", reason="r", until=to_text(wib("30 17:00")))
    room.at("25 17:00").execute("resume")
    assert room["c1"].finish.due == wib(after)


def test_an_extension_is_no_eternity() -> None:
    room = LittleRoom().until_working()
    assert refused(room, "extend", due_at="2099-01-01T00:00:00Z", reason="x") == (Code.FIELD, "due_at")


# Comments and replies: words that move nothing.
def test_words_change_nothing_but_the_number() -> None:
    room = LittleRoom().until_working()
    before = room["c1"]
    room.execute("comment", by="leadership", text="mohon dipercepat")
    assert room["c1"] == replace(before, seq=len(room.log))
