"""What an officer types during a call: kept once, under the day's next number, in the officer's name."""

from typing import Any

from tests.display.api.conftest import Desk
from tests.rooms.standing import StandingRoom
from tests.rooms.together import together

CALL = {"channel": "112", "description": "Kabel putus di trotoar", "actor": "sari", "role": "duty", "command_id": "c1"}


def test_a_call_becomes_a_complaint_of_the_desk(desk: Desk, standing: StandingRoom) -> None:
    person = {"name": "Budi Contoh", "phone": "0812 3456 7890"}
    said = {"category": "kabel_semrawut", "area": "36.71.13.1007", "person": person, "priority": "urgent"}
    status, body = desk.post("desk/complaints", **CALL, **said)
    assert (status, body["status"]) == (201, "waiting")
    _, whole = desk.get(f"complaints/{body['id']}")
    card = whole["card"]
    told = {name: card[name] for name in ("source", "source_id", "channel", "area", "priority", "category")}
    assert told == {
        "source": "desk",
        "source_id": "M-20261124-00001",
        "channel": "112",
        "area": "36.71.13.1007",
        "priority": "urgent",
        "category": "kabel_semrawut",
    }
    assert whole["history"][0]["actor"] == "sari"
    assert whole["person"] == {**person, "email": None}
    assert desk.ids(q="M-20261124-00001") == [body["id"]]
    assert (
        standing.log.read(lambda c: c.exec_driver_sql("SELECT every_s FROM source WHERE id = 'desk'").scalar()) is None
    )


def test_the_same_call_sent_again_is_one_complaint_and_another_body_is_refused(desk: Desk) -> None:
    answers = [desk.post("desk/complaints", **CALL) for _ in range(3)]
    assert len({body["id"] for _, body in answers}) == 1
    status, body = desk.post("desk/complaints", **{**CALL, "description": "lain"})
    assert (status, body["field"]) == (422, "command_id")
    assert len(desk.ids()) == 1


def test_calls_at_once_get_numbers_of_their_own(desk: Desk, standing: StandingRoom) -> None:
    together(6, lambda n: desk.post("desk/complaints", **{**CALL, "command_id": f"at-once-{n}"}))
    numbers = sorted(standing.complaint(id_).source_id for id_ in desk.ids())
    assert numbers == [f"M-20261124-{n:05}" for n in range(1, 7)]


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("channel", {"channel": None}), ("channel", {"channel": "fax"}), ("description", {"description": None}),
    ("description", {"description": " "}), ("description", {"description": "x" * 4001}),
    ("category", {"category": "nothing"}), ("area", {"area": "nowhere"}), ("lon", {"lat": -6.1}),
    ("priority", {"priority": "high"}), ("address", {"address": 5}), ("person", {"person": "Budi"}),
    ("person.phone", {"person": {"phone": "1" * 65}}), ("command_id", {"command_id": ""}), ("actor", {"actor": None}),
    ("role", {"role": "captain"}),
]  # fmt: skip


def test_what_is_wrong_is_named(desk: Desk) -> None:
    for field, said in WRONG:
        status, body = desk.post("desk/complaints", **{**CALL, **said})
        assert (status, body.get("field")) == (422, field), said
    assert desk.ids() == []


def test_agencies_take_nothing_down(desk: Desk) -> None:
    status, body = desk.post("desk/complaints", **{**CALL, "role": "agency", "actor_agency": "dlh"})
    assert (status, body["code"]) == (403, "role")
    assert desk.ids() == []
