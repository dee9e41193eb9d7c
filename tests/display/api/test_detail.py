"""One complaint whole: its words and history, what its deadline is made of, who has it, and who may read what."""

from datetime import timedelta
from typing import Any

from liveroom.domain.complaints.intake import Reporter
from liveroom.log.texts import accesses_of
from tests.display.api.conftest import Desk
from tests.rooms.city import wib
from tests.rooms.standing import StandingRoom

BUDI = Reporter(name="Budi Contoh", phone="0812-3456-7890")
SAID: dict[str, Any] = {"description": "Jalan berlubang", "address": "Jl. Mawar 5", "person": BUDI}


def whole(desk: Desk, id_: str, **args: object) -> dict[str, Any]:
    status, body = desk.get(f"complaints/{id_}", **args)
    assert status == 200, body
    return body


def test_it_says_what_came_in_and_what_was_done(desk: Desk, standing: StandingRoom) -> None:
    id_ = standing.receive("L-1", media=("https://foto.example/1.jpg",), **SAID)
    standing.execute("comment", id_, by="duty", text="sudah ditelepon")
    standing.execute("forward", id_, by="duty", agency="dpupr", agencies=["dlh"])
    standing.do_all(id_, "accept")
    told = whole(desk, id_)
    assert told["text"] == {"description": "Jalan berlubang", "address": "Jl. Mawar 5"}
    assert told["person"] == {"name": "Budi Contoh", "phone": "0812-3456-7890", "email": None}
    assert [one["url"] for one in told["media"]] == ["https://foto.example/1.jpg"]
    assert [one["kind"] for one in told["history"]] == [f"complaint.{kind}" for kind in (
        "received", "commented", "forwarded", "accepted",
    )]  # fmt: skip
    assert told["history"][0]["texts"]["description"] == "Jalan berlubang"
    assert told["history"][1]["text"] == "sudah ditelepon"
    assert set(told["history"][2]["due"]) == {"accept"}
    assert [(one["key"], one["lead"], one["state"]) for one in told["agencies"]] == [
        ("dpupr", True, "accepted"),
        ("dlh", False, "forwarded"),
    ]
    assert told["agencies"][0]["forwarded_at"] == told["history"][2]["at"]


def test_a_deadline_passes_by_itself_whoever_was_writing_then(desk: Desk, standing: StandingRoom) -> None:
    id_ = standing.receive("L-1")
    standing.later(hours=30).receive("L-1", description="masih di sini")
    passed = [one for one in whole(desk, id_)["history"] if one["kind"] == "deadline.passed"]
    assert passed
    assert {one["actor"] for one in passed} == {"clock"}


def test_the_arithmetic_of_a_deadline_is_told_as_data(desk: Desk, standing: StandingRoom) -> None:
    """masuk Selasa 09.00, 3 hari kerja, jatuh tempo Jumat 16.30; a pause and an extension with its reason."""
    id_ = standing.receive(priority="urgent")
    standing.execute("forward", id_, by="duty", agency="dpupr")
    standing.do_all(id_, "accept")
    told = whole(desk, id_)["deadline"]
    assert (told["stage"], told["allowed"]) == ("finish", {"n": 3, "unit": "working_days"})
    assert (told["received_at"], told["stage_from"]) == ("2026-11-24T02:00:00Z", "2026-11-24T02:00:00Z")
    assert told["due_at"] == whole(desk, id_)["card"]["due_at"] == "2026-11-27T09:30:00Z"
    assert (told["used"], told["pauses"]) == (0.0, [])
    assert "extended" not in told
    standing.later(hours=2).execute("ask", id_, by="duty", text="di mana?")
    standing.later(hours=24).execute("answer", id_, by="duty", text="di depan sekolah")
    due = wib("12-04 16:30")
    standing.execute("extend", id_, due_at=due.isoformat(), reason="alat berat")
    told = whole(desk, id_)["deadline"]
    assert told["pauses"] == [
        {"from": "2026-11-24T04:00:00Z", "to": "2026-11-25T04:00:00Z", "why": "citizen", "stops": True}
    ]
    extended = told["extended"]
    assert (extended["by"], extended["due_at"], extended["reason"]) == ("supervisor", told["due_at"], "alat berat")
    assert 0 < told["used"] < 1
    standing.at(due + timedelta(days=7)).tick()
    assert whole(desk, id_)["deadline"]["used"] > 1


def test_the_stages_of_an_emergency_run_on_the_wall_clock(desk: Desk, standing: StandingRoom) -> None:
    id_ = standing.receive(category="kebakaran")
    standing.later(minutes=1)
    told = whole(desk, id_)["deadline"]
    assert (told["stage"], told["allowed"], told["used"]) == ("forward", {"n": 2, "unit": "minutes"}, 0.5)
    assert {row["stage"] for row in told["stages"]} == {"forward", "finish", "reply"}


def test_an_agency_reads_its_own_without_the_person(desk: Desk, standing: StandingRoom) -> None:
    id_ = standing.receive(**SAID)
    theirs = {"role": "agency", "actor_agency": "dpupr"}
    assert desk.get(f"complaints/{id_}", **theirs)[1]["code"] == "not_your_complaint"
    standing.execute("forward", id_, by="duty", agency="dpupr")
    told = whole(desk, id_, **theirs)
    assert (told["person"], told["text"]["address"]) == (None, "Jl. Mawar 5")
    assert told["allowed"] == ["accept", "decline", "ask", "comment", "reply"]
    assert "claimed_by" not in told["card"]
    assert desk.get(f"complaints/{id_}", role="agency", actor_agency="dlh")[0] == 403


def test_leadership_reads_no_person_and_no_words_of_a_private_matter(desk: Desk, standing: StandingRoom) -> None:
    plain, private = standing.receive(**SAID), standing.receive(category="kekerasan", **SAID)
    standing.execute("comment", private, by="duty", text="rahasia")
    told = whole(desk, plain, role="leadership")
    assert (told["person"], told["text"]["description"]) == (None, "Jalan berlubang")
    told = whole(desk, private, role="leadership")
    assert told["text"] == {"description": None, "address": None}
    assert "rahasia" not in str(told)
    _, page = desk.get("complaints", role="leadership", category="kekerasan")
    assert page["items"][0]["snippet"] == ""


def test_who_reads_a_persons_data_is_noted_and_nobody_else(desk: Desk, standing: StandingRoom) -> None:
    id_, nameless = standing.receive(**SAID), standing.receive(person=None)
    whole(desk, id_, actor="sari")
    whole(desk, id_, role="leadership", actor="bapak")
    whole(desk, nameless, actor="sari")
    assert [(one.actor, one.role, one.fields) for one in accesses_of(standing.log, id_)] == [
        ("sari", "duty", ("name", "phone"))
    ]
    assert accesses_of(standing.log, nameless) == []


def test_what_does_not_exist_is_not_found(desk: Desk) -> None:
    assert desk.get("complaints/nothing")[0] == 404
    assert desk.get("complaints/nothing", role="wall")[1]["field"] == "role"


def test_a_supervisor_reassigns_and_changes_the_priority(desk: Desk, standing: StandingRoom) -> None:
    id_ = standing.until_working()
    seen = whole(desk, id_)["card"]["seq"]
    rina = {"actor": "rina", "role": "supervisor"}
    again = {"command_id": "s1", "seen_seq": seen, "agency": "dlh", **rina}
    assert desk.post(f"complaints/{id_}/forward", **again)[1]["state"] == "forwarded"
    urgent = {"command_id": "s2", "seen_seq": whole(desk, id_)["card"]["seq"], "priority": "critical", **rina}
    assert desk.post(f"complaints/{id_}/triage", **urgent)[0] == 200
    told = whole(desk, id_, role="supervisor")
    assert [(one["key"], one["state"]) for one in told["agencies"]] == [("dlh", "forwarded")]
    assert (told["card"]["priority"], told["deadline"]["class"]) == ("critical", "darurat")
    assert {"extend", "close", "hold"} <= set(told["allowed"])
