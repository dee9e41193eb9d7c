"""Requests that schemathesis draws from the document, sent to a furnished room, and what is wrong with the answers."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from display.description.complaint_shapes import OPEN_SHAPES
from tests.rooms.furnished import SoakRoom

# A 500 is in no operation's answers: the first of them finds it.
CHECKS = (
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
# What the parts of an address are ids of.
_KINDS = (
    ("/api/v1/complaints/", "complaint"),
    ("/api/v1/lead/", "complaint"),
    ("/api/v1/alarms/", "alarm"),
    ("/api/v1/outbox/", "outbox"),
    ("/api/v1/screens/", "screen"),
    ("/api/v1/people/", "person"),
    ("/agency/c/", "linked"),
    ("/api/v1/uploads/", "upload"),
    ("/open311/v2/requests/", "complaint"),
    ("/lapor/files/", "upload"),
)


@schemathesis.serializer("application/offset+octet-stream")
def raw_bytes(_context: Any, value: Any) -> bytes:
    """A piece of a file as it is."""
    return bytes(value) if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def closed(document: dict[str, Any]) -> dict[str, Any]:
    """The document as this version means it: no answer has a field that is not in it."""
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema and name not in OPEN_SHAPES:
            schema["additionalProperties"] = False
    # A thousand reports take schemathesis ten seconds to draw.
    body = document["paths"]["/api/v1/complaints"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    body["anyOf"][1]["maxItems"] = 3
    return document


@dataclass
class Conformance:
    """The walk through a room; ``counts`` by operation and status, ``faults`` by what was wrong: the first that shows
    it."""

    room: SoakRoom
    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        app = self.room.here
        document = closed(app_json(self.room))
        self.schema = schemathesis.openapi.from_dict(document)
        self.schema.app = app

    def operations(self) -> Iterator[Any]:
        """Every operation of the document."""
        for one in self.schema.get_all_operations():
            yield one.ok()

    def ask(self, operation: Any, examples: int, number: int) -> None:
        """Send so many requests of an operation; ``number``: what is drawn."""
        chance = Random(number)

        @seed(number)
        @settings(
            max_examples=examples,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def one(case: Any) -> None:
            self._send(case, operation.label, chance)

        one()

    def _send(self, case: Any, label: str, chance: Random) -> None:
        self._known(case, chance)
        response = case.call(headers={"Accept-Encoding": "identity", **self._credential(case)}, app=self.room.here)
        self.counts[label, response.status_code] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            for failure in group.exceptions:
                self.faults.setdefault(
                    f"{label}: {failure.title} ({response.status_code})",
                    f"{failure.message[:1200]}\n  {case.formatted_path} {str(case.body)[:300]}\n  {response.content[:300]!r}",
                )

    def _known(self, case: Any, chance: Random) -> None:
        """Mostly what the room has, where the address names something."""
        known = self.room.known
        kind = next((kind for begins, kind in _KINDS if case.path.startswith(begins)), None)
        for name in case.path_parameters:
            if name in ("id", "upload") and kind is not None and chance.random() < 0.9:
                case.path_parameters[name] = chance.choice(known.ids[kind])
            if name == "token" and chance.random() < 0.9:
                case.path_parameters[name] = chance.choice(known.tokens["citizen link"])
        if isinstance(case.body, dict) and "seen_seq" in case.body:
            case.body["seen_seq"] = self.room.seq

    def _credential(self, case: Any) -> Mapping[str, str]:
        if case.path.startswith(("/open311/", "/api/v1/complaints")) and "x-may" in case.operation.definition.raw:
            if case.operation.definition.raw["x-may"] == ["source"] or case.path.startswith("/open311/"):
                return self.room.known.visitors["source"]
        if case.path.startswith("/agency/c/"):
            return self.room.known.visitors["agency's link 0"]
        return {}

    def text(self) -> str:
        """The table, and the faults."""
        found: dict[str, list[str]] = {}
        for (label, status), n in sorted(self.counts.items()):
            found.setdefault(label, []).append(f"{status}: {n}")
        lines = [f"{label:<60} {'  '.join(told)}" for label, told in found.items()]
        return "\n".join([*lines, *(f"FAULT {what}\n  {how}" for what, how in self.faults.items())])


def app_json(room: SoakRoom) -> dict[str, Any]:
    """The document as the room serves it."""
    from werkzeug.test import Client

    found: dict[str, Any] = Client(room.here).get("/api/openapi.json", base_url="http://127.0.0.1:8000").get_json()
    return found
