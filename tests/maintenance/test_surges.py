"""A surge of complaints in a source's own words tells none of them, and what an earlier room told of them goes."""

from pathlib import Path

from sqlalchemy import select

from liveroom.domain.events.room_payloads import SurgeBegan
from liveroom.domain.room import about_room
from liveroom.log import schema
from liveroom.log.engine import Connection
from liveroom.log.erasure import ErasureScope
from liveroom.maintenance.erasure import Eraser, erase_again
from liveroom.maintenance.retention import RetentionJob
from liveroom.projection.fold import rebuild
from liveroom.projection.notices import lines
from liveroom.runtime.config import Config, KeepSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.databases import database, open_standing, standing
from tests.rooms.standing import StandingRoom

__all__ = ["database", "open_standing", "standing"]
WORDS = "Keluhan Pak Sentosa"
MANY = 12


def rows(connection: Connection) -> str:
    """All that the log and the notices say of surges."""
    event = select(schema.event.c.payload).where(schema.event.c.subject_id == "room")
    return " ".join((*connection.execute(event).scalars(), *connection.execute(select(schema.notice.c.body)).scalars()))


def told_by_an_earlier_room(standing: StandingRoom) -> None:
    payload = SurgeBegan(id="surge:x", category=WORDS, areas=["3671011001"], n=12, since="2026-11-24T02:00:00Z")
    event = about_room(payload, at=standing.now)
    standing.room.unit(lambda work: work.append((event,), actor="clock"))


def erasing(standing: StandingRoom, folder: Path) -> Eraser:
    return Eraser(standing.room, Config(city="tangerang", data_dir=str(folder)), ThreadRuntime())


def test_a_surge_of_what_no_list_knows_is_told_and_no_word_of_it(standing: StandingRoom) -> None:
    standing.tick()
    for number in range(MANY):
        standing.receive(category=f"{WORDS} {number}")
    standing.later(minutes=1).tick()
    (line,) = standing.read(lines)
    assert (line["kind"], line["category"], line["n"]) == ("surge", "", MANY)
    assert WORDS not in standing.read(rows)
    for _ in range(3):
        standing.receive(category=WORDS)
    standing.later(minutes=1).tick()
    assert [one["n"] for one in standing.read(lines)] == [MANY + 3]
    standing.later(minutes=30).tick()
    assert [one for one in standing.read(lines) if one["kind"] == "surge"] == []


def test_what_an_earlier_room_told_of_surges_goes_with_an_erasure(standing: StandingRoom, tmp_path: Path) -> None:
    one = standing.receive(category=WORDS)
    told_by_an_earlier_room(standing)
    assert standing.read(rows).count(WORDS) == 2
    erasing(standing, tmp_path).erase((one,), ErasureScope.ALL, by="sari")
    assert WORDS not in standing.read(rows)
    left = standing.read(lines)
    standing.log.write(rebuild)
    assert standing.read(lines) == left


def test_and_with_what_is_kept_too_long(standing: StandingRoom, tmp_path: Path) -> None:
    one = standing.receive(category=WORDS)
    told_by_an_earlier_room(standing)
    standing.execute("reject", one, by="duty", reason="bukan laporan")
    standing.later(days=31)
    RetentionJob(standing.room, erasing(standing, tmp_path), KeepSettings(person_days=10, text_days=30)).step(
        ThreadRuntime()
    )
    assert WORDS not in standing.read(rows)


def test_and_does_not_come_back_with_a_backup(standing: StandingRoom, tmp_path: Path) -> None:
    one, keeps = standing.receive(category=WORDS), erasing(standing, tmp_path)
    keeps.erase((one,), ErasureScope.ALL, by="sari")
    told_by_an_earlier_room(standing)
    listed = standing.room.city.policy.categories.keys()
    standing.log.touch(lambda connection: erase_again(connection, keeps.ledger, listed))
    assert WORDS not in standing.read(rows)
