"""The log's order: numbers dense, in the order of commits, a mark an append, nothing half-written, times never back."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.events.room_payloads import DayOpened
from liveroom.log import schema
from liveroom.log.engine import Connection, open_engine
from liveroom.log.event_log import EventLog, Transaction, set_time
from liveroom.projection.audit import faults_of_log
from liveroom.room.transaction import UnitOfWork, settle_complaint
from liveroom.runtime.server.thread_mode import ThreadRuntime
from liveroom.runtime.time import real_time, system_now
from tests.rooms.city import wib
from tests.rooms.standing import StandingRoom
from tests.rooms.together import together
from tests.services.postgres import Postgres

WRITERS, TURNS = 4, 25


class ChangedMind(Exception):
    """Raised by work that gives up after writing."""


def fact(name: str) -> Event:
    return Event(kind=Kind.DAY_OPENED, subject=Subject.ROOM, id=name, at=wib("24 09:00"), payload=DayOpened(date=name))


def append(standing: StandingRoom, *names: str, give_up: bool = False) -> int:
    def work(unit: Transaction) -> int:
        unit.append([fact(name) for name in names], actor="test")
        if give_up:
            raise ChangedMind
        return unit.seq

    return standing.log.write(work)


def test_four_writers_with_roll_backs_leave_dense_numbers_in_the_order_of_commits(standing: StandingRoom) -> None:
    answered: list[tuple[int, str]] = []
    lock = threading.Lock()

    def write(writer: int) -> None:
        for turn in range(TURNS):
            names = [f"{writer}-{turn}-{part}" for part in range(1 + turn % 3)]
            if turn % 5 == 4:
                with pytest.raises(ChangedMind):
                    append(standing, *names, give_up=True)
                continue
            seq = append(standing, *names)
            with lock:
                answered.append((seq, names[-1]))

    together(WRITERS, write)
    logged = standing.events()
    assert [entry.seq for entry in logged] == list(range(1, len(logged) + 1))
    assert {seq: logged[seq - 1].event.id for seq, _ in answered} == dict(answered)
    assert [e.logged_at for e in logged] == sorted(e.logged_at for e in logged)
    assert len(logged) == sum(1 + turn % 3 for turn in range(TURNS) if turn % 5 != 4) * WRITERS
    assert standing.read(faults_of_log) == []
    # Every commit rang once, with its own last number, and roll-backs rang for nothing.
    assert sorted(standing.rings) == sorted(seq for seq, _ in answered)


def test_each_append_bears_a_mark_of_its_own_and_head_bears_the_last(standing: StandingRoom) -> None:
    marks = [standing.head().origin]
    for names in (["a"], ["b", "c"], ["d"]):
        append(standing, *names)
        marks.append(standing.head().mark)
    logged = standing.events()
    assert [entry.mark for entry in logged] == [marks[1], marks[2], marks[2], marks[3]]
    assert len(set(marks)) == len(marks)


def test_two_rooms_share_no_identity(open_standing) -> None:
    one, other = open_standing().head(), open_standing().head()
    assert one.epoch != other.epoch
    assert one.origin != other.origin


def test_work_that_raises_leaves_nothing_behind(standing: StandingRoom) -> None:
    id_ = standing.receive()
    standing.later(hours=3)
    everything = [table.name for table in schema.metadata.sorted_tables]
    before = standing.tables(everything)

    def work(work: UnitOfWork) -> None:
        complaint = settle_complaint(work, work.complaint(id_))
        work.append([fact("2026-11-25")], actor="test")
        work.texts.add(complaint.id, "note", "half a sentence")
        work.finish()
        raise ChangedMind

    with pytest.raises(ChangedMind):
        standing.room.unit(work)
    assert standing.tables(everything) == before


def test_nothing_appended_writes_nothing_and_rings_for_nobody(standing: StandingRoom) -> None:
    append(standing, "a")
    head, rings = standing.head(), list(standing.rings)
    assert append(standing) == head.seq
    assert standing.head() == head
    assert standing.rings == rings


def test_logged_at_stands_when_the_system_clock_steps_back_a_little(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(standing, "before")
    real = system_now()
    monkeypatch.setattr("liveroom.log.event_log.database_now", lambda _connection: real - timedelta(seconds=59))
    append(standing, "during")
    monkeypatch.setattr("liveroom.log.event_log.database_now", lambda _connection: real + timedelta(seconds=1))
    append(standing, "after")
    first, second, third = [entry.logged_at for entry in standing.events()]
    assert first == second < third
    assert standing.read(faults_of_log) == []


def test_room_time_does_not_step_back_under_a_decision(standing: StandingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real room's time is the database's; after a small step back decisions stand at the last one."""
    standing.log.write(lambda unit: set_time(unit.connection, real_time()))
    append(standing, "before")
    seen = standing.log.write(lambda unit: unit.now)
    monkeypatch.setattr("liveroom.log.event_log.database_now", lambda _connection: system_now() - timedelta(seconds=59))
    append(standing, "during")
    assert standing.log.write(lambda unit: unit.now) >= standing.head().logged_at >= seen - timedelta(seconds=59)


# What is written waits for the disk; what is old within seconds does not.
NORMAL, FULL = 1, 2


def said(url: str, question: str) -> list[object]:
    """What the database answers a real room in a write, a note, and again a write and a note."""
    engine = open_engine(url)
    log = EventLog(engine, ThreadRuntime(), lambda seq: None)

    def ask(connection: Connection) -> object:
        return connection.exec_driver_sql(question).scalar_one()

    found = [log.touch(ask), log.note(ask), log.touch(ask), log.note(ask)]
    engine.dispose()
    return found


def test_on_sqlite_only_a_note_leaves_the_disk_its_time(tmp_path: Path) -> None:
    assert said(f"sqlite:///{tmp_path / 'room.db'}", "PRAGMA synchronous") == [FULL, NORMAL, FULL, NORMAL]


@pytest.mark.postgres
def test_on_postgresql_only_a_note_leaves_the_disk_its_time(postgres: Postgres) -> None:
    assert said(postgres.fresh_database(), "SHOW synchronous_commit") == ["on", "off", "on", "off"]
