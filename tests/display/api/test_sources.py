"""Sources over HTTP as a supervisor has them: how each does, the orders to one, and the quarantine."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from display.api.sources import sources_blueprint
from display.auth.visitor import Visitors
from liveroom.accounts import quarantine
from liveroom.accounts.quarantine import Reject
from liveroom.domain.requests import Malformed
from liveroom.log.texts import accesses_of
from liveroom.runtime.config import Config, ServerSettings
from tests.display.api.conftest import Desk
from tests.rooms.standing import StandingRoom

WRONG = {"source_id": "L-7", "category": "sampah", "lat": "-6,17", "lon": 106.6, "person": {"name": "Siti"}}
ME = {"actor": "kepala", "role": "supervisor"}


@pytest.fixture
def desk(on_file: StandingRoom) -> Desk:
    desk = Desk(on_file)
    visitors = Visitors(on_file.room, ServerSettings(), Config(city=on_file.key).sessions.limits())
    desk._client.application.register_blueprint(sources_blueprint(on_file.room, on_file.sources, visitors))
    on_file.sources.add("Lapor", 300)
    reject = Reject(raw=json.dumps(WRONG), value=WRONG, fault=Malformed("lat", "must be a finite number"))
    on_file.log.touch(lambda c: quarantine.keep(c, "lapor", quarantine.encoded([reject])))
    return desk


def only(desk: Desk, **args: object) -> dict[str, Any]:
    status, body = desk.get("sources/quarantine", **{**ME, **args})
    assert status == 200
    (entry,) = body["items"]
    return dict(entry)


def test_the_list_tells_how_each_does_and_no_key(desk: Desk, on_file: StandingRoom) -> None:
    status, body = desk.get("sources", **ME)
    (source,) = body["sources"]
    assert status == 200
    assert (source["id"], source["state"], source["open"], source["every_s"]) == ("lapor", "ok", 1, 300)
    assert len(source["hours"]) == 24 and source["keys"] == [{"days": 0, "old": False, "ends_at": None}]


def test_what_an_entry_holds_is_shown_alone_and_whoever_sees_it_is_noted(desk: Desk, on_file: StandingRoom) -> None:
    listed = only(desk)
    assert "Siti" not in json.dumps(listed)
    status, entry = desk.get(f"sources/quarantine/{listed['id']}", **ME)
    assert status == 200 and json.loads(entry["raw"]) == WRONG == json.loads(entry["draft"])
    assert [fault["field"] for fault in entry["faults"]] == ["lat"]
    assert entry["becomes"]["category"] == "sampah"
    assert (entry["faults"][0]["reason"], entry["same"]) == ("number", 1)
    assert [one.actor for one in accesses_of(on_file.log, listed["id"])] == ["kepala"]
    assert desk.get("sources/quarantine/nothing", **ME)[0] == 404


def test_it_is_tried_accepted_once_and_another_is_dropped(desk: Desk, on_file: StandingRoom) -> None:
    id_ = only(desk)["id"]
    right = json.dumps({**WRONG, "lat": -6.17})
    assert desk.post(f"sources/quarantine/{id_}/try", text=right, **ME)[1]["faults"] == []
    assert desk.post(f"sources/quarantine/{id_}/try", text="{", **ME)[1]["faults"][0]["field"] == ""
    refused = desk.post(f"sources/quarantine/{id_}/accept", **ME)
    assert (refused[0], refused[1]["field"]) == (422, "lat")
    status, taken = desk.post(f"sources/quarantine/{id_}/accept", text=right, **ME)
    assert status == 200 and taken["created"]
    assert only(desk, state="accepted")["complaint"] == taken["complaint"]
    for act in ("accept", "drop"):
        assert desk.post(f"sources/quarantine/{id_}/{act}", text=right, **ME)[:1] == (409,)
    assert desk.get("sources/quarantine", **ME)[1]["items"] == []


def test_one_correction_is_made_of_all_that_failed_so(desk: Desk, on_file: StandingRoom) -> None:
    others = [{**WRONG, "source_id": f"L-{n}", "lat": lat} for n, lat in enumerate(("-6,2", "south"))]
    rejects = [
        Reject(raw=json.dumps(one), value=one, fault=Malformed("lat", "must be a finite number")) for one in others
    ]
    on_file.log.touch(lambda c: quarantine.keep(c, "lapor", quarantine.encoded(rejects)))
    id_ = next(one["id"] for one in desk.get("sources/quarantine", **ME)[1]["items"] if one["number"] == "L-7")
    assert desk.get(f"sources/quarantine/{id_}", **ME)[1]["same"] == 3
    answer = desk.post(f"sources/quarantine/{id_}/accept_same", text=json.dumps({**WRONG, "lat": -6.17}), **ME)
    assert answer == (200, {"id": id_, "accepted": 2, "stay": 1})
    assert only(desk)["number"] == "L-1"


def test_a_source_is_paused_resumed_and_gets_a_new_key(desk: Desk, on_file: StandingRoom) -> None:
    def state() -> str:
        return str(desk.get("sources", **ME)[1]["sources"][0]["state"])

    assert desk.post("sources/lapor/pause", **ME)[0] == 200 and state() == "paused"
    assert desk.post("sources/lapor/resume", **ME)[0] == 200 and state() == "ok"
    status, answer = desk.post("sources/lapor/rotate", **ME)
    assert status == 200 and answer["former_until"]
    assert on_file.sources.by_key(answer["key"]) is not None
    assert desk.post("sources/nobody/pause", **ME)[0] == 404
    assert desk.post("sources/lapor/burn", **ME)[0] == 404


@pytest.mark.parametrize(
    "ask",
    [
        lambda desk, id_: desk.post(f"sources/quarantine/{id_}/drop", actor="x", role="duty"),
        lambda desk, id_: desk.get(f"sources/quarantine/{id_}", actor="x", role="duty"),
        lambda desk, id_: desk.post("sources/lapor/pause", actor="x", role="leadership"),
    ],
)
def test_it_is_for_supervisors_and_admins(desk: Desk, ask: Callable[[Desk, str], tuple[int, Any]]) -> None:
    assert ask(desk, only(desk)["id"])[0] == 403
