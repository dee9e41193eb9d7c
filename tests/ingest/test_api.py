"""POST /api/v1/complaints as a source sees it: codes, order of checks, arrays, and a room that is full or down."""

import io
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ingest.sources.api import Backpressure, IntakeGate, intake_blueprint
from liveroom.log.engine import Unavailable
from liveroom.runtime.http_input import MAX_BYTES
from tests.ingest.stand_in import KEY, Register, StandIn

AUTH = {"Authorization": f"Bearer {KEY}"}
URL = "/api/v1/complaints"


@dataclass
class Door:
    room: StandIn = field(default_factory=StandIn)
    register: Register = field(default_factory=Register)
    gate: IntakeGate = field(default_factory=lambda: IntakeGate(2000))

    @cached_property
    def client(self) -> FlaskClient:
        app = Flask(__name__)
        app.register_blueprint(intake_blueprint(self.room, self.register, self.gate))
        return app.test_client()

    def post(self, value: Any, **more: Any) -> TestResponse:
        raw = value if isinstance(value, bytes) else json.dumps(value)
        return self.client.post(URL, data=raw, **({"headers": AUTH, "content_type": "application/json"} | more))


def good(n: int, **more: Any) -> dict[str, Any]:
    return {"source_id": f"L-{n}", "category": "banjir"} | more


def said(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document, checked for its fixed parts."""
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    body = response.get_json(force=True)
    assert body.keys() - {"field"} == {"type", "title", "status", "code", "message"}
    assert (body["status"], body["code"]) == (status, code)
    return dict(body)


def test_a_new_complaint_is_201_and_a_known_one_200() -> None:
    door = Door()
    first = door.post(good(1))
    assert (first.status_code, first.get_json()) == (201, {"id": "id-0", "seq": 1, "status": "waiting"})
    again = door.post(good(1, description="lebih jelas"))
    assert (again.status_code, again.get_json()) == (200, {"id": "id-0", "seq": 1, "status": "waiting"})


@pytest.mark.parametrize(
    "header", [None, "", KEY, "Bearer", "Bearer  ", "Basic " + KEY, "Bearer " + KEY[:-1], "Bearer é"]
)
def test_without_a_key_nothing_is_looked_at(header: str | None) -> None:
    door = Door()
    headers = {} if header is None else {"Authorization": header}
    answer = door.post(b"[" * 100_000, headers=headers, content_type="text/plain")
    said(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert door.register.calls == []


def test_checks_come_in_their_order() -> None:
    big, deep, wrong = b" " * (MAX_BYTES + 1), b"[" * 40, {"source_id": 1}
    door = Door()
    said(door.post(big, content_type="text/plain"), 415, "unsupported_media_type")
    said(door.post(big), 413, "too_large")
    said(door.post([good(1)] * 1001), 413, "too_large")
    said(door.post(deep), 400, "too_deep")
    assert said(door.post(wrong), 422, "malformed")["field"] == "source_id"
    assert door.room.kept == {}
    assert door.register.calls == ["app"] * 5


def test_a_key_that_has_ended_since_its_last_report_is_401_before_everything_else() -> None:
    door = Door()
    assert door.post(good(1)).status_code == 201
    door.room.ended = door.register.ended = True
    for body, more in (
        (good(2), {}),
        (b"[" * 100_000, {"content_type": "text/plain"}),
        (b"{", {}),
        ({"source_id": 1}, {}),
        ([good(3)], {}),
    ):
        said(door.post(body, **more), 401, "unauthorized")
    assert {id_ for _, id_ in door.room.kept} == {"L-1"}
    assert door.register.calls == ["app"]
    door.room.ended = door.register.ended = False
    assert door.post(good(4)).status_code == 201


@pytest.mark.parametrize(
    "declared",
    [
        "application/json; charset=utf-8",
        'application/json;Charset="UTF8"',
        "application/geo+json",
        "APPLICATION/JSON",
    ],
)
def test_json_by_any_of_its_names(declared: str) -> None:
    assert Door().post(good(1), content_type=declared).status_code == 201


@pytest.mark.parametrize("charset", ["utf-16", "ISO-8859-1", '"windows-1252"', "utf-8; charset=utf-16"])
def test_json_in_another_charset_is_refused_before_it_is_read(charset: str) -> None:
    answer = Door().post(b"[" * 100_000, content_type=f"application/json; charset={charset}")
    assert "utf-8" in said(answer, 415, "unsupported_media_type")["message"]


def test_compressed_bodies_are_not_unpacked() -> None:
    answer = Door().post(good(1), headers=AUTH | {"Content-Encoding": "gzip"})
    said(answer, 415, "unsupported_media_type")


class Endless(io.RawIOBase):
    """A body that never ends; counts what was read of it."""

    read_bytes = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        assert size >= 0
        self.read_bytes += size
        return b"[" * size


def chunked(body: Any) -> TestResponse:
    headers = AUTH | {"Transfer-Encoding": "chunked"}
    return Door().client.post(
        URL, headers=headers, content_type="application/json", environ_overrides={"wsgi.input": body}
    )


def test_an_endless_body_is_cut_off() -> None:
    body = Endless()
    said(chunked(body), 413, "too_large")
    assert body.read_bytes == MAX_BYTES + 1


def test_a_body_may_come_in_chunks() -> None:
    assert chunked(io.BytesIO(json.dumps(good(1)).encode())).status_code == 201


def test_an_array_keeps_the_good_and_answers_for_each_bad_one() -> None:
    door = Door(room=StandIn(refuses=frozenset({"L-4"})))
    answer = door.post([good(1), good(2, lat=106, lon=-6), 7, good(3, person={"phone": 8}), good(4), good(5)])
    assert answer.status_code == 200
    results = answer.get_json()["results"]
    assert [result["index"] for result in results] == [0, 1, 2, 3, 4, 5]
    assert [result.get("error", {}).get("field") for result in results] == [
        None,
        "lat",
        "",
        "person.phone",
        "category",
        None,
    ]
    assert {id_ for _, id_ in door.room.kept} == {"L-1", "L-5"}
    assert results[5].keys() >= {"index", "id", "seq"}


def test_a_thousand_items_go_in_transactions_of_a_hundred() -> None:
    door = Door()
    answer = door.post([good(n) for n in range(1000)])
    assert len(answer.get_json()["results"]) == 1000
    assert door.room.batches == [100] * 10


def test_an_empty_array_is_a_sign_of_life() -> None:
    door = Door()
    answer = door.post([])
    assert (answer.status_code, answer.get_json()) == (200, {"results": []})
    assert door.register.calls == ["app"]


def test_a_database_that_fails_midway_loses_no_answer_given() -> None:
    door = Door(room=StandIn(down_after=250))
    answer = door.post([good(-1, lat=1)] + [good(n) for n in range(400)])
    assert answer.status_code == 200
    results = answer.get_json()["results"]
    assert results[0]["error"]["field"] == "lon"
    assert len([1 for result in results if "id" in result]) == 200 == len(door.room.kept)
    assert {result["error"].get("code") for result in results[201:]} == {"unavailable"}


def test_a_room_that_is_down_asks_to_come_back() -> None:
    door = Door(room=StandIn(down_after=0))
    for body in (good(1), [good(1), good(2, lat=1)]):
        answer = door.post(body)
        said(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0


def test_a_full_queue_asks_to_come_back_and_lets_in_again() -> None:
    door = Door(gate=IntakeGate(3))
    with door.gate.passing(3):
        answer = door.post(good(1))
        said(answer, 503, "queue_full")
        assert int(answer.headers["Retry-After"]) > 0
    assert door.post(good(1)).status_code == 201
    assert door.gate.pending == 0


def test_the_gate_counts_reports_and_forgets_those_that_failed() -> None:
    gate = IntakeGate(10)
    with pytest.raises(Unavailable), gate.passing(6):
        with pytest.raises(Backpressure), gate.passing(5):
            pass
        raise Unavailable
    assert gate.pending == 0
    with gate.passing(1000):
        assert gate.pending == 1000
