"""The drill on a real room: a full wall at once, every colour within the hour, restarts, and people who take a hand."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ingest.drill.driver import Drill
from liveroom.accounts.sources import Sources
from liveroom.domain.complaints.intake import Report
from liveroom.domain.complaints.model import Complaint, State, Status
from liveroom.domain.requests import Command
from liveroom.log import schema
from liveroom.room.clock import Clock
from liveroom.room.room import Room
from tests.rooms.on_sqlite import city, complaints, open_room, set_time

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
        self.drill = Drill(self.room, Sources(self.room.log), city(self.key), self.seed)
        self.step()

    def step(self) -> datetime:
        while (wanted := self.drill.step()) <= self.now:
            pass
        Clock(self.room, None).tick()
        return wanted

    def pass_(self, minutes: int, every: int = 5) -> None:
        for _ in range(0, minutes, every):
            self.now += timedelta(minutes=every)
            set_time(self.room, self.now)
            self.step()

    def ours(self) -> dict[str, Complaint]:
        return {one.source_id: one for one in complaints(self.room)}

    def counts(self) -> Counter[Status]:
        return Counter(one.status for one in complaints(self.room))


@pytest.fixture
def show(tmp_path: Path) -> Callable[..., Show]:
    return lambda **more: Show(tmp_path / "room.sqlite", **more)


@pytest.mark.parametrize(("at", "seed"), [(SEVEN, 3671), (SEVEN, 2), (SATURDAY, 3671)])
def test_the_wall_is_full_at_once_and_shows_every_colour_within_the_hour(
    show: Callable[..., Show], at: datetime, seed: int
) -> None:
    drill = show(at=at, seed=seed)
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


def test_a_restart_neither_repeats_nor_skips(tmp_path: Path) -> None:
    through, broken = Show(tmp_path / "through.sqlite"), Show(tmp_path / "broken.sqlite")
    for _ in range(5):
        through.pass_(15)
        broken.pass_(15)
        broken.start()
    one, other = through.ours(), broken.ours()
    assert one.keys() == other.keys()
    assert [other[key].received_at for key in one] == [one[key].received_at for key in one]
    differ = [key for key in one if one[key].state is not other[key].state]
    assert len(differ) <= len(one) / 50
    assert {key: one[key].reopened for key in one} == {key: other[key].reopened for key in one}


def test_after_a_long_stop_the_room_fills_up_again(show: Callable[..., Show]) -> None:
    drill = show()
    drill.pass_(30)
    drill.now += timedelta(hours=30)
    set_time(drill.room, drill.now)
    drill.start()
    drill.pass_(60)
    counts = drill.counts()
    assert min(counts[Status.WAITING], counts[Status.IN_PROCESS], counts[Status.DONE]) >= 10
    assert len([one for one in complaints(drill.room) if one.open]) < 300


def test_complaints_of_others_are_never_touched(show: Callable[..., Show]) -> None:
    drill = show()
    laksa = Sources(drill.room.log).ensure("LAKSA", None)
    mine = [("other", "L-1"), (laksa, "L-2"), (laksa, "D-20261124-9999"), ("other", "D-20261124-0001")]
    for source, source_id in mine:
        drill.room.accept(Report(source_id=source_id, category="pju_mati", lat=-6.17, lon=106.63), source=source)
    drill.pass_(240)
    untouched = [one for one in complaints(drill.room) if (one.source, one.source_id) in mine]
    assert [one.state for one in untouched] == [State.RECEIVED] * 4


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


def test_people_may_take_a_hand_and_the_staff_goes_on_from_there(show: Callable[..., Show]) -> None:
    drill = show()
    forwarded = [one for one in complaints(drill.room) if one.state is State.FORWARDED and not one.paused]
    held, declined, taken = forwarded[:3]
    until = (SEVEN + timedelta(hours=3)).isoformat()
    drill.room.execute(order(held, "hold", reason="test", until=until))
    drill.room.execute(order(declined, "decline", reason="test", actor_agency=declined.agency))
    drill.room.execute(order(taken, "accept", actor_agency=taken.agency))
    drill.pass_(150)
    now = {one.id: one for one in complaints(drill.room)}
    assert now[held.id].paused == "hold"
    drill.pass_(24 * 60, every=30)
    after = {one.id: one for one in complaints(drill.room)}
    assert all(after[one.id].accepted_by for one in (held, declined, taken))
    assert sum(not after[one.id].open for one in (held, declined, taken)) >= 2


def test_a_day_never_runs_dry_and_never_piles_up(show: Callable[..., Show]) -> None:
    drill = show()
    for _ in range(6):
        drill.pass_(240, every=20)
        open_ = [one for one in complaints(drill.room) if one.open]
        assert 60 <= len(open_) <= 320
        assert any(one.overdue for one in open_)
    states = Counter(one.state for one in complaints(drill.room))
    assert min(states[state] for state in (State.DONE, State.MERGED, State.REJECTED, State.NOT_OURS)) > 0


def test_it_asks_to_be_called_soon_and_every_source_is_alive(show: Callable[..., Show]) -> None:
    drill = show()
    wanted = drill.step()
    assert drill.now < wanted <= drill.now + timedelta(seconds=30)
    query = select(schema.source.c.name).where(schema.source.c.heard_at.is_not(None))
    heard = drill.room.log.read(lambda connection: set(connection.execute(query).scalars()))
    assert heard == {"LAKSA", "WhatsApp", "LAPOR!", "Layanan 112", "Kecamatan", "Medsos"}
