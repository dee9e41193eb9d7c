"""Requests that schemathesis draws from the document, sent to a furnished room, and what is wrong with the answers."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import FailureGroup
from werkzeug.test import Client

from tests.display.description.described import closed
from tests.rooms.furnished import SoakRoom
from tests.rooms.staffed import NAME

# A 500 is in no operation's answers: the second of them finds it.
CHECKS = (
    content_type_conformance,
    status_code_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
# What the parts of an address are ids of, by how it begins.
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
_HERE = "loopback"
Environ = dict[str, Any]


@schemathesis.serializer("application/offset+octet-stream")
def raw_bytes(_context: Any, value: Any) -> bytes:
    """A piece of a file as it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def _few_reports(document: dict[str, Any]) -> dict[str, Any]:
    """A thousand reports take ten seconds to draw."""
    body = document["paths"]["/api/v1/complaints"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    body["anyOf"][1]["maxItems"] = 3
    return document


@dataclass
class Conformance:
    """The walk through a room; ``counts`` by operation and status, ``faults`` by what was wrong, each as first seen."""

    room: SoakRoom
    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        document = Client(self._door(_HERE)).get("/api/openapi.json").get_json()
        self.schema = schemathesis.openapi.from_dict(_few_reports(closed(document)))

    def operations(self) -> Iterator[Any]:
        """Every operation of the document."""
        for one in self.schema.get_all_operations():
            yield one.ok()

    def ask(self, operation: Any, examples: int, number: int, *, wrong: bool = False) -> None:
        """Send so many requests of an operation; ``number``: what is drawn; ``wrong``: against its own schema."""
        chance = Random(number)
        mode = GenerationMode.NEGATIVE if wrong else GenerationMode.POSITIVE

        @seed(number)
        @settings(
            max_examples=examples,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def one(case: Any) -> None:
            self._send(case, operation.label, chance)

        # What asks for nothing cannot be asked wrongly.
        with suppress(*((Unsatisfiable,) if wrong else ())):
            one()

    def _send(self, case: Any, label: str, chance: Random) -> None:
        self._with_known(case, chance)
        visitor = self._visitor(case, chance)
        headers = {"Accept-Encoding": "identity", **self.room.known.visitors.get(visitor, {})}
        response = case.call(headers=headers, app=self._door(visitor))
        self.counts[label, response.status_code] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            told = f"by {visitor}: {case.formatted_path} {str(case.body)[:300]}\n  {response.content[:300]!r}"
            for failure in group.exceptions:
                what = f"{label}: {failure.title} ({response.status_code})"  # type: ignore[attr-defined]
                self.faults.setdefault(what, f"{str(failure)[:900]}\n  {told}")

    def _with_known(self, case: Any, chance: Random) -> None:
        """Mostly what the room has, where the address names something."""
        known = self.room.known
        kind = next((kind for begins, kind in _KINDS if case.path.startswith(begins)), None)
        for name in case.path_parameters:
            if name in ("id", "upload") and kind is not None and chance.random() < 0.9:
                case.path_parameters[name] = chance.choice(known.ids[kind])
            if name == "token" and chance.random() < 0.9:
                case.path_parameters[name] = chance.choice(known.tokens["citizen link"])
        if isinstance(case.body, dict) and "seen_seq" in case.body and chance.random() < 0.9:
            case.body["seen_seq"] = self.room.seq

    def _visitor(self, case: Any, chance: Random) -> str:
        """Mostly whoever may."""
        if chance.random() < 0.1:
            return chance.choice(["nobody", "source", "screen", "token of agency", "token of duty"])
        may = case.operation.definition.raw["x-may"]
        if may == ["source"] or case.path.startswith("/open311/"):
            return "source"
        return "agency's link 0" if case.path.startswith("/agency/c/") else _HERE

    def _door(self, visitor: str) -> Callable[..., Iterable[bytes]]:
        """The room as this visitor reaches it: from its own machine, or through the proxy."""
        here = visitor == _HERE
        wsgi = (self.room.here if here else self.room.afar).wsgi
        said: Mapping[str, str] = (
            {"HTTP_HOST": "127.0.0.1:8000", "REMOTE_ADDR": "127.0.0.1"}
            if here
            else {"HTTP_HOST": NAME, "HTTP_X_FORWARDED_PROTO": "https", "REMOTE_ADDR": "127.0.0.1"}
        )

        def reached(environ: Environ, respond: Callable[..., Any]) -> Iterable[bytes]:
            return wsgi({**environ, **said}, respond)

        return reached

    def text(self) -> str:
        """The table, and the faults."""
        found: dict[str, list[str]] = {}
        for (label, status), n in sorted(self.counts.items()):
            found.setdefault(label, []).append(f"{status}: {n}")
        lines = [f"{label:<60} {'  '.join(told)}" for label, told in found.items()]
        return "\n".join([*lines, *(f"FAULT {what}\n  {how}" for what, how in self.faults.items())])
