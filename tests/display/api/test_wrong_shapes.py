"""A value of the wrong shape is told by its field, whatever door it comes to; the long walk is tests/soak."""

import json
from typing import Any

import pytest
from socketio import Server

from display.feed.limits import BadPacket, FeedPacket, close_on_bad_packet
from display.feed.presence import BadReport, read_report
from tests.rooms.call import Answer, Call
from tests.rooms.furnished import SoakRoom, room

__all__ = ["room"]
LONE = "\ud800"
WRONG = [True, 7, 10**40, float("nan"), [], {}, [{}], LONE, "a\x00b", "x" * 5000]
# Of these, what is wrong for every other field is right here; a number may still be out of its range.
NUMBER, LIST, FLAG, OBJECT = (int, float), (list,), (bool,), (dict,)
KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("lat", "lon", "seen_seq", "silent_s"), NUMBER),
    **dict.fromkeys(("agencies", "media", "items"), LIST),
    "drill": FLAG,
    **dict.fromkeys(("settings", "person"), OBJECT),
}
ENVELOPE = {"command_id": "c", "actor": "rina", "role": "supervisor", "actor_agency": None}
REPORT = {
    "category": "sampah",
    "description": "Sampah menumpuk",
    "address": "Pasar",
    "area": None,
    "lat": -6.17,
    "lon": 106.63,
    "priority": None,
    "person": {"name": "Budi"},
    "drill": True,
}
# Where somebody may have been faster.
SEEN = ("complaints/COMPLAINT", "alarms")
# Door, and what its orders hold beside the envelope. COMPLAINT, ALARM, SCREEN and DELIVERY are ids of the room.
ORDERS: dict[str, dict[str, Any]] = {
    "complaints/COMPLAINT/triage": {
        "category": "sampah",
        "class": None,
        "agency": None,
        "priority": None,
        "lat": 1,
        "lon": 1,
    },
    "complaints/COMPLAINT/forward": {"agency": "dpupr", "agencies": ["dlh"]},
    "complaints/COMPLAINT/hold": {"reason": "ya", "until": "2100-01-01T00:00:00Z"},
    "complaints/COMPLAINT/comment": {"text": "ya", "answer_by": None},
    "complaints/COMPLAINT/merge": {"into": "x"},
    "complaints/hold": {"reason": "ya", "until": "2100-01-01T00:00:00Z", "items": []},
    "alarms/ALARM/shelve": {"reason": "ya", "until": "2100-01-01T00:00:00Z"},
    "alarms/ALARM/suppress": {"rule": "maintenance", "reason": "ya", "until": "2100-01-01T00:00:00Z"},
    "room/hold_scene": {"scene": "map"},
    "room/begin_visit": {"welcome": "Selamat datang"},
    "room/handover": {"note": "ya", "to": "si-admin"},
    "screens/SCREEN/change": {"name": "x", "place": "y", "settings": {"lang": "id"}},
    "screens/pair": {"code": "ABCDEF", "name": "x", "place": "y", "settings": {}},
    "people/tamu-1/change": {"name": "Tamu", "as_role": "duty", "agency": None},
    "people/add": {"login": "baru", "name": "Tamu", "as_role": "duty", "agency": None},
    "outbox/DELIVERY/know": {"until": "2100-01-01T00:00:00Z", "reason": "ya"},
    "desk/complaints": {"channel": "phone", **REPORT},
}


def path_of(room: SoakRoom, door: str) -> str:
    ids = {"COMPLAINT": "complaint", "ALARM": "alarm", "SCREEN": "screen", "DELIVERY": "outbox"}
    for word, kind in ids.items():
        door = door.replace(word, room.known.ids[kind][0])
    return f"/api/v1/{door}"


def post(room: SoakRoom, path: str, body: Any, visitor: str = "loopback", **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return room.ask(Call(visitor=visitor, method="POST", target=path, headers=given, body=raw))


def faults(room: SoakRoom, path: str, right: dict[str, Any], visitor: str = "loopback") -> list[str]:
    """What is not 422 with its field, of each field with each wrong value."""
    found = []
    for name in right:
        for value in WRONG:
            if type(value) in KINDS.get(name, ()):
                continue
            answer = post(room, path, {**right, name: value}, visitor)
            told = json.loads(answer.body)
            if "results" in told:  # one of many is told as it would be alone
                told = told["results"][0]["error"]
            if (told["status"], answer.status) not in ((422, 422), (422, 200)) or not told.get("field", "").startswith(
                name
            ):
                found.append(f"{path} {name}={str(value)[:30]!r}: {answer.status} {answer.body[:150]!r}")
    return found


@pytest.mark.parametrize("door", ORDERS)
def test_a_wrong_shape_in_an_order_is_told_by_its_field(room: SoakRoom, door: str) -> None:
    role = "admin" if door.startswith("people") else "supervisor"
    seen = {"seen_seq": room.seq} if door.startswith(SEEN) else {}
    right = {**ENVELOPE, "role": role, **seen, **ORDERS[door]}
    if "items" in right:
        right["items"] = [{"id": room.known.ids["complaint"][0], "seen_seq": room.seq}]
    assert faults(room, path_of(room, door), right) == []


def test_a_wrong_shape_in_a_report_is_told_by_its_field(room: SoakRoom) -> None:
    right = {"source_id": "S-1", "reported_at": None, "updated_at": None, "media": [], "channel": None, **REPORT}
    assert faults(room, "/api/v1/complaints", right, "source") == []
    assert faults(room, "/feed/stalled", {"silent_s": 5}, "screen") == []


@pytest.mark.parametrize("body", [b"null", b"7", b'"x"', b"[]", b"[[]]", b"NaN", b"1e400", b"true", b'"\\ud800"'])
@pytest.mark.parametrize("door", ORDERS)
def test_a_body_that_is_no_object_is_422(room: SoakRoom, door: str, body: bytes) -> None:
    assert post(room, path_of(room, door), body).status in (403, 422)


def test_a_key_of_half_a_character_is_told_so_that_it_can_be_read(room: SoakRoom) -> None:
    order = {**ENVELOPE, "settings": {LONE: "x"}}
    answer = post(room, path_of(room, "screens/SCREEN/change"), order)
    assert (answer.status, json.loads(answer.body)["field"]) == (422, "settings.\\ud800")


@pytest.mark.parametrize("said", ["complaint é", "complaint AAAA=", "complaint gICA", "complaint AGEA", "é", ",,= ="])
def test_metadata_of_a_file_that_cannot_be_read_names_no_complaint(room: SoakRoom, said: str) -> None:
    tus = {"Tus_Resumable": "1.0.0", "Upload_Length": "5", "Upload_Metadata": said}
    assert post(room, "/api/v1/uploads", b"", **tus).status == 404


@pytest.mark.parametrize("name", ["scene", "look", "build", "sound", "kind", "freshness", "page"])
def test_a_page_says_nothing_of_itself_that_a_desk_could_not_be_told(name: str) -> None:
    with pytest.raises(BadReport):
        read_report({"page": "abcdefgh-1", "kind": "wall", "seq": 1, name: LONE})


NO_PACKETS = [
    "x", "2/feed,[]", "2/feed,{}", "2/feed,[1]", '2/feed,[["resume"]]', "2/feed,", "2/feed,[",
    "2/feed," + "[" * 5000, "4/feed,{}", "9",
    '51-/feed,["resume",{"_placeholder":true,"num":0}]', '2/feed,["connect",{}]', '2/feed,["disconnect"]',
    b"\x00\xff",
]  # fmt: skip


@pytest.mark.parametrize("said", NO_PACKETS)
def test_what_is_no_packet_of_the_feed_is_known_at_once(said: str | bytes) -> None:
    with pytest.raises(BadPacket):
        FeedPacket(encoded_packet=said)


def test_an_event_has_one_argument_however_many_come() -> None:
    assert FeedPacket(encoded_packet='2/feed,1["resume",{"seq":1},2,3]').data == ["resume", {"seq": 1}]


def test_who_was_ended_is_heard_out_without_a_fault() -> None:
    server = Server(serializer=FeedPacket, async_mode="threading")
    server.on("connect", lambda _sid, _environ, _auth: True, namespace="/feed")
    close_on_bad_packet(server)
    server.eio.handlers["message"]("one that is gone", "0/feed,{}")
