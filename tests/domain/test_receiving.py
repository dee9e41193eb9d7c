"""A report becomes a complaint, and says more later: what counts, what is history, and what an officer keeps."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from liveroom.domain.complaints.intake import Report, Reporter
from liveroom.domain.complaints.model import State
from liveroom.domain.events import Kind
from liveroom.domain.requests import Malformed
from tests.domain.little_room import START, LittleRoom
from tests.rooms.city import wib

PLACE = {"area": "3671010002", "in_city": True}


def test_it_waits_with_its_promises() -> None:
    room = LittleRoom()
    complaint = room.receive(lat=-6.17, lon=106.63, channel="aplikasi")
    assert (complaint.state, complaint.agency, complaint.agencies) == (State.RECEIVED, None, ())
    assert (complaint.received_at, complaint.day) == (START, "2026-11-24")
    assert (complaint.class_, complaint.priority) == ("biasa", "normal")
    assert complaint.forward.due == wib("24 09:30")
    assert complaint.finish.due == wib("12-01 16:00")
    assert complaint.accept is None


def test_the_day_is_the_citys_not_utcs() -> None:
    room = LittleRoom().at("24 23:30")
    assert room.receive().day == "2026-11-24"
    room.at("25 00:30").receive("c2")
    assert room["c2"].day == "2026-11-25"


def test_a_priority_raises_the_class_and_never_lowers_it() -> None:
    room = LittleRoom()
    assert room.receive("c1", priority="critical").class_ == "darurat"
    assert room.receive("c2", category="banjir", priority="normal").class_ == "darurat"
    assert room.receive("c3", category="banjir", priority="urgent").priority == "critical"


def test_an_unknown_category_is_kept_in_the_default_class() -> None:
    complaint = LittleRoom().receive(category="ufo")
    assert (complaint.category, complaint.class_) == ("ufo", "biasa")


def test_no_free_text_and_nobody_is_in_the_event() -> None:
    room = LittleRoom()
    room.receive(description="Lubang besar", address="Jl. Mawar 3")
    payload = repr(room.log[0].event.fields)
    assert "Lubang" not in payload
    assert "Mawar" not in payload
    assert room.log[0].event.fields["texts"] == {"description": "t1"}


def test_history_comes_with_its_end_and_without_its_breaches() -> None:
    room = LittleRoom()
    room.receive(received_at=wib("02 10:00"), closed_at=wib("20 10:00"))
    assert [logged.event.kind for logged in room.log] == [Kind.RECEIVED, Kind.CLOSED]
    assert room.log[1].event.fields["imported"] is True
    complaint = room["c1"]
    assert (complaint.state, complaint.closed_at, complaint.closed_day) == (State.DONE, wib("20 10:00"), "2026-11-20")
    assert (complaint.day, complaint.overdue, complaint.without_proof) == ("2026-11-02", False, False)
    assert room.settle() == []


def test_history_still_open_is_one_event_with_the_stage_reached() -> None:
    room = LittleRoom()
    room.receive(received_at=wib("02 10:00"))
    assert [logged.event.kind for logged in room.log] == [Kind.RECEIVED, Kind.DEADLINE_PASSED]
    assert room.log[1].event.fields["stage"] == "finish"
    assert room["c1"].overdue
    assert room.settle() == []


def test_history_older_than_the_calendar_has_no_promise() -> None:
    room = LittleRoom()
    complaint = room.receive(received_at=wib("24 09:00") - timedelta(days=4000))
    assert complaint.finish is None


def test_nothing_is_received_in_the_future() -> None:
    room = LittleRoom()
    assert room.receive(received_at=START + timedelta(minutes=9)).received_at == START


@pytest.mark.parametrize("closed_at", [wib("02 09:59"), START + timedelta(seconds=1)])
def test_an_end_lies_between_receipt_and_now(closed_at: object) -> None:
    with pytest.raises(Malformed) as malformed:
        LittleRoom().receive(received_at=wib("02 10:00"), closed_at=closed_at)
    assert malformed.value.field == "closed_at"
    room = LittleRoom()
    room.receive(received_at=wib("02 10:00"))
    with pytest.raises(Malformed):
        room.resend(closed_at=closed_at)


def test_the_same_again_is_no_event() -> None:
    room = LittleRoom()
    room.receive(description="Lubang")
    assert room.resend(description="Lubang") == []


def test_what_changed_is_amended_and_nothing_else() -> None:
    room = LittleRoom()
    room.receive(lat=-6.17, lon=106.63, channel="aplikasi")
    assert room.resend(lat=-6.18, lon=106.63, channel="aplikasi", place=PLACE) == [Kind.AMENDED]
    changed = set(room.log[-1].event.fields) - {"hash", "updated_at", "texts", "person", "media"}
    assert changed == {"lat", "area"}
    assert (room["c1"].lat, room["c1"].area) == (-6.18, "3671010002")


def test_what_a_resend_leaves_out_stays() -> None:
    room = LittleRoom()
    room.receive(lat=-6.17, lon=106.63, area="3671010001", channel="aplikasi", reported_at=wib("24 08:00"))
    room.resend(description="lebih jelas")
    complaint = room["c1"]
    assert (complaint.lat, complaint.area, complaint.channel) == (-6.17, "3671010001", "aplikasi")
    assert complaint.reported_at == wib("24 08:00")


def test_an_older_report_says_nothing_where_the_source_dates_them() -> None:
    room = LittleRoom()
    room.receive(updated_at=wib("24 08:00"))
    assert room.resend(updated_at=wib("24 08:00"), category="banjir") == []
    assert room.resend(updated_at=wib("24 07:00"), category="banjir") == []
    assert room.resend(updated_at=wib("24 08:01"), category="banjir") == [Kind.AMENDED]
    assert room.resend(category="jalan_rusak") == [Kind.AMENDED], "undated: the order of arrival"
    assert room["c1"].updated_at == wib("24 08:01")


def test_a_raise_plans_the_deadlines_anew_and_a_lower_one_is_not_heard() -> None:
    room = LittleRoom()
    room.receive()
    room.resend(priority="urgent")
    assert (room["c1"].class_, room["c1"].priority, room["c1"].finish.due) == ("mendesak", "urgent", wib("27 16:00"))
    room.resend(priority="normal")
    assert room["c1"].class_ == "mendesak"


def test_what_an_officer_set_no_source_overwrites() -> None:
    room = LittleRoom()
    room.receive()
    room.execute(
        "triage", by="duty", category="pertanyaan", lat=-6.1, lon=106.6, area="3671010001", **{"class": "biasa"}
    )
    room.resend(category="banjir", priority="critical", lat=-6.2, lon=106.7, place=PLACE)
    complaint = room["c1"]
    assert (complaint.category, complaint.class_, complaint.lat, complaint.area) == (
        "pertanyaan",
        "biasa",
        -6.1,
        "3671010001",
    )


def test_a_source_closes_what_is_open() -> None:
    room = LittleRoom().until_working()
    assert room.at("24 12:00").resend(closed_at=wib("24 11:00")) == [Kind.AMENDED, Kind.CLOSED]
    assert (room["c1"].state, room["c1"].closed_at) == (State.DONE, wib("24 11:00"))


def test_a_source_that_closes_a_paused_one_ends_the_pause_when_it_closed() -> None:
    room = LittleRoom().until_working()
    room.at("24 10:00").execute("ask", by="duty", text="?")
    assert room.at("25 12:00").resend(closed_at=wib("25 10:00")) == [Kind.AMENDED, Kind.RESUMED, Kind.CLOSED]
    assert room["c1"].finish.due == wib("12-02 16:00")
    assert room["c1"].paused is None


@pytest.mark.parametrize("end", ["close", "reject"])
def test_after_the_end_a_source_changes_codes_and_no_state(end: str) -> None:
    room = LittleRoom()
    room.receive()
    room.execute(end, reason="x")
    before = room["c1"]
    assert room.resend(category="banjir", priority="critical", closed_at=START) == [Kind.AMENDED]
    after = room["c1"]
    assert (after.category, after.state, after.class_) == ("banjir", before.state, before.class_)
    assert (after.closed_at, after.finish) == (before.closed_at, before.finish)


# The hash by which a report is known again: it may never change, or every report sent twice would look like news.
WHOLE = Report(
    source_id="L-1",
    category="jalan_rusak",
    description="lubang",
    address="Jl. Merdeka",
    lat=-6.17,
    lon=106.63,
    area="36.71.01.1001",
    channel="app",
    reported_at=datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC),
    priority="urgent",
    person=Reporter(name="Ratna", phone="0812"),
    media=("https://foto.example/1.jpg",),
)


def test_it_is_what_rooms_have_written_so_far() -> None:
    assert WHOLE.hash() == "7d360f077a126b2f24c306cf3b902a92c68adae8e47fcd320a91131c248d46a0"
    bare = Report(source_id="1", category="x")
    assert bare.hash() == "82aaa90ee9e7f39411224a6f9bbbca47c9168feee231788fb9f3267467a44aab"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterReport(Report):
    """With a field that a later release adds."""

    house_number: str = ""


def test_a_field_that_is_added_makes_no_known_report_another_one() -> None:
    said = {"source_id": "1", "category": "x"}
    assert LaterReport(**said).hash() == Report(**said).hash() != LaterReport(**said, house_number="4b").hash()


def test_whoever_reported_and_each_picture_count() -> None:
    others = (replace(WHOLE, person=Reporter(name="Ratna", phone="0813")), replace(WHOLE, media=()))
    assert len({one.hash() for one in (WHOLE, *others)}) == 3
