"""Streams and gauges in a world that misbehaves: nothing lost, nothing twice; and what is made of anything at all."""

import json
from contextlib import suppress
from datetime import UTC, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st
from redis import Redis

from ingest.gauges import Gauge, GaugePoint, GaugeState, follow, reading_of
from ingest.pull import Secret
from ingest.sources import mqtt
from ingest.sources.mqtt import MqttSource
from ingest.sources.redis_stream import RedisStreamSource, item_of
from liveroom.domain.complaints.intake import report_of, sensor_report
from liveroom.domain.requests import Malformed
from tests.ingest.contract import DyingRoom, Killed, World
from tests.ingest.test_pull_kinds import record
from tests.rooms.packs import city
from tests.rooms.standing import START, StandingRoom
from tests.rooms.tables import tabled_file
from tests.services.mosquitto import PASSWORD, USER, Mosquitto
from tests.services.redis import RedisServer
from tests.soak.junk import TEXTS, any_text, scalars, values
from tests.soak.walk import Walk

pytestmark = [pytest.mark.soak]
NOW = START.timestamp()
ROUNDS = 15


@pytest.fixture(autouse=True)
def at_leisure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round here renews no lease while it reads, as the loop of a process does, and may take long."""
    monkeypatch.setattr("ingest.runner.LASTS", timedelta(hours=1))


# ---- anything at all ----

FIELDS = [
    "source_id", "category", "description", "lat", "lon", "person.name", "media", "drill", "json", "isi", "v", "t",
]  # fmt: skip
rooms_words = st.sampled_from(["jalan_rusak", "banjir", "36.71.01.1001"])
spoilt = st.binary(max_size=12) | st.sampled_from(TEXTS).map(lambda one: one.encode("utf-8", "surrogatepass"))


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """JSON, JSON that was cut or altered, and anything else."""
    named = st.dictionaries(st.sampled_from(FIELDS), values(rooms_words), max_size=5)
    whole = json.dumps(draw(named | values(rooms_words)), default=str).encode()
    cut = draw(st.integers(0, len(whole)))
    return draw(st.sampled_from([whole, whole[:cut], whole[:cut] + draw(st.binary(max_size=4)) + whole[cut:]]) | spoilt)


entries = st.dictionaries(st.sampled_from(FIELDS).map(str.encode) | spoilt, documents() | spoilt, max_size=6)


def test_entries_become_a_report_or_a_refusal(request: pytest.FixtureRequest) -> None:
    walk = Walk()
    sources = [
        RedisStreamSource(name="A", url="redis://x", stream="s", **more)
        for more in ({"field": "json"}, {}, {"map": {"description": "isi", "person.name": "v"}})
    ]

    def read(fields: dict[bytes, bytes]) -> None:
        for source in sources:
            item = item_of(source, b"1-1", fields or None)
            assert isinstance(item.raw, str) and item.raw.encode("utf-8", "surrogatepass")
            if item.fault is None:
                with suppress(Malformed):
                    report_of(item.value, START, "real")

    while not walk.over:
        walk.rounds(1, 500, entries, read)
    walk.tell("entries of streams", request)


payloads = documents() | spoilt | scalars.map(lambda one: str(one).encode("utf-8", "surrogatepass"))
at = st.integers(-200_000, 10_000) | st.floats(-100, 100)


@st.composite
def readings(draw: st.DrawFn) -> list[tuple[float, bytes]]:
    """Payloads with when they come: mostly levels with a time of their own, and any other thing."""
    found = []
    for _ in range(draw(st.integers(1, 25))):
        level = draw(st.integers(0, 400) | scalars)
        said = {"v": level, "t": draw(at.map(lambda one: NOW + one) | any_text)}
        right = st.just(json.dumps(said, default=str).encode())
        found.append((NOW + draw(st.integers(0, 100_000)), draw(right | right | payloads)))
    return found


def test_payloads_become_episodes_in_order_or_a_refusal(request: pytest.FixtureRequest) -> None:
    walk = Walk()
    usual = {"topic": "a/+", "category": "banjir", "raise_at": 250, "clear_at": 220, "value": "v", "at": "t"}
    rules = [
        Gauge(**{**usual, **more})
        for more in (
            {"hold": "0s", "clear_hold": "0s"},
            {"hold": "1m", "clear_hold": "5m", "jump": 100, "every": "1h", "low": 0, "high": 400},
            {"side": "below", "raise_at": 100, "clear_at": 150, "priorities": {"critical": 50}},
        )
    ]

    def read(some: list[tuple[float, bytes]]) -> None:
        for rule in rules:
            one, state, told = GaugePoint(gauge=rule, topic="a/b", stands=("b",), language="id"), GaugeState(), []
            for now, payload in some:
                with suppress(Malformed):
                    told += follow(one, state, reading_of(rule, payload, now), now)
                state = msgspec.json.decode(msgspec.json.encode(state), type=GaugeState)
            _check(told)

    while not walk.over:
        walk.rounds(1, 300, readings(), read)
    walk.tell("payloads of gauges", request)


def _check(told: list[dict[str, Any]]) -> None:
    """Each episode begins once, ends once at most, and none begins before the one before has ended."""
    open_: str | None = None
    ended: set[str] = set()
    for report in told:
        sensor_report(report, START + timedelta(days=2), "real")
        number = report["source_id"]
        assert number not in ended and open_ in (None, number)
        open_ = None if "over_at" in report else number
        if open_ is None:
            ended.add(number)


# ---- worlds ----


def test_a_stream_whose_readers_die_loses_and_doubles_nothing(redis_server: RedisServer, tmp_path: Path) -> None:
    walk = Walk()
    while not walk.over:
        dice = Random(walk.number)
        room = StandingRoom(tabled_file(tmp_path / f"{walk.number}.db"))
        redis: Any = Redis(port=redis_server.port)
        stream, number, bad = f"soak-{walk.number}", 0, 0
        source = RedisStreamSource(name="A", url=redis_server.url, stream=stream, field="json", idle="1s")
        world = World(room, source, tmp_path)
        for _ in range(ROUNDS):
            for _ in range(dice.choice([0, 1, 30, 150])):
                number += 1
                redis.xadd(stream, {"json": json.dumps(record(number))})
            for _ in range(dice.choice([0, 2])):
                bad += 1
                redis.xadd(stream, {"json": f"{{rusak {bad}"})
            _misbehave(redis, stream, dice)
            with suppress(Killed):
                world.run(DyingRoom(room.room, dies_at=dice.choice([None, 1, 2, 3]), after=dice.random() < 0.5))
        redis.xadd(stream, {"json": json.dumps(record(number + 1))})
        for _ in range(2):
            world.run()
        assert world.numbers() == [f"L-{n:06}" for n in range(1, number + 2)]
        assert (world.health.open, world.health.fault) == (bad, None)
        assert redis.xpending(stream, "liveroom")["pending"] == 0
        redis.close()
        room.close()
        walk.number += 1


def _misbehave(redis: Any, stream: str, dice: Random) -> None:
    """The group is lost, or another consumer takes entries and is gone for long."""
    if not redis.exists(stream):
        return
    groups = redis.xinfo_groups(stream)
    if groups and dice.random() < 0.1:
        redis.xgroup_destroy(stream, "liveroom")
    elif groups and dice.random() < 0.4:
        found = redis.xreadgroup("liveroom", "gone", {stream: ">"}, count=20)
        if ids := [id_ for _, some in found for id_, _ in some]:
            redis.xclaim(stream, "liveroom", "gone", 0, ids, idle=600_000)


def test_gauges_whose_readers_die_tell_each_episode_once(
    mosquitto: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = Walk()
    monkeypatch.setenv("LIVEROOM_SECRET_MQTT", PASSWORD)
    while not walk.over:
        _one_flood(walk.number, mosquitto, tmp_path, monkeypatch)
        walk.number += 1


def _one_flood(seed: int, broker: Mosquitto, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Levels that rise and fall; the same readings, followed by themselves, say what has to stand in the room."""
    dice, now = Random(seed), START
    patch.setattr(mqtt, "system_now", lambda: now)
    room = StandingRoom(tabled_file(folder / f"flood-{seed}.db"))
    rule = Gauge(
        topic=f"soak{seed}/+", category="banjir", raise_at=250, clear_at=220, hold="2m", clear_hold="3m", value="v",
        at="t", jump=150,
    )  # fmt: skip
    source = MqttSource(
        name="G", host="127.0.0.1", port=broker.port, user=USER, password=Secret("env:LIVEROOM_SECRET_MQTT"),
        client=f"soak{seed}", stay=False, gauges=[rule],
    )  # fmt: skip
    list(source.fetch_in(None, city("tangerang")))
    world, states, told = World(room, source, folder), {}, dict[str, bool]()
    levels = dict.fromkeys("abcdef", 200.0)
    for _ in range(ROUNDS):
        said = []
        for _ in range(dice.choice([0, 3, 40])):
            name, now = dice.choice("abcdef"), now + timedelta(seconds=20)
            levels[name] = max(0.0, levels[name] + dice.uniform(-60, 62))
            payload = json.dumps({"v": levels[name], "t": now.astimezone(UTC).isoformat()}).encode()
            said += [(f"soak{seed}/{name}", payload)] * dice.choice([1, 1, 1, 2])
        for topic, payload in said:
            one = GaugePoint(gauge=rule, topic=topic, stands=(topic[-1],), language="id")
            at = now.timestamp()
            with suppress(Malformed):
                for report in follow(one, states.setdefault(topic, GaugeState()), reading_of(rule, payload, at), at):
                    told[report["source_id"]] = "over_at" in report
        if said:
            broker.publish(said)
        room.at(now)
        with suppress(Killed):
            world.run(DyingRoom(room.room, dies_at=dice.choice([None, 1, 1, 2]), after=dice.random() < 0.5))
    world.run()
    ids = [one.event.id for one in room.events() if one.event.kind.value == "complaint.received"]
    found = [room.complaint(id_) for id_ in ids]
    assert {one.source_id: one.state.value == "done" for one in found} == told
    assert len(found) == len(told)
    room.close()
