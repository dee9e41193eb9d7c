"""How the intake answers for reports: one object for one, and for an array one result an item, in order."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response

from ingest.door import Answer
from liveroom.domain.requests import Malformed

RETRY_AFTER = 5


def one(answer: Answer) -> Response:
    """201 for a new complaint, 200 for a known source_id."""
    return _json(_taken(answer), 201 if answer.created else 200)


def many(count: int, outcomes: Mapping[int, Answer | Malformed]) -> Response:
    """200 with a result for each of ``count`` items; what has no outcome was not taken and may be sent again."""
    return _json({"results": [{"index": n, **_result(outcomes.get(n))} for n in range(count)]}, 200)


def _result(outcome: Answer | Malformed | None) -> dict[str, Any]:
    """What one item of an array is told."""
    if outcome is None:
        return {"error": {"field": "", "code": "unavailable", "message": "the room cannot be reached, send it again"}}
    if isinstance(outcome, Malformed):
        return {"error": {"field": outcome.field, "code": "malformed", "message": outcome.message}}
    return _taken(outcome)


def _taken(answer: Answer) -> dict[str, Any]:
    """The part every taken report is told; an array's client needs no status to go on but may use it."""
    return {"id": answer.id, "seq": answer.seq, "status": answer.status}


def _json(body: Any, status: int) -> Response:
    """A JSON response."""
    return Response(msgspec.json.encode(body), status, content_type="application/json")
