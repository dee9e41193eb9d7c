"""The outbox over HTTP: the list with its attempts, and what a supervisor may do there that nobody else may."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from display.api.commands import commands_blueprint
from display.api.complaints import agencies_of
from display.api.outbox import outbox_blueprint
from liveroom.log.event_log import database_now
from liveroom.log.outbox import hold
from liveroom.projection.complaints import detail
from liveroom.runtime.config import OutboxSettings
from tests.rooms.post_room import PostRoom
from tests.services.receivers import Mailbox, System, say

Post = Callable[..., PostRoom]
SUPERVISOR = {"actor": "kepala", "role": "supervisor"}


class Nobody:
    """Visitors of trusted loopback: nobody is logged in, the body says who acts."""

    def who(self, _asked: object) -> None:
        return None


@pytest.fixture
def room(post_on_file: Post, system: System) -> PostRoom:
    """One delivery that does not get through, and one that did."""
    one = post_on_file()
    one.forwarded("dpupr")
    system.stop()
    one.forwarded("dishub")
    for _ in range(2):
        one.later(minutes=20).go_round()
    return one


@pytest.fixture
def desk(room: PostRoom) -> FlaskClient:
    app = Flask("outbox")
    app.register_blueprint(outbox_blueprint(room.room, Nobody(), OutboxSettings()))
    app.register_blueprint(commands_blueprint(room.room, Nobody()))  # type: ignore[arg-type]
    return app.test_client()


def give(desk: FlaskClient, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = desk.post(f"/api/v1/outbox/{path}", json={"command_id": f"c-{path}-{len(body)}", **SUPERVISOR, **body})
    return answer.status_code, answer.get_json()


def test_the_list_tells_who_waits_for_what_and_why(room: PostRoom, desk: FlaskClient) -> None:
    whole = desk.get("/api/v1/outbox").get_json()
    waiting = desk.get("/api/v1/outbox?state=waiting").get_json()
    assert [one["to"] for one in whole["items"]] == ["dishub", "dpupr"]
    (item,) = waiting["items"]
    assert (item["to"], item["name"], item["channel"], item["state"]) == ("dishub", "Dishub", "webhook", "waiting")
    assert item["number"] == room.complaint(item["complaint"]).source_id
    assert [attempt["outcome"] for attempt in item["attempts"]] == ["unreachable"] * 2
    assert [line["agency"] for line in waiting["stuck"]] == ["dishub"]
    assert [one["to"] for one in desk.get("/api/v1/outbox?to=dpupr").get_json()["items"]] == ["dpupr"]


def test_the_list_tells_its_reader_what_they_could_do(desk: FlaskClient) -> None:
    told = {role: desk.get(f"/api/v1/outbox?role={role}").get_json() for role in ("duty", "supervisor")}
    allowed = {role: [one["allowed"] for one in whole["items"]] for role, whole in told.items()}
    assert allowed == {"duty": [[], []], "supervisor": [["resend", "know"], ["resend"]]}, "what is through is not known"
    assert [told[role]["allowed"] for role in told] == [[], ["release"]]


def test_the_list_is_read_page_by_page(desk: FlaskClient) -> None:
    first = desk.get("/api/v1/outbox?limit=1").get_json()
    second = desk.get(f"/api/v1/outbox?limit=1&cursor={first['next']}").get_json()
    assert [one["to"] for page in (first, second) for one in page["items"]] == ["dishub", "dpupr"]


@pytest.mark.parametrize("query", ["state=lost", "limit=0", "limit=101", "limit=x"])
def test_a_question_that_makes_no_sense_names_the_field(desk: FlaskClient, query: str) -> None:
    answer = desk.get(f"/api/v1/outbox?{query}")
    assert (answer.status_code, answer.get_json()["field"]) == (422, query.split("=")[0])


def test_known_until_a_moment(room: PostRoom, desk: FlaskClient) -> None:
    (delivery,) = room.deliveries("waiting")
    soon, late = ((room.now + timedelta(hours=hours)).isoformat() for hours in (2, 200))
    assert give(desk, f"{delivery.id}/know", until=soon, reason="x", role="duty")[0] == 403
    assert give(desk, f"{delivery.id}/know", until=late, reason="mati")[1]["field"] == "until"
    assert give(desk, f"{delivery.id}/know", until=soon)[1]["field"] == "reason"
    assert give(desk, "nobody/know", until=soon, reason="mati")[0] == 404
    assert give(desk, f"{delivery.id}/forget")[0] == 404
    status, done = give(desk, f"{delivery.id}/know", until=soon, reason="mati lampu")
    assert (status, done["state"]) == (200, "known")
    (item,) = desk.get("/api/v1/outbox?state=waiting").get_json()["items"]
    assert (item["state"], item["known_by"]) == ("known", "kepala")
    assert "mati lampu" not in repr(room.events()), "no words in the log"


def test_sent_again_and_let_go(room: PostRoom, desk: FlaskClient, system: System) -> None:
    system.start()
    (delivery,) = room.deliveries("waiting")
    room.log.write(lambda unit: hold(unit.connection, unit.head.epoch, database_now(unit.connection)))
    assert desk.get("/api/v1/outbox").get_json()["held_since"] is not None
    assert give(desk, f"{delivery.id}/resend")[0] == 200
    room.go_round()
    assert system.requests == []
    assert give(desk, "release")[1]["state"] == "released"
    room.go_round()
    assert system.ids == [delivery.id]


def test_the_list_is_of_what_is_asked_for_alone(room: PostRoom, desk: FlaskClient, system: System) -> None:
    system.start()
    system.answer = lambda handler, _request: say(handler, 410)
    room.forwarded("dlh")
    room.go_round()

    def to(query: str) -> list[str]:
        return [one["to"] for one in desk.get(f"/api/v1/outbox?{query}").get_json()["items"]]

    assert to("state=waiting") == to("state=stuck") == ["dishub", "dlh"]
    assert to("state=refused") == ["dlh"]
    assert (to("state=known"), to("state=sent")) == ([], ["dpupr"])
    (refused,) = desk.get("/api/v1/outbox?state=refused").get_json()["items"]
    assert (refused["refused"], refused["by_hand"]) == ("410", False)
    soon = (room.now + timedelta(hours=5, minutes=7)).isoformat()
    assert give(desk, f"{refused['id']}/know", until=soon, reason="server dinas pindah")[0] == 200
    assert (to("state=known"), to("state=stuck")) == (["dlh"], ["dishub"])
    assert (to("state=stuck&to=dlh"), to("state=known&to=dlh"), to("to=office-dlh")) == ([], ["dlh"], [])
    first = desk.get("/api/v1/outbox?state=waiting&limit=1").get_json()
    assert to(f"state=waiting&limit=1&cursor={first['next']}") == ["dlh"]


# The open complaint says of each agency whether it has what it is to have.
def told(room: PostRoom, id_: str) -> dict[str, tuple[str, str | None, bool]]:
    found = agencies_of(detail(room.log, room.room.city, id_, people=False))
    each = {one["key"]: (one["delivery"], one["sent_at"]) for one in found}
    return {key: (way["state"], way["refused"], sent is not None) for key, (way, sent) in each.items()}


def test_each_agency_is_through_waiting_or_refused_and_one_that_waits_again_is_not_through(
    post: Post, mailbox: Mailbox, system: System
) -> None:
    room = post()
    mailbox.answer = "550 no such office"
    system.stop()
    id_ = room.forwarded("dpupr", "dishub", "dinkes")
    room.go_round()
    assert told(room, id_) == {
        "dpupr": ("waiting", "550", False),
        "dishub": ("waiting", None, False),
        "dinkes": ("sent", None, True),
    }
    mailbox.answer = "250 OK"
    room.later(minutes=20).go_round()  # a no is tried again after about a quarter of an hour
    assert told(room, id_)["dpupr"] == ("sent", None, True)
    room.do_all(id_, "accept", "start", "submit_proof")
    room.execute("send_back", id_, by="duty", reason="kabur")
    assert told(room, id_)["dpupr"] == ("waiting", None, False)
