"""Going on over plain HTTP: an answer that a proxy may give to a whole crowd, and to nobody whom it is not for."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from display.feed import snapshot
from display.feed.snapshot import Resume
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Role
from tests.rooms.staffed import House

PLACE = {"lat": -6.1781, "lon": 106.6319}
SHARED = "public, max-age=10, immutable"


@pytest.fixture
def house(tmp_path: Any) -> House:
    house = House(tmp_path)
    receive(house, "first")
    return house


def receive(house: House, name: str, **said: Any) -> str:
    return house.opened.room.accept(Report(source_id=name, **{"category": "sampah", **PLACE, **said}), source="x").id


def token(house: House, audience: str) -> str:
    """Of a screen that shows the audience, else of an officer at a desk."""
    if audience == "desk":
        house.add("sari", Role.DUTY)
        return house.staff.give_token("sari")
    return house.screens.add(f"layar {audience}", audience)


def get(house: House, path: str, shown: str) -> Any:
    return house.browser().get(path, headers={"Authorization": f"Bearer {shown}"} if shown else {})


def position(house: House, shown: str) -> dict[str, Any]:
    """Where a screen stands that has just taken the snapshot, as it asks from there."""
    told = json.loads(get(house, "/feed/snapshot", shown).data)
    return {"epoch": told["epoch"], "from": told["seq"], "mark": told["mark"], "to": told["seq"]}


def ask(house: House, shown: str, asked: dict[str, Any]) -> Any:
    return get(house, f"/feed/resume?{urlencode(asked)}", shown)


@pytest.mark.parametrize(("audience", "kept"), [("wall", SHARED), ("visit", SHARED), ("desk", f"private{SHARED[6:]}")])
def test_the_answer_is_that_of_the_socket_and_a_proxy_may_keep_those_that_walls_show(
    house: House, audience: str, kept: str
) -> None:
    shown = token(house, audience)
    asked = position(house, shown)
    id_ = receive(house, "second")
    found = ask(house, shown, {**asked, "to": asked["from"] + 1})
    assert (found.status_code, found.headers["Cache-Control"]) == (200, kept)
    assert not found.headers.getlist("Set-Cookie"), "no proxy keeps what sets a cookie"
    told = json.loads(found.data)
    assert [card["id"] for batch in told["batches"] for card in batch["cards"]] == [id_]
    assert ("source_id" in told["batches"][0]["cards"][0]) == (audience == "desk")
    socket = {"epoch": asked["epoch"], "seq": asked["from"], "mark": asked["mark"]}
    tail = house.web.tail
    by_socket = json.loads(
        json.dumps(Resume(house.log, tail._cards, tail._identity, lambda: "").answer(audience, socket))
    )
    beat = by_socket.pop("beat")
    assert (beat["epoch"], beat["seq"], beat["mark"]) == tuple(by_socket[name] for name in ("epoch", "seq", "mark"))
    (batch,), (other,) = told["batches"], by_socket["batches"]
    assert told == {**by_socket, "batches": [{**other, "now": batch["now"], "at": batch["at"]}]}


def test_it_leads_at_least_as_far_as_was_asked_and_further_where_more_has_happened(house: House) -> None:
    shown = token(house, "wall")
    asked = position(house, shown)
    told = json.loads(ask(house, shown, asked).data)
    assert told["batches"] == []
    receive(house, "second")
    receive(house, "third")
    for to in range(asked["from"], asked["from"] + 3):
        told = json.loads(ask(house, shown, {**asked, "to": to}).data)
        assert told["seq"] >= to
        (batch,) = told["batches"]
        assert (batch["from"], batch["to"]) == (asked["from"], told["seq"])


def test_what_would_be_the_snapshot_is_the_order_to_take_it_and_no_proxy_keeps_that(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, desk = token(house, "wall"), token(house, "desk")
    asked = position(house, shown)
    receive(house, "second")
    wrong = {
        "another mark": {"mark": "0" * 24},
        "another epoch": {"epoch": "0" * 24},
        "another audience": {"epoch": position(house, desk)["epoch"]},
        "beyond the head": {"to": asked["from"] + 1000},
        "a position that never was": {"from": asked["from"] + 999, "to": asked["from"] + 1000},
    }
    for name, other in wrong.items():
        is_order(ask(house, shown, {**asked, **other}), name)
    is_order(ask(house, desk, asked), "the question of a wall, by a desk")
    receive(house, "third")
    monkeypatch.setattr(snapshot, "LIMIT", 0)
    is_order(ask(house, shown, {**asked, "to": asked["from"] + 1}), "more cards than a batch may have")


def is_order(found: Any, name: str) -> None:
    assert (found.status_code, found.headers["Cache-Control"]) == (200, "no-store"), name
    assert set(json.loads(found.data)) == {"epoch", "seq", "snapshot", "jitter_ms"}, name


@pytest.mark.parametrize("field", ["epoch", "from", "mark", "to"])
def test_a_question_that_is_none_is_refused_by_its_field(house: House, field: str) -> None:
    shown = token(house, "wall")
    asked = position(house, shown)
    odd = ["", "x y", "é", "1" * 65] + ([] if field in ("epoch", "mark") else ["-1", "1.5", "x", "1" * 17])
    for value in odd:
        found = ask(house, shown, {**asked, field: value})
        assert (found.status_code, json.loads(found.data)["field"]) == (422, field), value
    rest = {name: value for name, value in asked.items() if name != field}
    assert json.loads(ask(house, shown, rest).data)["field"] == field
    back = ask(house, shown, {**asked, "from": asked["from"] + 2, "to": asked["from"] + 1})
    assert (back.status_code, json.loads(back.data)["field"]) == (422, "to")


def test_nobody_without_a_credential_is_answered(house: House) -> None:
    asked = position(house, token(house, "wall"))
    for shown in ("", "nobody's", house.opened.sources.add("lapor", None)):
        found = ask(house, shown, asked)
        assert (found.status_code, found.headers.get("Cache-Control", "")) == (401, "")
