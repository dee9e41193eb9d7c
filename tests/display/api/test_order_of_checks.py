"""In which order a door says no: 401, 415, 413, 400, 404, 403, 422; and that it says so in one shape."""

import json
from dataclasses import dataclass

import pytest

from display.api.responses import FOR_PROGRAMS
from tests.rooms.call import Answer, Call
from tests.rooms.furnished import SoakRoom, room

__all__ = ["room"]
JSON = {"Content-Type": "application/json"}
LONG = b"[" + b" " * 1024 * 1024 + b"]"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """``path`` with an id that exists, ``unknown`` with one that does not, ``role`` that may never give this order."""

    path: str
    visitor: str = "loopback"
    unknown: str = ""
    role: str = ""


DOORS = {
    "complaint": Door(path="complaints/{complaint}/hold", unknown="complaints/x/hold", role="duty"),
    "complaints": Door(path="complaints/hold"),
    "alarm": Door(path="alarms/{alarm}/suppress", unknown="alarms/x/suppress", role="duty"),
    "alarms": Door(path="alarms/suppress"),
    "room": Door(path="room/show", role="duty"),
    "screen": Door(path="screens/{screen}/change", unknown="screens/x/change", role="duty"),
    "pairing": Door(path="screens/pair", role="duty"),
    "person": Door(path="people/tamu-1/change", unknown="people/x/change", role="duty"),
    "new person": Door(path="people/add", role="duty"),
    "delivery": Door(path="outbox/{outbox}/know", unknown="outbox/x/know", role="duty"),
    "outbox": Door(path="outbox/release", role="duty"),
    "desk": Door(path="desk/complaints", role="agency"),
    "report": Door(path="complaints", visitor="source"),
    "stalled": Door(path="/feed/stalled", visitor="screen"),
}


def ask(
    room: SoakRoom, method: str, path: str, visitor: str = "nobody", *, body: bytes = b"", **headers: str
) -> Answer:
    return room.ask(Call(visitor=visitor, method=method, target=path, headers=headers, body=body))


def address(room: SoakRoom, path: str) -> str:
    ids = {kind: found[0] for kind, found in room.known.ids.items()}
    return path if path.startswith("/") else "/api/v1/" + path.format(**ids)


def status(answer: Answer) -> int:
    """The answer's, which says itself what it is."""
    told = json.loads(answer.body)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "code", "message"} <= set(told)
    assert told["status"] == answer.status
    return answer.status


@pytest.mark.parametrize("name", DOORS)
def test_each_door_says_first_what_comes_first(room: SoakRoom, name: str) -> None:
    """Everything is wrong at first; then one thing after the other is put right."""
    door = DOORS[name]
    path, unknown = address(room, door.path), address(room, door.unknown or door.path)

    def post(where: str, body: bytes, visitor: str = door.visitor, **headers: str) -> int:
        return status(ask(room, "POST", where, visitor, body=body, **headers))

    wrong_type = {"Content-Type": "text/plain"}
    assert post(unknown, LONG, "nobody", **wrong_type) == 401
    assert post(unknown, LONG, **wrong_type) == 415
    assert post(unknown, LONG, **JSON) == 413
    assert post(unknown, b"{", **JSON) == 400
    forbidden, may = ({"role": role} for role in (door.role, "admin" if "erson" in name else "supervisor"))
    if door.unknown:
        assert post(unknown, json.dumps(forbidden).encode(), **JSON) == 404
        assert post(unknown, json.dumps(may).encode(), **JSON) == 404
    if door.role:
        assert post(path, json.dumps(forbidden).encode(), **JSON) == 403
    assert post(path, json.dumps(may).encode(), **JSON) == 422


def test_a_link_says_first_what_comes_first(room: SoakRoom) -> None:
    """As above, behind an agency's link, whose cookie and page stand for a credential."""
    path = f"/agency/c/{room.known.ids['linked'][0]}"
    own = "agency's link 0"
    no_page = {"X-CSRF-Token": ""}
    assert status(ask(room, "POST", f"{path}/decline", body=LONG)) == 401
    assert status(ask(room, "POST", f"{path}/decline", own, body=LONG, **no_page)) == 403
    assert status(ask(room, "POST", f"{path}/close", own, body=LONG)) == 404
    assert status(ask(room, "POST", f"{path}/decline", own, body=LONG)) == 415
    assert status(ask(room, "POST", f"{path}/decline", own, body=LONG, **JSON)) == 413
    assert status(ask(room, "POST", f"{path}/decline", own, body=b"{", **JSON)) == 400
    assert status(ask(room, "POST", f"{path}/decline", own, body=b"{}", **JSON)) == 422


def test_an_order_that_comes_again_is_answered_the_same_although_its_screen_is_gone(room: SoakRoom) -> None:
    body = json.dumps({"command_id": "again", "actor": "rina", "role": "supervisor"}).encode()
    path = f"/api/v1/screens/{room.known.ids['screen'][2]}/revoke"
    first, second = (ask(room, "POST", path, "loopback", body=body, **JSON) for _ in range(2))
    assert (first.status, first.body) == (second.status, second.body)
    assert first.status == 200


def test_an_id_that_is_used_is_said_after_the_subject_and_the_role(room: SoakRoom) -> None:
    def post(path: str, role: str) -> tuple[int, str]:
        body = json.dumps({"command_id": "used", "actor": "rina", "role": role}).encode()
        told = json.loads(ask(room, "POST", f"/api/v1/{path}", "loopback", body=body, **JSON).body)
        return told.get("status", 200), told.get("field", "")

    first = room.known.ids["screen"][0]
    assert post("room/freeze", "duty")[1] == ""
    assert post("screens/x/freeze", "duty") == (404, "id")
    assert post(f"screens/{first}/freeze", "duty") == (403, "")
    assert post(f"screens/{first}/freeze", "supervisor") == (422, "command_id")


@pytest.mark.parametrize("path", ["screens/change", "screens/x/pair", "people/disable", "people/x/add", "outbox/know"])
def test_an_address_has_an_id_where_the_command_has_a_subject(room: SoakRoom, path: str) -> None:
    answer = ask(room, "POST", f"/api/v1/{path}", "loopback", body=b"{}", **JSON)
    assert (status(answer), json.loads(answer.body)["code"]) == (404, "unknown_command")


def test_a_file_s_sender_of_another_version_is_told_which_is_spoken(room: SoakRoom) -> None:
    answer = ask(room, "POST", "/api/v1/uploads", "loopback", Tus_Resumable="0.2.2")
    assert (status(answer), answer.headers["Tus-Version"]) == (412, "1.0.0")


PLACES = {
    ("GET", "/api/v1/nowhere"): 404,
    ("GET", "/nowhere"): 404,
    ("GET", "/lapor/nowhere"): 404,
    ("GET", "/feed/nowhere"): 404,
    ("PUT", "/api/v1/complaints"): 405,
    ("PUT", "/pair"): 405,
    ("GET", "/lapor/files"): 405,
    ("GET", "/agency/c/x/uploads"): 405,
    ("DELETE", "/lapor"): 405,
    ("PROPFIND", "/healthz"): 405,
}


@pytest.mark.parametrize(("method", "path"), PLACES)
def test_what_is_not_there_is_told_to_a_program_in_the_one_shape(room: SoakRoom, method: str, path: str) -> None:
    answer = ask(room, method, path)
    assert status(answer) == PLACES[method, path]
    assert ("Allow" in answer.headers) == (answer.status == 405)
    seen = ask(room, method, path, **BROWSER)
    page = not path.startswith(FOR_PROGRAMS)
    assert (seen.status, seen.headers["Content-Type"].startswith("text/html")) == (answer.status, page)


@pytest.mark.parametrize("header", ["Host", "Origin"])
def test_a_foreign_host_is_told_so_in_the_one_shape(room: SoakRoom, header: str) -> None:
    answer = ask(room, "GET", "/healthz", **{header: "https://evil.example" if header == "Origin" else "evil.example"})
    assert status(answer) == 421
    assert json.loads(answer.body)["field"] == header
