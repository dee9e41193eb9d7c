"""docs/commands.md and docs/events.md say what the rules do: every event, payload key, code and cell."""

import re
from dataclasses import replace
from pathlib import Path

from liveroom.domain.complaints.model import State
from liveroom.domain.events import Kind
from liveroom.domain.requests import Code, CommandName, Refused
from liveroom.domain.timestamps import to_text
from tests.domain import command_page
from tests.domain.little_room import LittleRoom
from tests.domain.stages import FIELDS, room_with
from tests.rooms.city import POLICY, WARNS, wib

EVENTS = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
ROW = re.compile(r"^\| `(?P<kind>[a-z]+\.[a-z_]+)` \|(?P<payload>.*)\|[^|]*\|$", re.MULTILINE)
DOCUMENTED = {row["kind"]: set(re.findall(r"`(\w+)`", row["payload"])) for row in ROW.finditer(EVENTS)}
OF_COMPLAINTS = {kind for kind in Kind if kind.value.split(".")[0] in ("complaint", "deadline")}


def lived() -> dict[str, set[str]]:
    """The payload keys of each event type, as the rules write them in every state by every command, and by time."""
    found: dict[str, set[str]] = {}
    for room in [*(tried(name, state) for name in CommandName for state in State), *histories()]:
        for logged in room.log:
            found.setdefault(logged.event.kind.value, set()).update(logged.event.fields)
    return found


def tried(name: CommandName, state: State) -> LittleRoom:
    room = room_with(state)
    for by in ("supervisor", "agency", "system"):
        try:
            room.execute(name.value, by=by, actor="somebody", **FIELDS.get(name.value, {}))
        except Refused:
            continue
    return room


def histories() -> list[LittleRoom]:
    """What takes more than one command: resends, history, pauses that end, trees, places, another policy."""
    said, old, paused, tree = LittleRoom(), LittleRoom(), LittleRoom().until_working(), LittleRoom()
    late, near, moved = LittleRoom(WARNS), LittleRoom(WARNS), LittleRoom()
    late.receive()
    late.at("12-20 10:00").settle()
    near.receive(received_at=wib("24 08:35"))
    near.receive("c2", received_at=wib("20 08:35"))
    said.receive(channel="aplikasi")
    place = {"area": "3671010001", "in_city": False}
    resent = {"channel": "telepon", "category": "banjir", "lat": -6.1, "lon": 106.6, "reported_at": wib("24 08:00")}
    said.resend(**resent, place=place)
    said.execute("triage", category="jalan_rusak", area="3671010002", lat=-6.2, lon=106.7, agency="dlh")
    old.receive(received_at=wib("02 10:00"))
    old.resend(closed_at=wib("20 10:00"))
    paused.execute("ask", by="duty", text="?")
    paused.execute("answer", by="duty", text="!")
    paused.execute("hold", reason="r", until=to_text(wib("26 10:00")))
    paused.execute("resume")
    for id_ in ("c1", "c2", "c3"):
        tree.receive(id_)
    tree.execute("merge", "c1", into="c2")
    tree.execute("merge", "c2", into="c3")
    tree.execute("close", "c3", reason="r")
    moved.receive()
    moved.replan(replace(POLICY, default_class="darurat", categories={}))
    return [
        said,
        old,
        paused,
        tree,
        late,
        near,
        moved,
        claimed(),
        gone(),
        declined("24 09:25"),
        declined("24 10:00"),
        asked(),
    ]


def gone() -> LittleRoom:
    """Erased, its place and its category in words of its own with it."""
    room = LittleRoom()
    room.receive(category="Keluhan Pak Sentosa", lat=-6.1, lon=106.6)
    room.erase()
    return room


def asked() -> LittleRoom:
    """A question of leadership's, and its answer."""
    room = LittleRoom().until_working()
    room.execute("comment", by="leadership", text="?", answer_by=to_text(wib("26 10:00")))
    room.execute("comment", by="agency", text="!")
    return room


def claimed() -> LittleRoom:
    """Looked into, and given up."""
    room = LittleRoom()
    room.receive()
    room.execute("claim")
    room.execute("release")
    return room


def declined(moment: str) -> LittleRoom:
    """Half an hour to forward, sent at once, and given back then."""
    room = LittleRoom(WARNS)
    room.receive()
    room.execute("forward", by="duty", agency="pupr")
    room.at(moment).execute("decline", by="agency", reason="r")
    return room


def test_every_event_type_is_described() -> None:
    assert set(DOCUMENTED) == {kind.value for kind in Kind}


def test_every_payload_key_is_described_and_exists() -> None:
    written_keys = lived()
    assert set(written_keys) == {kind.value for kind in OF_COMPLAINTS}
    assert written_keys == {kind: DOCUMENTED[kind] for kind in written_keys}


def test_every_refusal_code_is_described() -> None:
    described = set(re.findall(r"^\| `(\w+)` \| [^|]*\|$", command_page.PAGE.read_text(), re.MULTILINE))
    assert described >= {code.value for code in Code}


def test_the_page_of_commands_is_as_the_rules_are() -> None:
    assert command_page.PAGE.read_text() == command_page.written(), "python -m tests.domain.command_page"
