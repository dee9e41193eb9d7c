"""The example messages that the browser's tests live on are what is really sent, field by field and type by type."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.display.feed.process import WebProcess
from tests.display.feed.store import Store
from tests.rooms.journey import Journey
from tests.rooms.standing import StandingRoom

EXAMPLES = Path(__file__).parent / "messages"
Shape = dict[str, set[str]]
KIND = {dict: "object", list: "list", str: "text", bool: "truth", int: "number", float: "number", type(None): "null"}
# Shown by an example and never sent; a client leaves alone what it does not know.
IDLE = {"mark of resume_snapshot"}


def example(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))


def note(message: Any, path: str, into: Shape) -> None:
    """Add the JSON type seen at each path; items of a list share one path, as do the sources in `heard`."""
    into.setdefault(path, set()).add(KIND[type(message)])
    if isinstance(message, dict):
        for name, value in message.items():
            note(value, f"{'each' if path.startswith('heard') else name} of {path}", into)
    if isinstance(message, list):
        for value in message:
            note(value, f"item of {path}", into)


def take_apart(message: dict[str, Any], name: str, into: Shape) -> None:
    """Note a message with its cards and batches as what they are, wherever they stand."""
    kind = "snapshot" if name.startswith("snapshot") else name
    if kind == "snapshot":
        message = message | {"cards": list(Store().load(message).cards.values())}
    for card in message.get("cards", ()):
        note(card, "card", into)
    for alarm in message.get("alarms", ()):
        note(alarm, "alarm", into)
    for batch in message.get("batches", ()):
        take_apart(batch, "batch", into)
    note({key: value for key, value in message.items() if key not in ("cards", "alarms", "batches")}, kind, into)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Shape:
    """The shape of everything that a wall is sent along the whole journey."""
    standing = StandingRoom(f"sqlite:///{tmp_path_factory.mktemp('room') / 'room.db'}")
    process, seen = WebProcess(standing), Shape()
    process.step()
    for _, act in Journey(standing).steps():
        act()
        process.step()
        take_apart(json.loads(b"".join(process.new_snapshots().of("wall").plain())), "snapshot", seen)
    standing.receive(lat=None, lon=None)
    standing.sources.heard("lapor")
    process.step()
    take_apart(process.answer("wall", {}), "resume_snapshot", seen)
    take_apart(process.answer("wall", process.fresh("wall").asked()), "resume_batches", seen)
    for name, sent in (("batch", process.sent), ("beat", process.beats)):
        for message in sent["wall"]:
            take_apart(message, name, seen)
    standing.close()
    return seen


@pytest.mark.parametrize("name", ["batch", "beat", "snapshot", "snapshot_later", "resume_batches", "resume_snapshot"])
def test_an_example_claims_no_field_and_no_type_that_is_never_sent(real: Shape, name: str) -> None:
    claimed = Shape()
    take_apart(example(name), name, claimed)
    invented = {path: kinds - real.get(path, set()) for path, kinds in claimed.items() if path not in IDLE}
    assert {path: kinds for path, kinds in invented.items() if kinds} == {}


def test_the_examples_lead_from_one_snapshot_to_the_other_by_the_rules() -> None:
    for batches in ([example("batch")], example("resume_batches")["batches"]):
        store = Store().load(example("snapshot"))
        assert all(store.take(batch) for batch in batches)
        assert vars(store) == vars(Store().load(example("snapshot_later")))
    assert store.agrees(example("beat"))
