"""A room that follows two others over HTTP: what it shows of each; one that fails takes nothing else along."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

from display.feed.cards import USUAL_ROOM_FIELDS
from display.feed.cities import FollowedCities
from display.feed.snapshot import Resume
from ingest.rooms import follower, foreign_feed
from ingest.rooms.follower import RoomFollower
from ingest.rooms.foreign_room import ForeignRoom
from liveroom.accounts.credentials import Followers
from liveroom.domain.complaints.intake import Report
from liveroom.log.event_log import database_now, mark_at, read_head
from liveroom.projection import followed
from liveroom.projection.followed import CityState, HeardCity, cards_of_city, cities, write_city
from liveroom.room.clock import Clock
from liveroom.runtime.config import FollowedRoom, followed_rooms
from liveroom.runtime.errors import ConfigError
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.databases import Opener
from tests.rooms.staffed import House
from tests.services.wait import until

NAMES = ("Tangerang", "New York")
Answer = Callable[[Request], Response]


class Served:
    """A city's room on a port of its own. ``asked``: the paths asked for; ``instead``: what answers in its place."""

    def __init__(self, folder: Path, city: str) -> None:
        self.house = House(folder, city=city)
        self.clock = Clock(self.house.opened.room, None)
        self.clock.tick()
        self.asked: list[str] = []
        self.instead: Answer | None = None
        self.port = 0
        self._server: BaseWSGIServer | None = None
        self.serve()

    def receive(self, name: str, category: str, **said: Any) -> None:
        self.house.opened.room.accept(Report(source_id=name, category=category, **said), source="x")

    def serve(self) -> None:
        self._server = make_server("127.0.0.1", self.port, self._answer, threaded=True)
        self.port = self._server.port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _answer(self, environ: dict[str, Any], respond: Any) -> Any:
        self.asked.append(environ["PATH_INFO"])
        if self.instead is not None:
            return self.instead(Request(environ))(environ, respond)
        self.clock.tick()
        return self.house.web.wsgi(environ, respond)


class Province:
    """The room that follows them, and its follower."""

    def __init__(self, folder: Path, served: dict[str, Served], keys: dict[str, Path]) -> None:
        self.house = House(folder)
        self.served, self.keys = served, keys
        self.runtime = ThreadRuntime()
        self.rooms = tuple(
            FollowedRoom(name=name, url=f"http://127.0.0.1:{one.port}", token=f"file:{keys[name]}", phone="110")
            for name, one in served.items()
        )
        sections = [{**msgspec.structs.asdict(room), "kind": "room"} for room in self.rooms]
        self.house.config = msgspec.structs.replace(self.house.config, sources=tuple(sections))
        self.begin()

    def begin(self) -> None:
        """A follower that starts anew, as after a restart of the process."""
        self.follower = RoomFollower(self.house.log, self.rooms, chance=lambda: 0.0)

    def city(self, name: str) -> CityState | None:
        self.follower.step(self.runtime)
        return self.house.log.read(cities).get(name)

    def until(self, name: str, fits: Callable[[CityState], object], why: str) -> CityState:
        def look() -> CityState | None:
            state = self.city(name)
            return state if state is not None and fits(state) else None

        found = until(look, within=60, why=f"{name}: {why}")
        assert found is not None
        return found


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "EVERY_S", 0.05)
    monkeypatch.setattr(follower, "MENDED_S", {})
    monkeypatch.setattr(follower, "LONGEST_PAUSE_S", 0.1)
    monkeypatch.setattr(foreign_feed, "MOST_SNAPSHOT", 1 << 20)
    monkeypatch.setattr(foreign_feed, "MOST_ANSWER", 1 << 20)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    with ExitStack() as stack:
        served, keys = {}, {}
        for name, city in zip(NAMES, ("tangerang", "newyork"), strict=True):
            one = served[name] = Served(tmp_path_factory.mktemp(city), city)
            stack.callback(one.stop)
            keys[name] = tmp_path_factory.mktemp("keys") / city
            keys[name].write_text(Followers(one.house.log).add("Banten", USUAL_ROOM_FIELDS))
        yield Province(tmp_path_factory.mktemp("province"), served, keys)


def heard(state: CityState) -> bool:
    return state.fault is None and state.body is not None and state.age_s is not None and state.age_s < 5


def test_each_city_is_shown_as_it_counts_itself_and_follows_by_its_position(province: Province) -> None:
    city = province.served["Tangerang"]
    city.receive("L-1", "kebakaran", lat=-6.1781, lon=106.6319, priority="critical")
    first = province.until("Tangerang", heard, "to be heard")
    assert first.body is not None
    assert (first.body["city"], first.body["waiting"], first.body["drill"]) == ("Kota Tangerang", 1, False)
    assert sum(n for _, n in first.body["districts"]) == 1
    alarm = first.body["alarm"]
    assert (alarm["kind"], alarm["priority"], alarm["acked"], alarm["status"]) == ("critical", 1, False, "waiting")
    assert alarm["area"] and alarm["category"] == "Kebakaran"
    city.receive("L-2", "sampah")
    later = province.until("Tangerang", lambda state: state.body and state.body["waiting"] == 2, "the second complaint")
    assert later.version > first.version
    assert city.asked.count("/feed/snapshot") == 1
    assert province.house.opened.room.open_of("x") == (), "what is theirs is no complaint of this room"
    told = FollowedCities(province.house.log, province.rooms)
    assert [one["name"] for one in told.ages()] == list(NAMES), "always in the order of the settings"
    assert told.blocks()[0]["phone"] == "110"


def test_the_feed_tells_of_them_to_whoever_looks_for_the_whole_room(province: Province) -> None:
    province.until("Tangerang", heard, "to be heard")
    tail, log = province.house.web.tail, province.house.log
    resume = Resume(log, tail._cards, tail._identity, lambda: "", tail.cities)
    start = {"seq": 0, "mark": log.read(lambda c: mark_at(c, 0, read_head(c)))}

    def answer(audience: str) -> dict[str, Any]:
        return resume.answer(audience, {**start, "epoch": resume.answer(audience, {})["epoch"]})

    told = answer("wall")
    assert [one["name"] for one in told["beat"]["cities"]] == [one["name"] for one in told["cities"]] == list(NAMES)
    assert json.dumps(told), "as Socket.IO sends it"
    agencies = answer("agency:dpupr")
    assert "cities" not in {*agencies, *agencies["beat"]}
    browser = province.house.browser()
    shown = {"Authorization": f"Bearer {province.house.screens.add('dinding', 'wall')}"}
    page = browser.get("/province", headers=shown)
    assert (page.status_code, "city-detail" in page.text) == (200, True)
    assert browser.get("/wall?scene=province", headers=shown).headers["Location"] == "/province"
    city = province.served["Tangerang"].house
    shown = {"Authorization": f"Bearer {city.screens.add('dinding', 'wall')}"}
    assert city.browser().get("/province", headers=shown).headers["Location"] == "/wall", "it follows nobody"


def test_after_a_restart_a_city_is_asked_from_where_it_was_left(province: Province) -> None:
    city = province.served["Tangerang"]
    province.until("Tangerang", heard, "to be heard")
    province.follower.stop()
    held, kept = province.follower._states[0].held, ForeignRoom()
    assert kept.restore(province.house.log.read(lambda c: cards_of_city(c, "Tangerang")) or b"")
    assert (kept.seq, kept.block()) == (held.seq, held.block())
    before, taken = province.house.log.read(cities)["Tangerang"], city.asked.count("/feed/snapshot")
    city.receive("L-3", "sampah")
    province.begin()
    assert province.house.log.read(cities)["Tangerang"].body == before.body, "its last figures stand meanwhile"
    waited = (before.body or {})["waiting"]
    province.until("Tangerang", lambda state: state.body and state.body["waiting"] == waited + 1, "what came meanwhile")
    assert city.asked.count("/feed/snapshot") == taken


def test_a_city_that_is_gone_ages_alone_and_comes_back(province: Province) -> None:
    both = [province.until(name, heard, "to be heard") for name in NAMES]
    gone = province.served["New York"]
    gone.stop()
    silent = province.until("New York", lambda state: state.fault == "away", "to fall silent")
    assert silent.body == both[1].body, "its figures stay, and grow old"
    until(lambda: (province.city("New York") or silent).age_s > 1, within=30, why="its age to grow")  # type: ignore[operator]
    province.served["Tangerang"].receive("L-4", "sampah")
    waited = (both[0].body or {})["waiting"]
    other = province.until("Tangerang", lambda state: state.body and state.body["waiting"] > waited, "to go on")
    assert heard(other)
    gone.serve()
    province.until("New York", heard, "to be heard again")


def test_a_revoked_key_silences_its_city_alone(province: Province) -> None:
    followers = Followers(province.served["New York"].house.log)
    province.until("New York", heard, "to be heard")
    followers.revoke("Banten")
    province.until("New York", lambda state: state.fault == "key", "to be refused")
    province.until("Tangerang", heard, "to go on")
    province.keys["New York"].write_text(followers.add("Banten", ("overdue",)))
    back = province.until("New York", heard, "to be heard under its new key")
    assert back.body is not None
    assert back.body["districts"] == [], "what the new key does not allow is not there"


def changed(house: House, key: str, **values: Any) -> dict[str, Any]:
    """A true answer of this room with other values, by the path of names and numbers."""
    shown = {"Authorization": f"Bearer {key}"}
    snapshot = json.loads(house.browser().get("/feed/snapshot", headers=shown).data)
    for path, value in values.items():
        *way, last = path.split("__")
        at = snapshot
        for name in way:
            at = at[name]
        at[last] = value
    return snapshot


HOSTILE: dict[str, tuple[str, Callable[[dict[str, Any]], bytes]]] = {
    "no JSON": ("garbage", lambda _: b"<html>maintenance</html>"),
    "deep": ("garbage", lambda _: b"[" * 100_000),
    "negative": ("garbage", lambda told: json.dumps({**told, "seq": -1}).encode()),
    "unequal": ("garbage", lambda told: json.dumps({**told, "cards": {**told["cards"], "status": []}}).encode()),
    "a long word": ("garbage", lambda told: json.dumps({**told, "mark": "m" * 5000}).encode()),
    "no city": ("old", lambda told: json.dumps({**told, "city": None}).encode()),
    "endless": ("large", lambda _: b" " * (2 << 20)),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_no_feed_may_answer_is_said_and_stays_outside(province: Province, what: str) -> None:
    city = province.served["Tangerang"]
    fault, body = HOSTILE[what]
    answer = body(changed(city.house, province.keys["Tangerang"].read_text()))
    before = province.until("Tangerang", heard, "to be heard")
    province.follower._states[0].held.epoch = ""  # as where it begins anew
    city.instead = lambda _: Response(answer, content_type="application/json")
    try:
        state = province.until("Tangerang", lambda state: state.fault == fault, f"to be refused as {fault}")
        assert state.body == before.body
        assert "m" * 100 not in (state.more or "")
        province.until("New York", heard, "to go on")
    finally:
        city.instead = None


def test_what_a_hostile_city_writes_comes_as_short_printable_words(province: Province) -> None:
    city = province.served["Tangerang"]
    told = changed(city.house, province.keys["Tangerang"].read_text(), city__name="\u202eKota\u0000\n" + "x" * 100)
    real = city.house.web.wsgi
    province.until("Tangerang", heard, "to be heard")
    province.follower._states[0].held.epoch = ""

    def answer(asked: Request) -> Response:
        if asked.path == "/feed/snapshot":
            return Response(json.dumps(told), content_type="application/json")
        return Response.from_app(real, asked.environ)

    city.instead = answer
    try:
        state = province.until("Tangerang", lambda state: state.body and "x" in state.body["city"], "its name")
        assert (state.body or {})["city"] == "Kota" + "x" * 76
    finally:
        city.instead = None


def test_an_answer_that_something_between_gives_again_is_no_proof(province: Province) -> None:
    city = province.served["Tangerang"]
    real, kept = city.house.web.wsgi, dict[str, bytes]()
    province.until("Tangerang", heard, "to be heard")

    def again(asked: Request) -> Response:
        body = kept.setdefault(asked.path, Response.from_app(real, asked.environ).data)
        return Response(body, content_type="application/json")

    city.instead = again
    try:
        province.until("Tangerang", lambda state: "same answer" in (state.more or ""), "the same answer twice")
    finally:
        city.instead = None


def test_newer_figures_have_the_greater_version_also_after_the_clock_was_set_back(
    open_standing: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Screens keep the greater one: else a city would stand still and look live."""
    room = open_standing()
    versions = []
    for back in (0, 30, 29):
        earlier = timedelta(seconds=back)
        monkeypatch.setattr(followed, "database_now", lambda c, earlier=earlier: database_now(c) - earlier)
        said = HeardCity(age_s=0.1, room_at="2026-11-24T02:00:00Z", body=b'{"waiting": %d}' % back)
        room.log.touch(lambda c, said=said: write_city(c, "Tangerang", said))
        versions.append(room.read(cities)["Tangerang"].version)
    assert versions == sorted(set(versions))


@pytest.mark.parametrize(
    ("fault", "said"),
    [("clock", {"now": "2020-01-01T00:00:00Z"}), ("stopped", {"as_of": None}), ("garbage", {"mark": "another"})],
)
def test_a_beat_that_proves_nothing_is_no_life(province: Province, fault: str, said: dict[str, Any]) -> None:
    city = province.served["Tangerang"]
    real = city.house.web.wsgi
    province.until("Tangerang", heard, "to be heard")

    def answer(asked: Request) -> Response:
        if asked.path == "/feed/snapshot":
            return Response.from_app(real, asked.environ)
        told = json.loads(Response.from_app(real, asked.environ).data)
        return Response(json.dumps({**told, "beat": {**told["beat"], **said}}), content_type="application/json")

    province.follower._states[0].beat = None
    city.instead = answer
    try:
        province.until("Tangerang", lambda state: state.fault == fault, f"to be doubted as {fault}")
    finally:
        city.instead = None


def test_the_settings_say_what_is_wrong_with_them() -> None:
    sections = [
        {"kind": "folder", "name": "x"},
        {"kind": "room", "name": "A", "url": "ftp://a", "token": "abc", "phones": "1"},
        {"kind": "room", "name": "A", "url": "https://a.example", "token": "abc"},
        {"kind": "room"},
    ]
    with pytest.raises(ConfigError) as error:
        followed_rooms(sections, "config.yaml")
    said = [str(fault) for fault in error.value.faults]
    assert any("sources[1].phones" in one for one in said)
    assert any("sources[2].token" in one and "never the secret itself" in one for one in said)
    assert sum("sources[3]." in one and "is required" in one for one in said) == 3
