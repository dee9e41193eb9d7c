"""A shift is handed over: offered with what is open and a note, taken by somebody else, both by name."""

from typing import Any

from liveroom.projection.notices import taken_shifts
from liveroom.room.commands.desk import signed_shift
from tests.display.api.conftest import Desk
from tests.rooms.standing import StandingRoom

SARI = {"actor": "sari", "role": "duty"}
BUDI = {"actor": "budi", "role": "duty"}


def hand_over(desk: Desk, command_id: str = "h1", **said: Any) -> tuple[int, dict[str, Any]]:
    return desk.post(
        "room/handover", **{"command_id": command_id, **SARI, "note": "Kabel di Cimone belum aman", **said}
    )


def confirm(desk: Desk, command_id: str = "h2", **said: Any) -> tuple[int, dict[str, Any]]:
    return desk.post("room/confirm_handover", **{"command_id": command_id, **BUDI, **said})


def test_a_shift_is_offered_and_taken(desk: Desk, standing: StandingRoom) -> None:
    standing.at("24 09:00").tick()
    fire = standing.receive(category="kebakaran")
    assert desk.get("handover")[1]["state"] == "none"
    assert hand_over(desk, to="budi")[0] == 200
    _, told = desk.get("handover")
    assert (told["state"], told["since"], told["confirmed"]) == ("offered", None, None)
    offer = told["offered"]
    assert (offer["by"], offer["to"], offer["note"]) == ("sari", "budi", "Kabel di Cimone belum aman")
    assert offer["alarms"] == [f"critical:{fire}"] == [alarm["id"] for alarm in told["alarms"]]
    assert offer["counts"] == {"open": 1, "overdue": 0}
    assert confirm(desk)[0] == 200
    _, told = desk.get("handover")
    assert (told["state"], told["on_duty"], told["confirmed"]["by"]) == ("confirmed", "budi", "budi")
    kinds = [(one.event.kind.value, one.actor) for one in standing.events() if "handover" in one.event.kind]
    assert kinds == [("handover.offered", "sari"), ("handover.confirmed", "budi")]


def test_screens_hear_of_it_but_not_what_it_says(desk: Desk, standing: StandingRoom) -> None:
    hand_over(desk)
    (line,) = [row for row in standing.tables(["notice"])["notice"] if row["id"] == "handover"]
    assert '"state":"offered"' in line["body"]
    assert "note" not in line["body"]
    assert not [one for one in standing.events() if "Cimone" in str(one.event.fields)]


def test_who_may_not_take_it(desk: Desk) -> None:
    assert confirm(desk)[1]["code"] == "state", "nothing is offered"
    assert hand_over(desk, "h0", to="Sari")[1]["field"] == "to", "to oneself"
    hand_over(desk, to="budi")
    assert confirm(desk, "h3", **SARI)[1]["code"] == "same_person"
    assert confirm(desk, "h4", actor="tono")[1]["code"] == "state", "it is offered to somebody else"
    assert confirm(desk, "h5", role="agency", actor_agency="dlh")[0] == 403
    assert confirm(desk, "h6", actor="rina", role="supervisor")[0] == 200
    assert confirm(desk, "h7")[1]["code"] == "state", "it is taken already"
    assert hand_over(desk, "h8", role="leadership")[0] == 403
    assert hand_over(desk, "h9", to=7)[1]["field"] == "to"
    assert hand_over(desk, "h10", note="x" * 4001)[1]["field"] == "note"


def test_sent_twice_it_is_one(desk: Desk, standing: StandingRoom) -> None:
    assert hand_over(desk) == hand_over(desk)
    assert sum("handover" in kind for kind in standing.kinds()) == 1


def test_what_happened_in_the_shift_is_counted_from_the_log_and_signed_with_its_positions(
    desk: Desk, standing: StandingRoom
) -> None:
    standing.at("24 09:00").tick()
    hand_over(desk, "h0")
    confirm(desk, "h1")
    begun = standing.head().seq
    fire, other = standing.receive(category="kebakaran"), standing.receive(category="kebakaran")
    standing.until_done()
    desk.post(f"alarms/critical:{fire}/acknowledge", command_id="a1", seen_seq=standing.head().seq, **BUDI)
    standing.execute("hold", standing.until_working(), reason="menunggu suku cadang", until="2026-11-24T05:00:00Z")
    _, told = desk.get("handover")
    course = told["course"]
    assert (course["since_seq"], course["up_to_seq"]) == (begun, standing.head().seq)
    counted = {name: course[name] for name in ("received", "forwarded", "finished", "rang", "untaken", "holds")}
    assert counted == {"received": 4, "forwarded": 2, "finished": 1, "rang": 2, "untaken": 1, "holds": 1}
    hand_over(desk, "h2", **BUDI)
    offer = standing.head().seq
    confirm(desk, "h3", **SARI)
    signed = standing.head().seq
    (event,) = standing.events(signed - 1)
    positions = {name: event.event.fields[name] for name in ("offer_seq", "since_seq", "up_to_seq")}
    assert positions == {"offer_seq": offer, "since_seq": begun, "up_to_seq": signed - 1}
    # Whatever happens later, the shift that was signed for says what it said.
    first = signed_shift(standing.log, signed)
    assert first is not None and first.note == "Kabel di Cimone belum aman"
    assert [(one.alarm.id, one.taken_by) for one in first.course.alarms] == [
        (f"critical:{other}", None),
        (f"critical:{fire}", "budi"),
    ]
    desk.post(f"alarms/critical:{other}/acknowledge", command_id="a2", seen_seq=standing.head().seq, **BUDI)
    again = signed_shift(standing.log, signed)
    assert again is not None and again.course.counts == first.course.counts
    assert [(one.at, one.taken_by, one.taken_at) for one in again.course.alarms] == [
        (one.at, one.taken_by, one.taken_at) for one in first.course.alarms
    ]
    assert [one.seq for one in standing.read(lambda c: taken_shifts(c, 9))] == [signed, begun]
    assert signed_shift(standing.log, offer) is None
