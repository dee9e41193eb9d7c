"""What /readyz says to whoever is on call, and what /metrics measures when it is asked."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from display.api.health import health_blueprint, reasons, seldom
from display.feed.tail import Tail
from display.pages.alarm_health import AlarmHealth
from liveroom.accounts.arrivals import Arrivals, Tally, measure_sources
from liveroom.accounts.quarantine import Reject
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import to_micros
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import database_now
from liveroom.log.schema import outbox, pulse
from liveroom.maintenance.room_metrics import measure_room
from liveroom.room.clock import pause_source, revoke_source
from liveroom.runtime.language import text
from liveroom.runtime.metrics import ALARM_STALE
from liveroom.runtime.time import monotonic
from tests.rooms.staffed import House
from tests.rooms.standing import StandingRoom

numbers = count()
ODD = Malformed("category", "'a word of the sender' is not known")


@pytest.fixture(autouse=True)
def at_leisure(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there a moment ago stays fresh however slow this machine is."""
    monkeypatch.setattr("display.api.health.STALE_S", 600.0)
    monkeypatch.setattr("display.api.health.FAILED_S", 600.0)


def test_a_clock_set_back_is_told_and_no_pulse_from_ahead_passes_for_a_sign_of_life(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert standing.tick()
    standing.receive()
    tail = cast(Tail, SimpleNamespace(read_at=monotonic()))
    assert reasons(standing.log, tail) == []
    set_back: Callable[[Any], Any] = lambda connection: database_now(connection) - timedelta(hours=7)  # noqa: E731
    monkeypatch.setattr("display.api.health.database_now", set_back)
    clock, time = reasons(standing.log, tail)
    assert clock.startswith("clock: last pulse at ")
    assert time.startswith("time: the last event was written at ") and "7 h ahead of the clock" in time
    assert "timedatectl" in time and "run.py clock repair" in time


def test_a_small_step_back_is_told_too(standing: StandingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    assert standing.tick()
    tail = cast(Tail, SimpleNamespace(read_at=monotonic()))
    set_back: Callable[[Any], Any] = lambda connection: database_now(connection) - timedelta(seconds=59)  # noqa: E731
    monkeypatch.setattr("display.api.health.database_now", set_back)
    monkeypatch.setattr("display.api.health.STALE_S", 30.0)
    _, time = reasons(standing.log, tail)
    assert time.endswith("is that machine's time right?")


def test_events_that_find_no_room_are_told_though_the_pulse_finds_some(standing: StandingRoom) -> None:
    def full(_unit: object) -> None:
        raise OperationalError("", {}, Exception("No space left on device"))

    assert standing.tick()
    for _ in range(2):
        with pytest.raises(Unavailable):
            standing.log.write(full)
        # A known report sent again: nothing is appended, so nothing is proved.
        standing.log.write(lambda _unit: None)
    standing.log.note(lambda connection: None)
    tail = cast(Tail, SimpleNamespace(read_at=monotonic()))
    (told,) = reasons(standing.log, tail)
    assert told.startswith("database: events cannot be written: ")
    standing.receive()
    assert reasons(standing.log, tail) == []


def test_the_figures_of_alarms_are_measured_when_they_are_asked_for_and_stay_while_the_database_is_away(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = _asked(standing, AlarmHealth(standing.room).now)
    ALARM_STALE.set(77)

    def away() -> None:
        raise Unavailable("away")

    monkeypatch.setattr(standing.log, "slices", away)
    assert "liveroom_alarms_stale 77.0" in client.get("/metrics").text
    monkeypatch.undo()
    assert "liveroom_alarms_stale 0.0" in client.get("/metrics").text


def _asked(standing: StandingRoom, measure: Callable[[], object]) -> FlaskClient:
    app = Flask("health")
    app.register_blueprint(health_blueprint(standing.room, cast(Any, None), bool, tuple, cast(Any, None), (measure,)))
    return app.test_client()


def test_each_registered_source_is_measured_and_one_that_is_revoked_no_more(standing: StandingRoom) -> None:
    siaga = f"siaga{next(numbers)}"  # counters are the process's, and other tests count too
    for name in (siaga, "Pasar"):
        standing.sources.add(name, 60)
    arrivals = Arrivals(standing.log)
    arrivals.count(siaga, Tally(accepted=2, known=1, lags=[3.0, 5.0, 40.0]))
    arrivals.keep(siaga, [Reject(raw="7", fault=Malformed("", "must be an object")), Reject(raw="{", fault=ODD)])
    arrivals.flush()
    pause_source(standing.room, siaga, paused=True, actor="kepala")
    client = _asked(standing, lambda: measure_sources(standing.log))
    told = client.get("/metrics").text
    for line in (
        'reports_total{outcome="accepted",source="SIAGA"} 2.0',
        'reports_total{outcome="known",source="SIAGA"} 1.0',
        'refused_total{reason="object",source="SIAGA"} 1.0',
        'refused_total{reason="other",source="SIAGA"} 1.0',
        'lag_seconds{source="SIAGA"} 5.0',
        'paused{source="SIAGA"} 1.0',
        'paused{source="pasar"} 0.0',
        'quarantine_open{source="SIAGA"} 2.0',
    ):
        assert f"liveroom_source_{line}".replace("SIAGA", siaga) in told
    assert 'liveroom_source_heard_age_seconds{source="pasar"}' in told
    assert 'liveroom_source_lag_seconds{source="pasar"}' not in told
    revoke_source(standing.room, siaga, actor="kepala")
    told = client.get("/metrics").text
    assert f'liveroom_source_paused{{source="{siaga}"}}' not in told
    assert 'liveroom_source_paused{source="pasar"} 0.0' in told


def test_the_room_is_measured_as_a_whole_and_what_is_late_shows_how_late(standing: StandingRoom) -> None:
    id_ = standing.receive()
    assert standing.tick()
    client = _asked(standing, lambda: measure_room(standing.log))
    told = _figures(client)
    assert (told["complaints_open"], told["complaints_overdue"]) == (1, 0)
    assert told["log_seq"] == standing.head().seq
    assert told["deadlines_behind_seconds"] < 600 and told["database_bytes"] > 10_000
    before = told["outbox_waiting"]
    standing.execute("forward", id_, by="duty", agency="dpupr")
    waiting = {"state": "waiting", "at": to_micros(standing.room.now() - timedelta(hours=2))}
    standing.log.touch(lambda c: c.execute(update(outbox).values(**waiting)))
    told = _figures(client)
    assert told["outbox_waiting"] > before
    assert 7200 <= told["outbox_oldest_seconds"] < 7800
    standing.log.touch(lambda c: c.execute(update(pulse).values(due_to=pulse.c.due_to - 3_600_000_000)))
    assert 3600 <= _figures(client)["deadlines_behind_seconds"] < 4200


def _figures(client: FlaskClient) -> dict[str, float]:
    """The gauges without a label, by their names without the common beginning."""
    lines = (line.split(" ") for line in client.get("/metrics").text.splitlines() if line.startswith("liveroom_"))
    return {name.removeprefix("liveroom_"): float(value) for name, value in lines if "{" not in name}


def test_what_is_measured_seldom_is_not_asked_for_at_every_look() -> None:
    asked: list[int] = []
    often, now = (seldom(lambda: asked.append(1), seconds) for seconds in (3600.0, 0.0))
    often()
    often()
    assert asked == [1]
    now()
    now()
    assert asked == [1, 1, 1]


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_browser_gets_a_remedy_beside_each_fault_and_a_program_its_json(tmp_path: Path, language: str) -> None:
    browser = House(tmp_path).browser()
    told = browser.get("/readyz")
    assert told.status_code == 503 and told.json is not None
    faults = [one.partition(":")[0] for one in told.json["reasons"]]
    assert {"clock", "tail"} <= {*faults}
    page = browser.get(f"/readyz?lang={language}", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.mimetype) == (503, "text/html")
    for fault, said in zip(faults, told.json["reasons"], strict=True):
        named, helped, words = (
            page.text.index(str(escape(one)))
            for one in (text(f"ready.name.{fault}", language), text(f"ready.remedy.{fault}", language), said)
        )
        assert named < helped < words
