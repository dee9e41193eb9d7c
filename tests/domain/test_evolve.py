"""The fold: from payloads alone, tolerant of what it does not know, strict about what cannot be."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from liveroom.domain.complaints.evolve import CHANGES, evolve
from liveroom.domain.events import Event, Kind, LoggedEvent, Subject
from tests.domain.little_room import START, LittleRoom

DOMAIN = Path(__file__).parents[2] / "liveroom" / "domain"
OF_COMPLAINTS = {kind for kind in Kind if kind.value.split(".")[0] in ("complaint", "deadline")}
UNCHANGED = {Kind.RATED, Kind.PROOF_RELEASED, Kind.PROOF_WITHDRAWN} | (set(Kind) - OF_COMPLAINTS)


def logged(kind: str, seq: int = 9) -> LoggedEvent:
    event = Event(kind=kind, subject=Subject.COMPLAINT, id="c1", at=START, payload={"more": 1})
    return LoggedEvent(seq=seq, mark="m", logged_at=START, actor="sari", event=event)


def test_every_event_of_a_complaint_is_folded_or_known_to_change_nothing() -> None:
    assert set(CHANGES) | {Kind.RECEIVED} == OF_COMPLAINTS


@pytest.mark.parametrize("kind", ["complaint.teleported", *sorted(UNCHANGED)])
def test_an_unknown_event_moves_the_number_alone(kind: str) -> None:
    room = LittleRoom().until_working()
    assert evolve(room["c1"], logged(kind)) == replace(room["c1"], seq=9)


def test_nothing_happens_to_a_complaint_that_is_not() -> None:
    with pytest.raises(ValueError, match="unknown complaint"):
        evolve(None, logged("complaint.closed"))


def test_the_fold_reads_no_pack_calendar_or_clock() -> None:
    seen: set[str] = set()
    ahead = {"complaints.evolve"}
    while ahead:
        module = ahead.pop()
        seen.add(module)
        ahead |= neighbours(module) - seen
    assert seen == {"complaints.evolve", "complaints.model", "events", "timestamps"}


def neighbours(module: str) -> set[str]:
    """The modules of the domain that this one imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(DOMAIN.joinpath(*module.split(".")).with_suffix(".py").read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("liveroom.domain"):
            parts = (node.module or "").split(".")[2:]
            if DOMAIN.joinpath(*parts).is_dir():
                found |= {".".join((*parts, alias.name)) for alias in node.names}
            else:
                found.add(".".join(parts))
    return found
