"""`GET /feed/figures`: who may ask for what, one position for all numbers, and how often a figure is built."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from display.feed.messages import Identity
from display.figures import routes
from display.figures.routes import SCENES, Figures, figures_blueprint
from liveroom.log.engine import Unavailable
from tests.rooms.standing import StandingRoom

IDENTITY = Identity(build="1", pack="p")
Get = Callable[..., Any]


@pytest.fixture
def get(on_file: StandingRoom) -> Get:
    """Return `get(scene, audience="wall") -> response`; an audience of None has no credential."""
    asking: dict[str, str | None] = {}
    app = Flask("figures")
    app.register_blueprint(figures_blueprint(on_file.log, on_file.room.city, IDENTITY, lambda: asking["audience"]))

    def ask(scene: str, audience: str | None = "wall") -> Any:
        asking["audience"] = audience
        return app.test_client().get(f"/feed/figures?scene={scene}")

    return ask


@pytest.mark.parametrize("scene", SCENES)
def test_every_figure_begins_with_its_position(on_file: StandingRoom, get: Get, scene: str) -> None:
    on_file.until_done()
    answer = get(scene)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.get_json()
    assert list(body)[:5] == ["epoch", "seq", "at", "scene", "working_day_s"]
    assert (body["seq"], body["at"], body["scene"]) == (on_file.head().seq, "2026-11-24T02:00:00Z", scene)
    assert body["epoch"] == IDENTITY.epoch(on_file.head().epoch, "wall")


def test_each_audience_has_its_epoch_and_the_same_numbers(on_file: StandingRoom, get: Get) -> None:
    wall, desk = get("visit").get_json(), get("visit", "desk").get_json()
    assert desk.pop("epoch") == IDENTITY.epoch(on_file.head().epoch, "desk") != wall.pop("epoch")
    assert desk == wall


def test_no_credential_and_no_such_scene(get: Get) -> None:
    assert (get("visit", None).status_code, get("visit", None).get_json()["code"]) == (401, "unauthorized")
    assert get("nonsense", None).status_code == 401
    for scene in ("map", "", "agencies%00"):
        answer = get(scene)
        assert (answer.status_code, answer.get_json()["field"]) == (422, "scene")


def test_a_database_that_is_away_is_said_and_asked_again(
    on_file: StandingRoom, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(on_file.log, "slices", away)
    answer = get("trend")
    assert (answer.status_code, answer.get_json()["code"], answer.headers["Retry-After"]) == (503, "unavailable", "1")
    monkeypatch.undo()
    assert get("trend").status_code == 200


def test_it_is_built_once_in_five_seconds(on_file: StandingRoom, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = 100.0
    monkeypatch.setattr(routes, "monotonic", lambda: seconds)
    first = get("visit").get_json()["seq"]
    on_file.receive()
    seconds = 104.9
    assert get("visit").get_json()["seq"] == first
    assert get("visit", "desk").get_json()["seq"] == first
    assert get("overdue").get_json()["seq"] == on_file.head().seq  # a scene nobody asked for before
    seconds = 105.0
    assert get("visit").get_json()["seq"] == on_file.head().seq > first


def test_who_comes_while_it_is_built_waits_for_the_same(on_file: StandingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    figures, begun, go_on = Figures(on_file.log, on_file.room.city), threading.Event(), threading.Event()
    times, build = [], figures._build
    # Whoever of them comes late finds what was built, however late that is.
    monkeypatch.setattr(routes, "monotonic", lambda: 100.0)

    def slow(scene: str) -> routes.FigureAnswer:
        times.append(scene)
        begun.set()
        assert go_on.wait(60)
        return build(scene)

    monkeypatch.setattr(figures, "_build", slow)
    found: list[routes.FigureAnswer] = []
    asking = [threading.Thread(target=lambda: found.append(figures.of("visit"))) for _ in range(5)]
    for one in asking:
        one.start()
    assert begun.wait(60)
    go_on.set()
    for one in asking:
        one.join(60)
    assert len(found) == 5
    assert times == ["visit"]


def test_nothing_in_a_figure_is_text_or_about_a_person(on_file: StandingRoom, get: Get) -> None:
    said = {"category": "Ratna 081234567890", "description": "Ratna 081234567890", "address": "Jalan Ratna 1"}
    id_ = on_file.receive("Ratna-1", channel="Ratna", **said)
    on_file.execute("claim", id_, by="duty", actor="Ratna")
    on_file.later(hours=1).tick()
    for scene in SCENES:
        assert b"Ratna" not in get(scene).data, scene
