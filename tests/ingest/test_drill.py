"""The drill on a real room: a full wall at once, every colour within the hour, restarts, and people who take a hand."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ingest.drill.driver import Drill
from liveroom.accounts import quarantine
from liveroom.accounts.arrivals import Arrivals, health_of_all
from liveroom.accounts.sources import Sources
from liveroom.domain.complaints.intake import Report
from liveroom.domain.complaints.model import Complaint, State, Status
from liveroom.domain.requests import Command
from liveroom.log import schema
from liveroom.room.clock import Clock
from liveroom.room.room import Room
from tests.often import some
from tests.rooms.on_sqlite import city, complaints, open_room, set_time

pytestmark = pytest.mark.long

SEVEN = datetime(2026, 11, 24, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 28, 0, tzinfo=UTC)


class Show:
    """A drill room whose hands the test turns."""

    def __init__(self, database: Path, at: datetime = SEVEN, seed: int = 3671, key: str = "tangerang") -> None:
        self.database, self.now, self.seed, self.key = database, at, seed, key
        self.room: Room = open_room(database, kind="drill", at=at, key=key)
        self.start()

    def start(self) -> None:
        """Begin as a process does that knows nothing."""
        self.arrivals = Arrivals(self.room.log)
        self.drill = Drill(self.room, Sources(self.room.log), city(self.key), self.seed, counts=self.arrivals)
        self.step()

    def step(self) -> datetime:
        while (wanted := self.drill.step()) <= self.now:
            pass
        Clock(self.room, None).tick()
        self.arrivals.flush()
        return wanted

    def pass_(self, minutes: int, every: int = 5) -> None:
        for _ in range(0, minutes, every):
            self.now += timedelta(minutes=every)
            set_time(self.room, self.now)
            self.step()

    def ours(self) -> dict[str, Complaint]:
        return {one.source_id: one for one in complaints(self.room)}

    def ids(self) -> list[str]:
        """Of its sources."""
        return [one.source.id for one in Sources(self.room.log).all()]

    def slips(self) -> list[tuple[str, str]]:
        """Source and field of what was refused."""
        found = self.room.log.read(lambda c: quarantine.entries(c, source=None, state=None, cursor=None, limit=500))
        return sorted((entry.source, entry.field) for entry in found)

    def counts(self) -> Counter[Status]:
        return Counter(one.status for one in complaints(self.room))


@pytest.fixture(scope="module")
def seven(tmp_path_factory: pytest.TempPathFactory) -> Show:
    """The drill as it begins, for copies: to fill a wall costs more than the hour after it."""
    return Show(tmp_path_factory.mktemp("seven") / "room.sqlite")


def copy_of(seven: Show, path: Path) -> Show:
    """The drill goes on in a copy, by a process that knows nothing."""
    with closing(sqlite3.connect(seven.database)) as source:
        source.execute("vacuum into ?", (str(path),))
    return Show(path)


@pytest.fixture
def show(seven: Show, tmp_path: Path) -> Show:
    return copy_of(seven, tmp_path / "room.sqlite")


@pytest.mark.often
@pytest.mark.parametrize(
    ("at", "seed"), some([(SEVEN, 3671), (SEVEN, 2), (SATURDAY, 3671)], [(SEVEN, 3671), (SATURDAY, 3671)])
)
def test_the_wall_is_full_at_once_and_shows_every_colour_within_the_hour(
    seven: Show, tmp_path: Path, at: datetime, seed: int
) -> None:
    path = tmp_path / "room.sqlite"
    drill = copy_of(seven, path) if (at, seed) == (seven.now, seven.seed) else Show(path, at=at, seed=seed)
    morning = complaints(drill.room)
    open_ = [one for one in morning if one.open]
    assert 100 <= len(open_) <= 300
    assert {one.status for one in open_} == {Status.WAITING, Status.IN_PROCESS}
    assert any(one.overdue for one in open_)
    assert any(one.received_at < at - timedelta(days=1) for one in open_)
    assert all(one.received_at <= at for one in morning)
    drill.pass_(60)
    counts, now = drill.counts(), [one for one in complaints(drill.room) if one.open]
    assert min(counts[Status.WAITING], counts[Status.IN_PROCESS], counts[Status.DONE]) >= 10
    assert any(one.overdue for one in now)
    assert len(complaints(drill.room)) > len(morning)


def test_the_plain_drill_of_a_city_without_words_runs_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.drill.driver.PACKS", tmp_path)
    drill = Show(tmp_path / "room.sqlite", at=datetime(2026, 11, 24, 12, tzinfo=UTC), key="newyork")
    drill.pass_(60)
    assert min(drill.counts()[status] for status in (Status.WAITING, Status.IN_PROCESS, Status.DONE)) > 0


def test_a_restart_neither_repeats_nor_skips(seven: Show, tmp_path: Path) -> None:
    through, broken = (copy_of(seven, tmp_path / f"{name}.sqlite") for name in ("through", "broken"))
    for _ in range(3):
        through.pass_(15)
        broken.pass_(15)
        broken.start()
    one, other = through.ours(), broken.ours()
    assert one.keys() == other.keys()
    assert [other[key].received_at for key in one] == [one[key].received_at for key in one]
    differ = [key for key in one if one[key].state is not other[key].state]
    assert len(differ) <= len(one) / 50
    assert {key: one[key].reopened for key in one} == {key: other[key].reopened for key in one}
    assert through.slips() == broken.slips() != []


def test_after_a_long_stop_the_room_fills_up_again(show: Show) -> None:
    show.pass_(30)
    show.now += timedelta(hours=30)
    set_time(show.room, show.now)
    show.start()
    show.pass_(60)
    counts = show.counts()
    assert min(counts[Status.WAITING], counts[Status.IN_PROCESS], counts[Status.DONE]) >= 10
    assert len([one for one in complaints(show.room) if one.open]) < 300


def order(one: Complaint, name: str, **fields: object) -> Command:
    agency = fields.pop("actor_agency", None)
    return Command(
        command_id=f"test-{name}-{one.id}",
        name=name,
        subject=one.id,
        actor="somebody",
        role="agency" if agency else "supervisor",
        actor_agency=str(agency) if agency else None,
        seen_seq=one.seq,
        fields=fields,
    )


@dataclass(frozen=True)
class Day:
    """A day and more of the drill, in which people take a hand in three complaints and others send four.

    ``looks``: all complaints after two hours and a half, and every four hours from there.
    """

    others: list[tuple[str, str]]
    held: str
    declined: str
    taken: str
    looks: list[dict[str, Complaint]]


@pytest.fixture(scope="module")
def day(seven: Show, tmp_path_factory: pytest.TempPathFactory) -> Day:
    drill = copy_of(seven, tmp_path_factory.mktemp("day") / "room.sqlite")
    room = drill.room
    laksa = Sources(room.log).ensure("LAKSA", None)
    others = [("other", "L-1"), (laksa, "L-2"), (laksa, "D-20261124-9999"), ("other", "D-20261124-0001")]
    for source, source_id in others:
        room.accept(Report(source_id=source_id, category="pju_mati", lat=-6.17, lon=106.63), source=source)
    held, declined, taken = [one for one in complaints(room) if one.state is State.FORWARDED and not one.paused][:3]
    until = (SEVEN + timedelta(hours=3)).isoformat()
    room.execute(order(held, "hold", reason="test", until=until))
    room.execute(order(declined, "decline", reason="test", actor_agency=declined.agency))
    room.execute(order(taken, "accept", actor_agency=taken.agency))
    drill.pass_(150)
    looks = [{one.id: one for one in complaints(room)}]
    for _ in range(6):
        drill.pass_(240, every=40)
        looks.append({one.id: one for one in complaints(room)})
    return Day(others=others, held=held.id, declined=declined.id, taken=taken.id, looks=looks)


def test_what_its_sources_send_is_counted_by_the_hour_and_one_app_now_and_then_sends_what_is_refused(
    show: Show,
) -> None:
    show.pass_(180, every=20)
    counted = show.room.log.read(lambda c: health_of_all(c, show.ids()))
    came = sum(one.received_at > show.now - timedelta(hours=24) for one in complaints(show.room))
    assert 0.9 * came < sum(sum(one.hours) for one in counted.values()) <= came
    assert 0 < sum(one.per_hour for one in counted.values()) < 0.3 * came
    refused = show.slips()
    assert len({source for source, _ in refused}) == 1
    assert {field for _, field in refused} <= {"lat", "priority"}
    assert all(one.source_id.startswith("D-") for one in complaints(show.room))


def test_complaints_of_others_are_never_touched(day: Day) -> None:
    untouched = [one for one in day.looks[-1].values() if (one.source, one.source_id) in day.others]
    assert [one.state for one in untouched] == [State.RECEIVED] * 4


def test_people_may_take_a_hand_and_the_staff_goes_on_from_there(day: Day) -> None:
    assert day.looks[0][day.held].paused == "hold"
    after = [day.looks[-1][id_] for id_ in (day.held, day.declined, day.taken)]
    assert all(one.accepted_by for one in after)
    assert sum(not one.open for one in after) >= 2


def test_a_day_never_runs_dry_and_never_piles_up(day: Day) -> None:
    for look in day.looks[1:]:
        open_ = [one for one in look.values() if one.open]
        assert 60 <= len(open_) <= 320
        assert any(one.overdue for one in open_)
    states = Counter(one.state for one in day.looks[-1].values())
    assert min(states[state] for state in (State.DONE, State.MERGED, State.REJECTED, State.NOT_OURS)) > 0


def test_it_asks_to_be_called_soon_and_every_source_is_alive(seven: Show) -> None:
    wanted = seven.drill.step()
    assert seven.now < wanted <= seven.now + timedelta(seconds=30)
    query = select(schema.source.c.name).where(schema.source.c.heard_at.is_not(None))
    heard = seven.room.log.read(lambda connection: set(connection.execute(query).scalars()))
    assert heard == {"LAKSA", "WhatsApp", "LAPOR!", "Layanan 112", "Kecamatan", "Medsos"}
