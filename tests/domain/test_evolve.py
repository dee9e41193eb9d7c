"""The fold: from payloads alone, tolerant of what it does not know, strict about what cannot be."""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.events import PAYLOADS, Event, Kind, LoggedEvent, Subject
from liveroom.domain.events.alarm_payloads import AlarmFact
from liveroom.domain.events.complaint_payloads import ComplaintFact, ComplaintUnclaimed
from tests.domain.little_room import START, LittleRoom
from tests.domain.payloads import RECORDED, payload_of
from tests.domain.test_alarm_life import logged as alarm_event

DOMAIN = Path(__file__).parents[2] / "liveroom" / "domain"
PAYLOAD_FILES = ("complaint_payloads", "alarm_payloads", "room_payloads", "account_payloads", "hazard_payloads")
EVENTS = {f"events.{name}" for name in ("__init__", "kinds", "event", *PAYLOAD_FILES)}
OF_COMPLAINTS = {kind for kind in Kind if kind.value.split(".")[0] in ("complaint", "deadline")}
OF_ALARMS = {kind for kind in Kind if kind.value.split(".")[0] == "alarm"}
UNCHANGED = {Kind.RATED, Kind.PROOF_RELEASED, Kind.PROOF_WITHDRAWN} | (set(Kind) - OF_COMPLAINTS - OF_ALARMS)


def logged(kind: str, fields: Mapping[str, Any], seq: int = 9) -> LoggedEvent:
    said = payload_of(kind, {**fields, "more": 1})
    event = Event(kind=kind, subject=Subject.COMPLAINT, id="c1", at=START, payload=said)
    return LoggedEvent(seq=seq, mark="m", logged_at=START, actor="sari", event=event)


def test_every_event_has_a_payload_type() -> None:
    assert set(PAYLOADS) == set(Kind)
    assert {kind: said.KIND for kind, said in PAYLOADS.items()} == {kind: kind for kind in PAYLOADS}
    assert {kind for kind, said in PAYLOADS.items() if issubclass(said, ComplaintFact)} == OF_COMPLAINTS
    assert {kind for kind, said in PAYLOADS.items() if issubclass(said, AlarmFact)} == OF_ALARMS


@pytest.mark.parametrize("kind", ["complaint.teleported", *sorted(UNCHANGED)])
def test_an_unknown_event_moves_the_number_alone(kind: str) -> None:
    room = LittleRoom().until_working()
    assert evolve(room["c1"], logged(kind, RECORDED.get(kind, {}))) == replace(room["c1"], seq=9)


def test_an_event_of_an_alarm_moves_no_complaint() -> None:
    room = LittleRoom().until_working()
    for kind in OF_ALARMS:
        event = alarm_event(kind).event
        found = LoggedEvent(seq=9, mark="m", logged_at=START, actor="sari", event=event)
        assert evolve(room["c1"], found) == replace(room["c1"], seq=9)


def test_nothing_happens_to_a_complaint_that_is_not() -> None:
    with pytest.raises(ValueError, match="unknown complaint"):
        evolve(None, logged("complaint.closed", {"closed_day": "2026-11-24"}))


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (Kind.CLAIMED, {"until": "2026-11-24T03:00:00Z"}),
        (Kind.CLAIMED, ComplaintUnclaimed()),
        (Kind.DAY_OPENED, ComplaintUnclaimed()),
    ],
)
def test_no_event_is_made_with_the_payload_of_another(kind: Kind, payload: Any) -> None:
    with pytest.raises(TypeError, match="is no payload of"):
        Event(kind=kind, subject=Subject.COMPLAINT, id="c1", at=START, payload=payload)


def test_the_fold_reads_no_pack_calendar_or_clock() -> None:
    seen: set[str] = set()
    ahead = {"complaints.evolve"}
    while ahead:
        module = ahead.pop()
        seen.add(module)
        ahead |= neighbours(module) - seen
    assert seen == {"complaints.evolve", "complaints.model", "timestamps", *EVENTS}


def neighbours(module: str) -> set[str]:
    """The modules of the domain that this one imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(DOMAIN.joinpath(*module.split(".")).with_suffix(".py").read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("liveroom.domain"):
            parts = (node.module or "").split(".")[2:]
            if DOMAIN.joinpath(*parts).is_dir():
                inside = {alias.name for alias in node.names if DOMAIN.joinpath(*parts, f"{alias.name}.py").exists()}
                package = {"__init__"} if len(inside) < len(node.names) and parts else set()
                found |= {".".join((*parts, name)) for name in inside | package}
            else:
                found.add(".".join(parts))
    return found
