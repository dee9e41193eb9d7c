"""Streams of a Redis: the kind passes the contract, and loses nothing to what becomes of streams and servers."""

import json
import socket
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from ingest.pull import Batch, Item, Misconfigured, PullSource, TryLater, configured
from ingest.sources import redis_stream
from ingest.sources.redis_stream import RedisStreamSource
from liveroom.runtime.errors import ConfigError
from tests.ingest.contract import PullContract, World
from tests.ingest.test_pull_kinds import record
from tests.rooms.packs import city
from tests.rooms.standing import StandingRoom
from tests.services.mosquitto import Mosquitto
from tests.services.redis import RedisServer

names = count(1)


class Stream:
    """A stream of its own in the tests' Redis."""

    def __init__(self, server: RedisServer) -> None:
        self.server, self.name = server, f"laporan-{next(names)}"
        self.redis: Any = Redis(port=server.port)

    def source(self, **options: Any) -> RedisStreamSource:
        given = {"name": "Aplikasi", "url": self.server.url, "stream": self.name, "field": "json", **options}
        return RedisStreamSource(**given)

    def add(self, *values: Any, **options: Any) -> list[str]:
        with self.redis.pipeline(transaction=False) as line:
            for value in values:
                line.xadd(
                    self.name, {"json": value if isinstance(value, bytes | str) else json.dumps(value)}, **options
                )
            return [id_.decode() for id_ in line.execute()]

    def ahead(self, position: str | None) -> list[str]:
        """The numbers that a look ahead shows."""
        shown = self.source().preview_in(position, city("tangerang"))
        return [item.value["source_id"] for item in shown.items] if shown else []

    @property
    def pending(self) -> int:
        return int(self.redis.xpending(self.name, "liveroom")["pending"])


@pytest.fixture
def stream(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stream]:
    for name in ("CONNECT_S", "ANSWER_S"):
        monkeypatch.setattr(redis_stream, name, 60.0)  # a busy machine is no server that hangs
    redis_server.start()
    one = Stream(redis_server)
    yield one
    one.redis.close()


class Reading:
    """Rounds of a source one after the other, each from where the one before ended."""

    def __init__(self, source: RedisStreamSource) -> None:
        self.source, self.position, self.sizes = source, None, list[int]()

    def items(self) -> list[Item]:
        found: list[Item] = []
        for batch in self.source.fetch(self.position):
            self.keep(batch)
            found += batch.items
        return found

    def keep(self, batch: Batch) -> None:
        self.position = batch.position
        self.sizes.append(len(batch.items))

    def numbers(self) -> list[str]:
        return [item.value["source_id"] for item in self.items()]


class TestRedisStream(PullContract):
    """A JSON object an entry."""

    @pytest.fixture(autouse=True)
    def served(self, stream: Stream) -> None:
        self.stream = stream

    def configure(self, folder: Path) -> PullSource:
        self.stream.redis.xgroup_create(self.stream.name, "liveroom", id="0", mkstream=True)
        return self.stream.source()

    def unreadable(self, folder: Path) -> PullSource:
        return self.stream.source(stream="nowhere")

    def write(self, folder: Path, first: int, good: int, bad: int) -> None:
        self.stream.add(*(f"{{no json {n}" for n in range(bad)), *(record(n) for n in range(first, first + good)))


# ---- what an entry tells ----


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        (
            {"isi": "Lubang", "category": "jalan_rusak", "lat": "-6.17", "lon": "106,6", "person.name": "Siti"},
            {
                "description": "Lubang", "category": "jalan_rusak", "lat": -6.17, "lon": "106,6",
                "person": {"name": "Siti"}, "source_id": "7-1",
            },
        ),
        (
            {"source_id": "A", "media": "https://a.id/1 https://a.id/2", "drill": "False", "description": "not mapped"},
            {"source_id": "A", "media": ["https://a.id/1", "https://a.id/2"], "drill": False},
        ),
    ],
)  # fmt: skip
def test_fields_of_an_entry_are_those_of_a_report(
    stream: Stream, fields: dict[str, str], value: dict[str, object]
) -> None:
    stream.redis.xadd(stream.name, fields, id="7-1")
    (item,) = Reading(stream.source(field="", map={"description": "isi"})).items()
    assert item.value == value


def test_what_cannot_be_read_is_kept_as_it_came_and_does_not_come_again(stream: Stream) -> None:
    stream.add(b"\xff\xfe", "[" * 40 + "]" * 40, "x" * (1024 * 1024), 17)
    stream.redis.xadd(stream.name, {"other": "x", b"\xff": b"\xff"})
    reading = Reading(stream.source())
    items = reading.items()
    assert [item.fault is None for item in items] == [False, False, False, True, False]  # 17 the room refuses
    assert items[0].raw == "\\xff\\xfe" and items[2].raw.startswith("xxx")
    assert json.loads(items[4].raw) == {"other": "x", "\\xff": "\\xff"}
    assert "1048576 bytes" in str(items[2].fault)
    assert reading.items() == [] and stream.pending == 0


def test_large_entries_are_asked_for_in_smaller_batches(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_stream, "ENOUGH_BYTES", 50_000)
    stream.add(*({**record(n), "description": "x" * 4000} for n in range(60)))
    reading = Reading(stream.source())
    assert len(reading.items()) == 60
    assert max(reading.sizes) <= 12


# ---- what was left behind ----


def test_what_was_taken_and_not_acknowledged_is_acknowledged_and_not_taken_again(stream: Stream) -> None:
    stream.add(*(record(n) for n in range(5)))
    reading = Reading(stream.source())
    batches = reading.source.fetch(None)
    reading.keep(next(batches))
    batches.close()  # the process dies when the batch is in the log
    assert stream.pending == 5
    stream.add(record(5))
    assert reading.numbers() == ["L-000005"] and stream.pending == 0


def test_what_a_consumer_that_is_gone_left_lying_is_taken_over(stream: Stream) -> None:
    stream.add(*(record(n) for n in range(25)))
    stream.redis.xgroup_create(stream.name, "liveroom", id="0")
    stream.redis.xreadgroup("liveroom", "gone", {stream.name: ">"}, count=15)
    assert len(Reading(stream.source()).items()) == 10  # it may still be at it
    left = [entry for entry, _ in stream.redis.xrange(stream.name)[:15]]
    stream.redis.xclaim(stream.name, "liveroom", "gone", 0, left, idle=600_000)
    assert len(Reading(stream.source()).items()) == 15 and stream.pending == 0


def test_what_was_removed_before_it_was_read_is_told_once(stream: Stream) -> None:
    ids = stream.add(*(record(n) for n in range(6)))
    reading = Reading(stream.source())
    batches = reading.source.fetch(None)
    next(batches)
    batches.close()  # the process dies with the batch
    stream.redis.xdel(stream.name, ids[1])
    items = reading.items()
    assert [str(item.fault) for item in items if item.fault] == [": was removed from the stream before it was read"]
    assert len(items) == 6
    stream.add(*(record(n) for n in range(6, 12)))
    stream.redis.xtrim(stream.name, maxlen=2, approximate=False)
    (told, *rest) = reading.items()
    assert "removed from the stream" in str(told.fault) and [item.value["source_id"] for item in rest] == [
        "L-000010",
        "L-000011",
    ]
    assert reading.items() == []


# ---- groups and servers ----


def test_a_group_that_is_to_begin_with_what_is_new_does_and_goes_on_where_it_was_once_it_is_lost(
    stream: Stream,
) -> None:
    stream.add(record(1))
    reading = Reading(stream.source(start="new"))
    assert reading.numbers() == []
    stream.add(record(2))
    assert reading.numbers() == ["L-000002"]
    stream.redis.xgroup_destroy(stream.name, "liveroom")
    stream.add(record(3))
    assert reading.numbers() == ["L-000003"]


def test_a_server_that_lost_everything_is_read_from_the_beginning_of_what_it_has_then(
    stream: Stream, on_file: StandingRoom, tmp_path: Path
) -> None:
    world = World(on_file, stream.source(), tmp_path)
    stream.add(*(record(n) for n in range(1, 4)))
    world.run()
    stream.server.kill()
    world.run()
    assert "cannot be reached" in (world.health.fault or "")
    stream.server.start()
    world.run()
    assert "is not there" in (world.health.fault or "")
    stream.add(*(record(n) for n in range(3, 6)))
    world.run()
    assert world.numbers() == [f"L-{n:06}" for n in range(1, 6)] and world.health.fault is None


@pytest.mark.parametrize(
    ("command", "why", "kind"),
    [
        (("SET", "{stream}", "x"), "no stream", Misconfigured),
        (("CONFIG", "SET", "requirepass", "x"), "Authentication required", Misconfigured),
        (("REPLICAOF", "127.0.0.1", "{port}"), "replica", Misconfigured),
    ],
)
def test_what_a_person_has_to_mend_is_told(
    stream: Stream, command: tuple[str, ...], why: str, kind: type[Exception]
) -> None:
    if command[0] != "SET":
        stream.add(record(1))
        Reading(stream.source()).items()
        stream.add(record(2))
    stream.redis.execute_command(*(word.format(stream=stream.name, port=stream.server.port) for word in command))
    with pytest.raises(kind, match=why):
        list(stream.source().fetch(None))
    stream.server.kill()


def test_whoever_may_not_make_the_group_is_told_so(stream: Stream) -> None:
    stream.add(record(1))
    stream.redis.execute_command("ACL", "SETUSER", "baca", "on", ">x", "~*", "+@all", "-xgroup")
    port = stream.server.port
    with pytest.raises(Misconfigured, match="no permissions"):
        list(stream.source(url=f"redis://baca:x@127.0.0.1:{port}/0").fetch(None))


def test_a_look_ahead_delivers_and_makes_nothing(stream: Stream) -> None:
    stream.add(*(record(n) for n in range(4)))
    assert stream.ahead(None) == [f"L-{n:06}" for n in range(4)]
    assert stream.redis.xinfo_groups(stream.name) == []
    reading = Reading(stream.source())
    batches = reading.source.fetch(None)
    reading.keep(next(batches))
    batches.close()  # the process dies when the batch is in the log
    stream.add(record(4))
    stream.redis.xreadgroup("liveroom", "liveroom", {stream.name: ">"})
    stream.add(record(5))
    assert stream.ahead(reading.position) == ["L-000004", "L-000005"]
    assert stream.pending == 5 and reading.numbers() == ["L-000004", "L-000005"]


def test_one_that_was_removed_is_told_by_a_redis_that_does_not_name_it_to_whoever_takes_over(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis 6.2 answers XAUTOCLAIM with nil in the place of a removed entry."""
    stream.add(record(1))
    monkeypatch.setattr(Redis, "xautoclaim", lambda *_, **__: [b"0-0", [(None, None)]])
    assert Reading(stream.source()).numbers() == ["L-000001"]


@pytest.mark.parametrize(
    ("answer", "why", "kind"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "loading", TryLater),
        (b"-MASTERDOWN Link with MASTER is down\r\n", "MASTER is down", TryLater),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no Redis", Misconfigured),
        (b"-ERR unknown command 'XINFO'\r\n", "older than Redis 6.2", Misconfigured),
        (b"", "answer", TryLater),
    ],
)
def test_odd_servers_are_told_by_what_they_say(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, why: str, kind: type[Exception]
) -> None:
    if not answer:
        monkeypatch.setattr(redis_stream, "ANSWER_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_say, args=(server, answer), daemon=True).start()
        port = server.getsockname()[1]
        with pytest.raises(kind, match=why):
            list(RedisStreamSource(name="A", url=f"redis://127.0.0.1:{port}", stream="s").fetch(None))


def _say(server: socket.socket, answer: bytes) -> None:
    """Answer every command alike, or none at all."""
    client, _ = server.accept()
    with client:
        while client.recv(4096):
            if answer:
                client.sendall(answer)


def test_what_is_wrong_with_addresses_and_certificates_is_told_by_its_field(
    mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker has a TLS port like any other."""
    there = f"rediss://127.0.0.1:{mosquitto.tls_port}"
    for url, ca, field in (
        ("redis://127.0.0.1/0?foo=bar", "", "url"),
        ("redis://127.0.0.1", str(mosquitto.ca), "ca"),
        (there, str(mosquitto.home / "nowhere"), "ca"),
        (there, "", "ca"),
    ):
        monkeypatch.setenv("LIVEROOM_SECRET_R", url)
        with pytest.raises(Misconfigured) as told:
            list(RedisStreamSource(name="A", url="env:LIVEROOM_SECRET_R", stream="s", ca=ca).fetch(None))
        assert told.value.field == field


def test_settings_that_cannot_be_are_told_by_their_field() -> None:
    sections = [
        {"name": "A", "kind": "redis_stream", "url": "http://x", "stream": "s"},
        {"name": "D", "kind": "redis_stream", "url": "redis://x", "stream": "s", "ca": "x"},
        {"name": "B", "kind": "redis_stream", "url": "redis://u:geheim@x", "stream": "", "idle": "soon"},
        {"name": "C", "kind": "redis_stream", "url": "env:LIVEROOM_SECRET_R", "stream": "s", "password": "x"},
    ]
    with pytest.raises(ConfigError) as told:
        configured(sections, "c")
    assert [fault.where for fault in told.value.faults] == [
        *("c: sources[0].url", "c: sources[1].ca", "c: sources[2].url", "c: sources[2].idle", "c: sources[2].stream"),
        "c: sources[3].password",
    ]
    assert "geheim" not in str(told.value)
