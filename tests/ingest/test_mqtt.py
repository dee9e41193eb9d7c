"""Gauges by MQTT: the kind passes the contract, and tells each episode once, whatever dies in between."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ingest.gauges import Gauge, GaugePlace
from ingest.pull import Batch, Misconfigured, PullSource, Secret, TryLater, configured
from ingest.sources import mqtt
from ingest.sources.mqtt import MqttSource
from liveroom.domain.timestamps import to_text
from liveroom.runtime.errors import ConfigError
from tests.ingest.contract import DyingRoom, Killed, PullContract, World
from tests.rooms.packs import city
from tests.rooms.standing import START, StandingRoom
from tests.services.mosquitto import PASSWORD, USER, Mosquitto

numbers = count(1)
AT = f"{START.astimezone(UTC):%Y%m%dT%H%M%SZ}"


class Hands:
    """The clock of the source and, once it is given one, of its room."""

    def __init__(self) -> None:
        self.now, self.world = START, None

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)
        if self.world is not None:
            self.world.standing.at(self.now)


@pytest.fixture(autouse=True)
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    one = Hands()
    monkeypatch.setattr(mqtt, "system_now", lambda: one.now)
    monkeypatch.setattr(mqtt, "ANSWER_S", 60.0)  # a busy machine is no broker that hangs
    return one


@pytest.fixture(autouse=True)
def login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEROOM_SECRET_MQTT", PASSWORD)
    monkeypatch.setenv("LIVEROOM_SECRET_WRONG", "x")


class Gauges:
    """Topics of its own at the tests' broker; a source of them stands there from the beginning."""

    def __init__(self, broker: Mosquitto) -> None:
        self.broker, self.root = broker, f"air{next(numbers)}"

    def source(self, *, port: int = 0, host: str = "127.0.0.1", **options: Any) -> MqttSource:
        gauge = {"topic": f"{self.root}/+", "category": "banjir", "raise_at": 250, "clear_at": 220, "clear_hold": "0s"}
        own = {name: options.pop(name) for name in list(options) if name in Gauge.__struct_fields__}
        given = {
            "name": self.root, "client": self.root, "user": USER, "password": Secret("env:LIVEROOM_SECRET_MQTT"),
            "stay": False, "gauges": [Gauge(**{**gauge, **own})], **options,
        }  # fmt: skip
        return MqttSource(host=host, port=port or self.broker.port, **given)

    def subscribed(self, **options: Any) -> MqttSource:
        source = self.source(**options)
        list(source.fetch_in(None, city("tangerang")))
        return source

    def say(self, *readings: object, retain: bool = False, name: str = "10") -> None:
        self.broker.publish([(f"{self.root}/{name}", str(one)) for one in readings], retain=retain)


@pytest.fixture
def gauges(mosquitto: Mosquitto) -> Gauges:
    return Gauges(mosquitto)


def read(source: MqttSource, position: str | None) -> Iterator[Batch]:
    return source.fetch_in(position, city("tangerang"))


class TestMqtt(PullContract):
    """Each gauge passes its level once; what is bad is no number."""

    @pytest.fixture(autouse=True)
    def served(self, gauges: Gauges) -> None:
        self.gauges = gauges

    def configure(self, folder: Path) -> PullSource:
        return self.gauges.subscribed(value="v", at="t")

    def unreadable(self, folder: Path) -> PullSource:
        return self.gauges.source(password=Secret("env:LIVEROOM_SECRET_WRONG"))

    def number(self, n: int) -> str:
        return f"{self.gauges.root}/{n:06} v@{AT}"

    def write(self, folder: Path, first: int, good: int, bad: int) -> None:
        said = json.dumps({"v": 300, "t": to_text(START)})
        broken = [(f"{self.gauges.root}/x", f"nan {n}") for n in range(bad)]
        self.gauges.broker.publish(broken + [(f"{self.gauges.root}/{n:06}", said) for n in range(first, first + good)])


# ---- episodes in the room ----


@pytest.fixture
def world(on_file: StandingRoom, gauges: Gauges, hands: Hands, tmp_path: Path) -> World:
    source = gauges.subscribed(
        raise_at=250,
        priorities={"critical": 300},
        places={"10": GaugePlace(name="Pintu Air 10", lat=-6.1781, lon=106.6319)},
    )
    hands.world = World(on_file, source, tmp_path)
    return hands.world


def complaint_of(world: World) -> Any:
    (id_,) = [one.event.id for one in world.standing.events() if one.event.kind.value == "complaint.received"]
    return world.standing.complaint(id_)


def kinds(world: World) -> list[str]:
    return [one.event.kind.value for one in world.standing.events() if one.event.kind.value.startswith("complaint.")]


def test_an_episode_is_one_complaint_that_grows_more_urgent_and_ends_by_itself(
    world: World, gauges: Gauges, hands: Hands
) -> None:
    for level in (240, 260, 310, 230, 200):
        gauges.say(level)
        hands.later(minutes=1)
        world.run()
    one = complaint_of(world)
    assert (one.channel, one.priority, one.state.value, one.in_city) == ("sensor", "critical", "done", True)
    assert world.health.rejected == 0
    assert kinds(world) == ["complaint.received", "complaint.amended", "complaint.amended", "complaint.closed"]


@pytest.mark.parametrize("after", [True, False])
def test_whoever_dies_between_what_is_stored_and_what_is_told_tells_the_same_again(
    world: World, gauges: Gauges, hands: Hands, after: bool
) -> None:
    gauges.say(260)
    with pytest.raises(Killed):
        world.run(DyingRoom(world.standing.room, dies_at=1, after=after))
    hands.later(minutes=10)
    gauges.say(280)
    world.run()
    world.run()
    assert world.numbers() == [f"{gauges.root}/10@{AT}"]


def test_what_was_stored_and_not_acknowledged_comes_again_and_counts_once(gauges: Gauges, hands: Hands) -> None:
    source = gauges.subscribed(jump=50)
    gauges.say(100)
    position = [batch.position for batch in read(source, None)][-1]
    hands.later(minutes=1)
    gauges.say(900)
    batches = read(source, position)
    kept = next(batch for batch in batches if batch.items)
    batches.close()  # the process dies before it could acknowledge
    hands.later(minutes=1)
    assert [item for batch in read(source, kept.position) for item in batch.items] == []


def test_a_retained_reading_counts_only_with_its_time(gauges: Gauges, hands: Hands) -> None:
    gauges.say(json.dumps({"v": 300}), retain=True)
    gauges.say(json.dumps({"v": 300, "t": to_text(hands.now)}), retain=True, name="11")
    told = [item.value for batch in read(gauges.source(value="v", at="t"), None) for item in batch.items]
    assert [one["source_id"] for one in told] == [f"{gauges.root}/11 v@{AT}"]
    gauges.broker.publish([(f"{gauges.root}/10", ""), (f"{gauges.root}/11", "")], retain=True)


def test_a_gauge_that_is_silent_is_named_until_it_is_heard(world: World, gauges: Gauges, hands: Hands) -> None:
    world.source = gauges.source(every="10m", places={"10": GaugePlace(name="Pintu Air 10")})
    world.run()
    gauges.say(100, name="11")
    hands.later(minutes=11)
    world.run()
    assert world.health.fault == "silent: Pintu Air 10 (never heard)"
    hands.later(minutes=11)
    gauges.say(100)
    world.run()
    assert world.health.fault == f"silent: 11 (since {to_text(START + timedelta(minutes=11))})"
    gauges.say(100, name="11")
    world.run()
    assert world.health.fault is None and world.health.success_at is not None


def test_one_that_stays_gives_signs_of_life_and_tells_at_once(gauges: Gauges, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "QUIET_S", 0.1)
    source = gauges.subscribed()
    batches = read(gauges.source(stay=True), None)
    first, second = next(batches), next(batches)
    assert first.position == second.position and not (first.items or second.items)
    gauges.say(300)
    told = next(item for batch in batches for item in batch.items)
    assert told.value["source_id"].startswith(f"{gauges.root}/10@")
    batches.close()
    assert [batch.items for batch in read(source, None) if batch.items] == []


def test_a_look_ahead_shows_what_is_retained_and_leaves_the_session_to_the_room(gauges: Gauges, hands: Hands) -> None:
    source, said = gauges.subscribed(value="v", at="t"), json.dumps({"v": 300, "t": to_text(hands.now)})
    gauges.say(said)
    gauges.say(said, retain=True, name="11")
    batches = read(source, None)
    next(batches)
    shown = source.preview_in(None, city("tangerang"))
    assert shown is not None and [one.value["source_id"] for one in shown.items] == [f"{gauges.root}/11 v@{AT}"]
    told = [item.value["source_id"] for batch in batches for item in batch.items]
    assert told == [f"{gauges.root}/{name} v@{AT}" for name in ("10", "11")]
    gauges.broker.publish([(f"{gauges.root}/11", "")], retain=True)


def test_a_silent_gauge_is_named_whatever_blanks_its_topic_has_and_whatever_the_clock_did(
    gauges: Gauges, hands: Hands
) -> None:
    source = gauges.subscribed(every="10m", value="a.v")
    gauges.say(json.dumps({"a": {"v": 100}}), name="pintu air 10")
    hands.later(days=2)
    position = [batch.position for batch in read(source, None)][-1]
    hands.later(days=-2)
    assert [batch.fault for batch in read(source, position)][-1] == ""
    position = [batch.position for batch in read(source, position)][-1]
    hands.later(minutes=11)
    assert [batch.fault for batch in read(source, position)][-1] == (f"silent: pintu air 10 (since {to_text(START)})")


def test_gauges_that_the_settings_name_no_more_make_room_for_others(
    gauges: Gauges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "MOST_GAUGES", 1)
    before = gauges.subscribed()
    gauges.say(100)
    position = [batch.position for batch in read(before, None)][-1]
    now = gauges.subscribed(topic=f"{gauges.root}/baru/+")
    gauges.say(300, name="baru/10")
    batches = list(read(now, position))
    assert len([item for batch in batches for item in batch.items]) == 1 and batches[-1].fault == ""


# ---- brokers ----


def test_it_speaks_tls_and_both_versions(gauges: Gauges) -> None:
    broker, kept = gauges.broker, gauges.subscribed()
    gauges.say(300, retain=True)
    tls = gauges.source(host="127.0.0.1", port=broker.tls_port, tls=True, ca=str(broker.ca), version=3)
    assert len([item for batch in read(tls, None) for item in batch.items]) == 1
    gauges.broker.publish([(f"{gauges.root}/10", "")], retain=True)
    with pytest.raises(Misconfigured, match="ca: the broker's certificate is not trusted"):
        list(read(gauges.source(port=broker.tls_port, tls=True), None))
    assert kept.version == 5


def test_what_comes_while_the_broker_restarts_is_taken_afterwards(gauges: Gauges, hands: Hands) -> None:
    source = gauges.subscribed()
    gauges.say(300)
    gauges.broker.stop()
    with pytest.raises(TryLater, match="cannot be reached"):
        list(read(source, None))
    gauges.broker.start()
    assert len([item for batch in read(source, None) for item in batch.items]) == 1


@pytest.mark.parametrize("hangs", [True, False])
def test_a_broker_that_hangs_or_is_none_is_tried_later(
    gauges: Gauges, monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    monkeypatch.setattr(mqtt, "ANSWER_S", 0.3)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))  # whoever does not listen refuses, and nobody else gets the port
        if hangs:
            server.listen()
        source = gauges.source(port=server.getsockname()[1])
        with pytest.raises(TryLater, match="does not answer" if hangs else "cannot be reached"):
            list(read(source, None))


def test_settings_that_cannot_be_are_told_by_their_field() -> None:
    gauge = {"topic": "a", "category": "banjir", "raise_at": 2, "clear_at": 1}
    sections = [
        {"name": "A", "kind": "mqtt", "host": "a/b", "gauges": []},
        {"name": "B", "kind": "mqtt", "host": "a", "gauges": [gauge, {**gauge, "clear_at": 3}]},
        {
            "name": "C",
            "kind": "mqtt",
            "host": "a",
            "gauges": [{**gauge, "rais_at": 3}],
            "password": "env:LIVEROOM_SECRET_M",
        },
    ]
    with pytest.raises(ConfigError) as told:
        configured(sections, "c")
    assert [fault.where for fault in told.value.faults] == [
        *("c: sources[0].host", "c: sources[0].gauges", "c: sources[1].gauges[1].clear_at"),
        *("c: sources[1].gauges[1].topic", "c: sources[2].gauges"),
    ]
