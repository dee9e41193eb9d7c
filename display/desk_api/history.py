"""A complaint's history as a desk reads it: every event with its codes, and its words in place of their ids."""

from collections.abc import Iterable, Mapping
from typing import Any

from display.faces import Faces
from liveroom.domain.events import Kind, Logged
from liveroom.domain.timestamps import to_text
from liveroom.log.texts import Papers
from liveroom.room.transaction import CLOCK

# Fields of a payload that hold the id of one text; "texts" holds several, by kind.
WORDS = ("text", "reason", "note")
BY_TIME = frozenset(kind for kind in Kind if kind.startswith("deadline."))
INTERNAL = frozenset({"hash", "person", "texts", "deadlines", *WORDS})


def history_of(history: Iterable[Logged], papers: Papers, faces: Faces) -> list[dict[str, Any]]:
    """``{seq, at, logged_at, kind, actor, text?, texts?, due?, …codes of the payload}``, oldest first.

    ``actor`` as ``faces`` shows it; ``text`` is null where it was erased; ``due`` maps the stages that the event
    planned to their new ends.
    """
    return [_told(logged, papers, faces) for logged in history]


def _told(logged: Logged, papers: Papers, faces: Faces) -> dict[str, Any]:
    event, payload = logged.event, logged.event.payload
    told = {name: value for name, value in payload.items() if name not in INTERNAL}
    ids = [payload[name] for name in WORDS if payload.get(name)]
    if ids:
        told["text"] = papers.texts.get(ids[0], ("", None))[1]
    if payload.get("texts"):
        told["texts"] = {kind: papers.texts.get(id_, ("", None))[1] for kind, id_ in payload["texts"].items()}
    if payload.get("deadlines"):
        told["due"] = _ends(payload["deadlines"])
    # A deadline passes by itself, whoever wrote something down in the moment in which the room noticed.
    actor = CLOCK if event.kind in BY_TIME else logged.actor
    envelope = {"seq": logged.seq, "at": to_text(event.at), "logged_at": to_text(logged.logged_at)}
    return {**told, **envelope, "kind": str(event.kind), "actor": faces.key(actor)}


def _ends(deadlines: Mapping[str, Any]) -> dict[str, str | None]:
    return {stage: deadline["due"] if deadline else None for stage, deadline in deadlines.items()}
