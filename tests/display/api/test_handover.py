"""A shift is handed over: offered with what is open and a note, taken by somebody else, both by name."""

from typing import Any

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
