"""Back from an end: what counts again, what counts anew, and what stays passed."""

import pytest

from liveroom.domain.complaints.model import State, Status
from liveroom.domain.events import Kind
from liveroom.domain.requests import Code, Refused
from tests.domain.little_room import LittleRoom
from tests.rooms.city import wib


def done_at(moment: str) -> LittleRoom:
    room = LittleRoom().until_working()
    room.at(moment).do_all("c1", "submit_proof")
    room.execute("validate", by="duty")
    return room


def test_it_waits_for_its_agency_again_and_is_not_counted_in_again() -> None:
    room = done_at("24 10:00")
    day = room["c1"].day
    assert room["c1"].closed_day == "2026-11-24"
    room.at("25 10:00").execute("reopen", by="duty", reason="berlubang lagi")
    complaint = room["c1"]
    assert (complaint.state, complaint.status, complaint.agency) == (State.FORWARDED, Status.WAITING, "pupr")
    assert (complaint.closed_at, complaint.closed_day, complaint.day, complaint.reopened) == (None, None, day, 1)
    assert (complaint.accepted_by, complaint.proved_by, complaint.submitted_by) == ((), (), None)


def test_accept_counts_from_the_reopening_and_finish_is_later_by_the_time_it_stood_done() -> None:
    room = done_at("24 10:00")
    room.at("25 10:00").execute("reopen", reason="lagi")
    assert room["c1"].accept.start == wib("25 10:00")
    assert room["c1"].accept.due == wib("26 16:00")
    assert room["c1"].finish.due == wib("12-02 16:00")


def test_what_had_passed_stays_passed() -> None:
    room = done_at("12-02 10:00")
    assert room["c1"].finish.passed
    assert not room["c1"].overdue
    room.at("12-03 10:00").execute("reopen", reason="lagi")
    assert room["c1"].finish.due == wib("12-01 16:00")
    assert room["c1"].overdue


def test_without_an_agency_it_is_back_at_the_desk_and_has_the_time_it_had_left() -> None:
    room = LittleRoom()
    room.receive()
    room.at("24 09:10").execute("reject", by="duty", reason="bukan laporan")
    room.at("24 12:00").execute("reopen", by="duty", reason="ternyata laporan")
    assert room["c1"].state is State.RECEIVED
    assert room["c1"].forward.due == wib("24 12:20")


def test_done_is_reopened_within_the_window_only() -> None:
    room = done_at("24 10:00").at("12-01 10:00")
    room.execute("reopen", reason="pada menit terakhir")
    room = done_at("24 10:00").at("12-01 10:00").later(seconds=1)
    with pytest.raises(Refused) as refused:
        room.execute("reopen", reason="terlambat")
    assert refused.value.code is Code.WINDOW


def test_elsewhere_has_no_window() -> None:
    room = LittleRoom().until_working()
    room.execute("refer_outside", by="duty", outside="bbws", reason="sungai")
    assert room["c1"].outside == "bbws"
    room.at("12-20 10:00").execute("reopen", by="duty", reason="kembali dari balai")
    assert (room["c1"].state, room["c1"].outside) == (State.FORWARDED, None)


def test_time_before_the_calendar_gives_no_deadline_rather_than_a_wrong_one() -> None:
    room = LittleRoom().until_working()
    room.execute("refer_outside", by="duty", outside="bbws", reason="sungai")
    room.later(days=800).execute("reopen", by="duty", reason="kembali")
    assert room["c1"].finish is None
    assert room["c1"].accept is None


def test_held_and_done_and_reopened_adds_both_times() -> None:
    room = LittleRoom().until_working()
    room.at("24 10:00").execute("ask", by="duty", text="?")
    room.at("25 10:00").execute("close", reason="selesai")
    room.at("26 10:00").execute("reopen", reason="lagi")
    assert room["c1"].finish.due == wib("12-03 16:00")
    assert room["c1"].stops == ((wib("24 10:00"), wib("25 10:00")), (wib("25 10:00"), wib("26 10:00")))


def test_twice_done_twice_reopened() -> None:
    room = done_at("24 10:00")
    room.at("24 11:00").execute("reopen", reason="lagi")
    room.do_all("c1", "accept", "start", "submit_proof")
    assert room.execute("validate", by="duty") == [Kind.VALIDATED]
    room.at("24 12:00").execute("reopen", reason="lagi")
    assert room["c1"].reopened == 2
    assert room["c1"].finish.due == wib("12-02 10:00")
