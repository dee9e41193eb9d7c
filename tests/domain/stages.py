"""A complaint in each state, brought there by commands alone."""

from collections.abc import Callable
from typing import Any

from liveroom.domain.complaints.model import State
from liveroom.domain.timestamps import to_text
from tests.domain.little_room import LittleRoom
from tests.rooms.city import wib


def _proved(room: LittleRoom) -> None:
    room.until_working().do_all("c1", "submit_proof")


def _accepted(room: LittleRoom) -> None:
    room.execute("forward", by="duty", agency="pupr", agencies=["dlh"])
    room.execute("accept", by="agency")


BROUGHT: dict[State, Callable[[LittleRoom], object]] = {
    State.RECEIVED: lambda room: None,
    State.FORWARDED: lambda room: room.execute("forward", by="duty", agency="pupr"),
    State.ACCEPTED: _accepted,
    State.WORKING: lambda room: room.until_working(),
    State.PROOF_SUBMITTED: _proved,
    State.DONE: lambda room: room.until_done(),
    State.NOT_OURS: lambda room: room.until_working().execute(
        "refer_outside", by="duty", outside="bbws", reason="sungai"
    ),
    State.REJECTED: lambda room: room.execute("reject", by="duty", reason="palsu"),
    State.MERGED: lambda room: (room.until_working(), room.execute("merge", by="duty", into="c2")),
}

FIELDS: dict[str, dict[str, Any]] = {
    "triage": {"category": "banjir"},
    "forward": {"agency": "dlh", "agencies": ["bpbd"]},
    "decline": {"reason": "bukan wilayah kami"},
    "ask": {"text": "di mana tepatnya?"},
    "answer": {"text": "di depan sekolah"},
    "hold": {"reason": "menunggu material", "until": to_text(wib("26 12:00"))},
    "coordinate": {"agencies": ["dlh", "bpbd"]},
    "submit_proof": {"note": "selesai ditambal", "media": ["https://foto.example/1.jpg"]},
    "send_back": {"reason": "foto kabur"},
    "release_proof": {"after": "u-2", "before": "u-1"},
    "close": {"reason": "selesai menurut telepon"},
    "reopen": {"reason": "berlubang lagi"},
    "merge": {"into": "c3"},
    "refer_outside": {"outside": "bbws", "reason": "sungai balai"},
    "reject": {"reason": "laporan palsu"},
    "comment": {"text": "sudah ditelepon"},
    "reply": {"text": "sedang dikerjakan"},
    "rate": {"score": "4", "text": "cepat"},
    "extend": {"due_at": to_text(wib("28 12:00").replace(month=12)), "reason": "alat berat"},
}


def room_with(state: State) -> LittleRoom:
    """``c1`` in the state, ``c2`` and ``c3`` waiting, a minute before anything is due."""
    room = LittleRoom()
    for id_ in ("c1", "c2", "c3"):
        room.receive(id_)
    BROUGHT[state](room)
    room.later(minutes=1)
    assert room["c1"].state is state
    return room
