"""What a gauge's readings mean: episodes with levels that have to hold, and readings that are not to be believed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.gauges import Gauge, GaugePlace, GaugePoint, GaugeState, Measurement, follow, number_of, reading_of
from liveroom.domain.complaints.intake import sensor_report
from liveroom.domain.requests import Malformed
from liveroom.log.erasure import ErasureScope
from liveroom.maintenance.erasure import Eraser
from liveroom.runtime.config import Config
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.standing import StandingRoom

T0 = datetime(2026, 12, 1, 2, tzinfo=UTC).timestamp()
MINUTE = 60.0


def gauge(**said: Any) -> Gauge:
    usual = {"topic": "air/+", "category": "banjir", "raise_at": 250, "clear_at": 220, "unit": "cm"}
    return Gauge(**{**usual, "hold": "2m", "clear_hold": "5m", **said})


class Followed:
    """A gauge and what was told of it; a reading is minutes after T0 and a value, ``?`` one that is not believed."""

    def __init__(self, **said: Any) -> None:
        self.one = GaugePoint(gauge=gauge(**said), topic="air/10", stands=("10",), language="en")
        self.state = GaugeState()

    def told(self, *readings: tuple[float, float]) -> list[tuple[str, str | None]]:
        """What each report begins or ends (its number), and its priority or end."""
        found: list[dict[str, Any]] = []
        for minutes, value in readings:
            at = T0 + minutes * MINUTE
            try:
                found += follow(self.one, self.state, Measurement(value=value, at=at, timed=True), at)
            except Malformed:
                found.append({"source_id": "?"})
        return [(_beginning(one["source_id"]), _end(one)) for one in found]


def _beginning(number: str) -> str:
    """Hour and minute."""
    at = number.partition("@")[2]
    return f"{at[9:11]}:{at[11:13]}" if at else "?"


def _end(report: dict[str, Any]) -> str | None:
    over = report.get("over_at")
    return f"over {over[11:16]}" if over else report.get("priority")


@pytest.mark.parametrize(
    ("said", "readings", "told"),
    [
        # It has to hold before it is told, from when it began.
        ({}, [(0, 260), (1, 260), (2, 260), (3, 270)], [("02:00", None)]),
        ({}, [(0, 260), (1, 240), (2, 260), (3, 260)], []),
        ({"hold": "0s"}, [(0, 250)], [("02:00", None)]),
        # Between the levels nothing changes; the end has to hold too, and counts from when it began.
        ({"hold": "0s"}, [(0, 260), (1, 230), (9, 260), (20, 221)], [("02:00", None)]),
        (
            {"hold": "0s"},
            [(0, 260), (4, 220), (6, 230), (8, 210), (13, 200)],
            [("02:00", None), ("02:00", "over 02:08")],
        ),
        # Another one begins as another.
        (
            {"hold": "0s", "clear_hold": "0s"},
            [(0, 260), (1, 200), (2, 260), (3, 200)],
            [("02:00", None), ("02:00", "over 02:01"), ("02:02", None), ("02:02", "over 02:03")],
        ),
        # It grows more urgent, and never less.
        (
            {"hold": "0s", "priorities": {"urgent": 280, "critical": 300}},
            [(0, 260), (1, 285), (2, 265), (3, 320), (4, 281)],
            [("02:00", None), ("02:00", "urgent"), ("02:00", "critical")],
        ),
        # The furthest while it had to hold counts.
        ({"priorities": {"urgent": 280}}, [(0, 290), (2, 260)], [("02:00", "urgent")]),
        # Too little is the trouble.
        (
            {"side": "below", "raise_at": 20, "clear_at": 30, "hold": "0s", "clear_hold": "0s"},
            [(0, 40), (1, 20), (2, 25), (3, 30)],
            [("02:01", None), ("02:01", "over 02:03")],
        ),
        # The same again, and what comes late or twice, changes nothing.
        ({}, [(0, 260), (2, 260), (2, 100), (1, 100), (3, 260)], [("02:00", None)]),
        # What nobody saw did not hold.
        ({"every": "1m"}, [(0, 260), (10, 260), (11, 260)], []),
        # A jump is believed when another reading says the same.
        ({"hold": "0s", "jump": 50}, [(0, 100), (1, 900), (2, 110)], [("?", None)]),
        ({"hold": "0s", "jump": 50}, [(0, 100), (1, 300), (2, 310)], [("?", None), ("02:02", None)]),
        ({"hold": "0s", "jump": 50}, [(0, 100), (1, 900), (2, 300)], [("?", None), ("?", None)]),
    ],
)  # fmt: skip
def test_one_episode_from_its_beginning_to_its_end(
    said: dict[str, Any], readings: list[tuple[float, float]], told: list[tuple[str, str | None]]
) -> None:
    assert Followed(**said).told(*readings) == told


def test_a_clock_of_ours_that_was_ahead_holds_nothing_up() -> None:
    one = Followed(hold="0s")
    one.told((600, 100))
    assert one.told((1, 260)) == [("02:01", None)]


def test_what_is_told_is_a_report_that_the_room_takes() -> None:
    place = GaugePlace(name="Pintu Air 10", lat=-6.1, lon=106.6)
    followed = Followed(hold="0s", clear_hold="0s", places={"10": place})
    (report,) = follow(followed.one, followed.state, Measurement(value=262, at=T0, timed=True), T0)
    now = datetime.fromtimestamp(T0, UTC)
    taken = sensor_report(report, now, "real")
    assert (taken.channel, taken.lat, taken.source_id) == ("sensor", -6.1, "air/10@20261201T020000Z")
    assert taken.description == "Pintu Air 10: 262 cm, above 250 cm (highest 262 cm). Reported by a sensor."
    (report,) = follow(followed.one, followed.state, Measurement(value=200, at=T0 + 1, timed=True), T0 + 1)
    assert sensor_report(report, now, "real").over_at is not None


@pytest.mark.parametrize("act", ["forward", "accept", "helper", "claim", "reopen", "merge", "absorb", "erase"])
def test_the_end_closes_what_nobody_has_taken_and_is_a_comment_for_whoever_has(
    on_file: StandingRoom, tmp_path: Path, act: str
) -> None:
    said = {"source": "alat", "category": "banjir", "channel": "sensor", "description": "260 cm"}
    id_ = about = on_file.accept("10@1", **said).id
    match act:
        case "forward" | "accept":
            on_file.execute("forward", id_, by="duty", agency="dpupr")
            if act == "accept":
                on_file.do_all(id_, "accept")
        case "helper":
            on_file.execute("forward", id_, by="duty", agency="dpupr", agencies=["dlh"])
            on_file.do_all(id_, "accept", of="dlh")
        case "absorb":
            on_file.execute("merge", on_file.receive("L-1", category="banjir"), by="duty", into=id_)
        case "claim":
            on_file.execute("claim", id_, by="duty")
        case "reopen":
            on_file.execute("reject", id_, by="duty", reason="x")
            on_file.execute("reopen", id_, by="duty", reason="x")
        case "merge":
            about = on_file.receive("L-1", category="banjir")
            on_file.execute("merge", id_, by="duty", into=about)
        case "erase":
            on_file.execute("claim", id_, by="duty")
            eraser = Eraser(on_file.room, Config(city="tangerang", data_dir=str(tmp_path)), ThreadRuntime())
            eraser.erase((id_,), ErasureScope.ALL, by="test")
    on_file.later(minutes=1)
    for _ in range(2):
        on_file.accept("10@1", **{**said, "description": "200 cm", "over_at": on_file.now})
    notes = [one.event.id for one in on_file.events() if one.event.kind.value == "complaint.commented"]
    assert (on_file.complaint(id_).state.value == "done") is (act == "forward")
    assert notes == ([] if act in ("forward", "erase") else [about])


def test_an_episode_that_was_over_before_it_came_is_there_as_over(on_file: StandingRoom) -> None:
    over_at = on_file.now - timedelta(hours=3)
    one = on_file.complaint(on_file.accept("10@1", source="alat", channel="sensor", over_at=over_at).id)
    assert (one.state.value, one.closed_at) == ("done", one.received_at)


@pytest.mark.parametrize(
    ("payload", "said", "found"),
    [
        (b" 251.5\n", {}, 251.5),
        (b"251,5", {}, 251.5),
        (b'{"d": [{"v": "3e2"}]}', {"value": "d[0].v"}, 300.0),
        (b"nan", {}, "value"),
        (b"1e999", {}, "value"),
        (b'{"v": NaN}', {"value": "v"}, "value"),
        (b'{"v": true}', {"value": "v"}, "value"),
        (b'{"v": 1' + b"0" * 400 + b"}", {"value": "v"}, "value"),
        (b'{"w": 1}', {"value": "v"}, "value"),
        (b'{"v": "x"}', {"value": "sum(v)"}, "value"),
        (b"\xff", {}, ""),
        (b"[" * 50, {"value": "v"}, ""),
        (b"1" * 70_000, {}, ""),
        (b"1001", {"high": 1000}, "value"),
        (b"-1", {"low": 0}, "value"),
    ],
)
def test_a_payload_is_a_number_or_says_what_is_wrong(payload: bytes, said: dict[str, Any], found: float | str) -> None:
    try:
        assert reading_of(gauge(**said), payload, T0).value == found
    except Malformed as fault:
        assert fault.field == found


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("2026-12-01T01:50:00Z", -600.0),
        ("2026-12-01T08:50:00+07:00", -600.0),
        (T0 - 5, -5.0),
        (T0 * 1000 - 5000, -5.0),
        (str(T0 * 1e6), 0.0),
        (T0 + 100, 0.0),  # ahead, as clocks are
        (T0 + 9e3, 0.0),  # further ahead: when it came counts
        (None, 0.0),
        ("2000-01-01T00:00:00Z", None),
        (T0 - 90_000, None),
        ("soon", None),
        ([], None),
        (1e300, None),
    ],
)
def test_the_time_of_a_reading_is_its_own_where_that_can_be(at: object, found: float | None) -> None:
    payload = json.dumps({"v": 1, "at": at}).encode()
    try:
        reading = reading_of(gauge(value="v", at="at"), payload, T0)
    except Malformed as fault:
        assert (fault.field, found) == ("at", None)
        return
    assert reading.at - T0 == pytest.approx(found)
    assert reading.timed is (at is not None and at != T0 + 9e3)


@pytest.mark.parametrize(
    ("pattern", "topic", "stands"),
    [
        ("air/+/tinggi", "air/10/tinggi", ("10",)),
        ("air/+/tinggi", "air/10/arus", None),
        ("air/#", "air/10/tinggi", ("10/tinggi",)),
        ("air/#", "air", ("",)),
        ("+/+", "a/b", ("a", "b")),
        ("air", "air/10", None),
        ("air/10", "air/10", ()),
    ],
)
def test_a_topic_fits_a_pattern_or_does_not(pattern: str, topic: str, stands: tuple[str, ...] | None) -> None:
    assert gauge(topic=pattern).fits(topic) == stands


def test_a_number_is_never_longer_than_the_intake_takes() -> None:
    long = [number_of(f"{'x' * 300}{n}", int(T0)) for n in (1, 2)]
    assert len(set(long)) == 2 and max(map(len, long)) == 128


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"topic": "a/b+"}, "topic"),
        ({"topic": "a/#/b"}, "topic"),
        ({"clear_at": 250}, "clear_at"),
        ({"side": "below"}, "clear_at"),
        ({"value": "a["}, "value"),
        ({"at": "t"}, "value"),
        ({"hold": "soon"}, "hold"),
        ({"low": 9, "high": 3}, "high"),
        ({"raise_at": float("nan")}, "raise_at"),
        ({"jump": 0}, "jump"),
        ({"priorities": {"high": 300}}, "priorities.high"),
        ({"priorities": {"urgent": 240}}, "priorities.urgent"),
        ({"lat": 3.0}, "lat"),
        ({"lat": 106.6, "lon": -6.1}, "lat"),
        ({"places": {"10": GaugePlace(lat=-6.1, lon=float("nan"))}}, "places.10.lon"),
        ({"places": {"10/b": GaugePlace()}}, "places.10/b"),
        ({"topic": "air", "places": {"10": GaugePlace()}}, "places.10"),
        ({"topic": "+/air/#", "places": {"10": GaugePlace()}}, "places.10"),
    ],
)
def test_what_is_wrong_with_a_gauge_is_told_by_its_field(said: dict[str, Any], field: str) -> None:
    assert field in [where for where, _ in gauge(**said).faults()]


def test_an_episode_after_our_own_clock_was_ahead_begins_when_it_did() -> None:
    one = Followed(hold="0s", clear_hold="0s")
    assert len(one.told((2880, 260), (2881, 100))) == 2
    assert one.told((10, 260)) == [("02:10", None)]
