"""Merging: one tree one deep, ends together, and each child's own time when it leaves."""

import pytest

from liveroom.domain.complaints.model import State, Status
from liveroom.domain.events import Kind
from liveroom.domain.requests import Code, Refused
from tests.domain.little_room import LittleRoom
from tests.rooms.city import wib


def room_of(*ids: str) -> LittleRoom:
    room = LittleRoom()
    for id_ in ids:
        room.receive(id_)
    return room


def refused(room: LittleRoom, name: str, id_: str, **fields: str) -> tuple[Code, str | None]:
    with pytest.raises(Refused) as caught:
        room.execute(name, id_, **fields)
    return caught.value.code, caught.value.field


def test_a_merged_complaint_is_elsewhere_and_known_to_the_other() -> None:
    room = room_of("c1", "c2")
    assert room.execute("merge", "c1", by="duty", into="c2") == [Kind.MERGED, Kind.ABSORBED]
    assert (room["c1"].state, room["c1"].status, room["c1"].merged_into) == (State.MERGED, Status.ELSEWHERE, "c2")
    assert room["c1"].closed_day == "2026-11-24"
    assert room["c2"].children == ("c1",)
    assert room["c2"].open


def test_its_children_move_along_and_keep_the_day_they_were_merged() -> None:
    room = room_of("c1", "c2", "c3", "c4")
    room.execute("merge", "c1", into="c2")
    room.execute("merge", "c3", into="c2")
    room.at("25 09:00").execute("merge", "c2", into="c4")
    assert room["c4"].children == ("c2", "c1", "c3")
    assert room["c2"].children == ()
    assert {room[id_].merged_into for id_ in ("c1", "c2", "c3")} == {"c4"}
    assert (room["c1"].closed_day, room["c2"].closed_day) == ("2026-11-24", "2026-11-25")


def test_no_complaint_is_merged_into_itself_however_far_round() -> None:
    room = room_of("c1", "c2", "c3")
    assert refused(room, "merge", "c1", into="c1") == (Code.CYCLE, "into")
    room.execute("merge", "c1", into="c2")
    assert refused(room, "merge", "c2", into="c1") == (Code.CYCLE, "into")
    assert refused(room, "merge", "c3", into="c1") == (Code.CYCLE, "into"), "it went into c2: say so"


def test_the_other_must_exist_be_open_and_of_the_same_kind() -> None:
    room = room_of("c1", "c2")
    room.receive("c3", drill=True)
    assert refused(room, "merge", "c1", into="nothing") == (Code.UNKNOWN_COMPLAINT, "into")
    assert refused(room, "merge", "c1", into="c3") == (Code.DRILL, "into")
    room.execute("close", "c2", reason="selesai")
    assert refused(room, "merge", "c1", into="c2") == (Code.STATE, "into")


@pytest.mark.parametrize("end", ["validate", "close", "source"])
def test_when_it_is_done_all_merged_into_it_are_done_with_it(end: str) -> None:
    room = room_of("c1", "c2", "c3")
    room.execute("merge", "c1", into="c3")
    room.execute("merge", "c2", into="c3")
    room.until_working("c3").at("25 10:00")
    if end == "source":
        room.resend("c3", closed_at=room.now)
    elif end == "close":
        room.execute("close", "c3", reason="selesai")
    else:
        room.do_all("c3", "submit_proof").execute("validate", "c3", by="duty")
    assert {room[id_].state for id_ in ("c1", "c2", "c3")} == {State.DONE}
    assert {room[id_].closed_day for id_ in ("c1", "c2", "c3")} == {"2026-11-25"}


def test_a_child_leaves_with_the_time_it_stood_merged_given_back() -> None:
    room = room_of("c1", "c2")
    room.at("24 09:10").execute("merge", "c1", into="c2")
    assert room.at("24 12:00").execute("split", "c1", by="duty") == [Kind.SPLIT, Kind.RELEASED]
    child = room["c1"]
    assert (child.state, child.merged_into, child.closed_day) == (State.RECEIVED, None, None)
    assert child.forward.due == wib("24 12:20")
    assert child.reopened == 0
    assert room["c2"].children == ()


def test_one_that_an_agency_had_goes_back_to_it() -> None:
    room = room_of("c1", "c2")
    room.until_working("c1")
    room.at("24 10:00").execute("merge", "c1", into="c2")
    room.at("25 10:00").execute("split", "c2", child="c1")
    child = room["c1"]
    assert (child.state, child.agency, child.accepted_by) == (State.FORWARDED, "pupr", ())
    assert child.accept.start == wib("25 10:00")
    assert child.finish.due == wib("12-02 16:00")


def test_only_a_child_is_split_off() -> None:
    room = room_of("c1", "c2", "c3")
    room.execute("merge", "c1", into="c2")
    assert refused(room, "split", "c2") == (Code.FIELD, "child")
    assert refused(room, "split", "c2", child="c3") == (Code.FIELD, "child")
    assert refused(room, "split", "c3", child="c1") == (Code.STATE, None)


def test_a_child_nobody_handed_over_is_unknown() -> None:
    room = room_of("c1", "c2")
    room.execute("merge", "c1", into="c2")
    del room.complaints["c1"]
    assert refused(room, "split", "c2", child="c1") == (Code.UNKNOWN_COMPLAINT, "child")


def test_reopening_leaves_those_done_with_it_done() -> None:
    room = room_of("c1", "c2")
    room.execute("merge", "c1", into="c2")
    room.execute("close", "c2", reason="selesai")
    room.execute("reopen", "c2", reason="lagi")
    assert (room["c1"].state, room["c2"].children) == (State.DONE, ())
    assert room.execute("close", "c2", reason="selesai lagi") == [Kind.CLOSED], "the child is done already"


def test_one_done_with_it_is_reopened_alone_and_had_no_time_while_merged() -> None:
    room = room_of("c1", "c2")
    room.at("24 10:00").settle("c1")
    room.execute("merge", "c1", into="c2")
    room.at("25 10:00").execute("close", "c2", reason="selesai")
    assert room.at("26 10:00").execute("reopen", "c1", reason="di sini belum") == [Kind.REOPENED, Kind.RELEASED]
    assert room["c1"].merged_into is None
    assert room["c2"].children == ()
    assert room["c1"].finish.due == wib("12-03 16:00")


def test_a_held_complaint_ends_its_hold_when_merged() -> None:
    room = room_of("c1", "c2")
    room.execute("ask", "c1", by="duty", text="?")
    assert room.later(minutes=1).execute("merge", "c1", into="c2") == [Kind.RESUMED, Kind.MERGED, Kind.ABSORBED]
    assert room["c1"].paused is None


def test_what_is_elsewhere_leaves_its_children_elsewhere() -> None:
    room = room_of("c1", "c2")
    room.execute("merge", "c1", into="c2")
    room.execute("reject", "c2", by="duty", reason="palsu")
    assert room["c1"].state is State.MERGED
    room.execute("reopen", "c2", by="duty", reason="ternyata benar")
    assert room["c2"].children == ("c1",), "still one thing with it"
    assert room.execute("split", "c1") == [Kind.SPLIT, Kind.RELEASED]
