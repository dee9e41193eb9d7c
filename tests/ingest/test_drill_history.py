"""The weeks that a new drill has lived: what the log says, without an alarm or a letter; never in a real room."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from ingest.drill.driver import PACKS, Drill
from ingest.drill.script import read_script
from liveroom.domain.complaints.model import Complaint, State, Status
from liveroom.domain.events import Kind
from liveroom.log import event_log, schema
from liveroom.log.schema import PROJECTION
from liveroom.projection import fold
from liveroom.projection.audit import examine
from liveroom.projection.complaints import today
from liveroom.projection.figures import first_day
from liveroom.room.past import Past
from tests.rooms.databases import Opener
from tests.rooms.packs import city
from tests.rooms.standing import StandingRoom

SEVEN = datetime(2026, 12, 1, 0, tzinfo=UTC)  # a Tuesday, 07:00 in Tangerang
# Read models and what they are made of, without what differs by what a row was called: ids are drawn.
SUMS = {"total", "tally", "agency_total"}


def lived(room: StandingRoom, *, per_day: int = 40, seed: int = 3671) -> Drill:
    """A drill that has lived a week of small days in the room."""
    pack = city("tangerang")
    script = replace(read_script(PACKS / "tangerang", pack), per_day=per_day, emergencies=3, clusters=(), burst=None)
    drill = Drill(room.room, room.sources, pack, seed, script)
    drill.register()
    room.room.live(lambda past: drill.live(past, weeks=1, until=SEVEN, note=lambda _left: None))
    return drill


def complaints(room: StandingRoom) -> list[Complaint]:
    bodies = room.log.read(lambda c: c.execute(select(schema.complaint.c.body)).scalars().all())
    return [event_log.decode_complaint(body) for body in bodies]


def rows(room: StandingRoom) -> dict[str, object]:
    """The projected rows in an order of their own; sets in a body have none, and zero sums are as good as none."""
    found = room.tables([table.name for table in PROJECTION])
    return {
        name: sorted(
            str({**row, "body": event_log.decode_complaint(row["body"])} if name == "complaint" else row)
            for row in table
            if name not in SUMS or row["value"]
        )
        for name, table in found.items()
    }


def test_it_is_what_the_log_says_and_nothing_rings(open_standing: Opener) -> None:
    room = open_standing(kind="drill", at=SEVEN)
    lived(room)
    assert examine(room.log, sample=500) == []
    before = rows(room)
    room.log.write(fold.rebuild)
    assert rows(room) == before
    kinds = Counter(one.event.kind for one in room.events())
    assert {Kind.RECEIVED, Kind.FORWARDED, Kind.PROOF_SUBMITTED, Kind.VALIDATED, Kind.CLOSED} <= kinds.keys()
    assert not any(kind.value.startswith("alarm.") for kind in kinds)
    for table in (schema.alarm, schema.outbox):
        assert room.log.read(lambda c, t=table: c.execute(select(func.count()).select_from(t)).scalar_one()) == 0


def test_every_day_is_there_and_the_present_goes_on(open_standing: Opener) -> None:
    room = open_standing(kind="drill", at=SEVEN)
    drill = lived(room)
    days = Counter(one.day for one in complaints(room))
    assert len(days) == 9
    assert all(15 <= days[day] <= 40 for day in sorted(days)[:-1])
    assert len(set(days.values())) > 3  # no two days are alike
    assert room.log.read(today) == "2026-12-01"
    assert str(room.log.read(first_day)) == "2026-11-23"
    open_ = [one for one in complaints(room) if one.open]
    assert {Status.WAITING, Status.IN_PROCESS} == {one.status for one in open_}
    assert all(one.received_at <= SEVEN for one in open_)
    known = {one.source_id for one in complaints(room)}
    drill.step()
    room.at(SEVEN + timedelta(hours=2))
    while drill.step() <= room.now:
        pass
    after = complaints(room)
    assert len({one.source_id for one in after}) == len(after) > len(known)
    assert any(one.source_id in known and one.state is State.DONE and one.closed_at > SEVEN for one in after)


def test_the_same_seed_lives_the_same(open_standing: Opener) -> None:
    stories = []
    for seed in (1, 1, 2):
        room = open_standing(kind="drill", at=SEVEN)
        lived(room, per_day=15, seed=seed)
        stories.append(sorted((one.source_id, one.state, one.agency or "", one.closed_day) for one in complaints(room)))
    assert stories[0] == stories[1] != stories[2]


@pytest.mark.parametrize("kind", ["real", "test"])
def test_no_other_room_is_given_a_past(open_standing: Opener, kind: str) -> None:
    room = open_standing(kind=kind, at=SEVEN)
    with pytest.raises(ValueError, match="only a drill"):
        lived(room)
    assert room.head().seq == 0


def test_a_room_that_has_lived_is_given_none(open_standing: Opener) -> None:
    room = open_standing(kind="drill", at=SEVEN)
    room.receive()
    with pytest.raises(ValueError, match="lived already"):
        lived(room)
    assert len(complaints(room)) == 1


def test_a_past_that_breaks_off_leaves_nothing(open_standing: Opener) -> None:
    room = open_standing(kind="drill", at=SEVEN)

    def half(past: Past) -> None:
        lived_through(past)
        raise KeyboardInterrupt

    def lived_through(past: Past) -> None:
        past.open_day("2026-11-30", SEVEN - timedelta(days=1))
        past.finish()

    with pytest.raises(KeyboardInterrupt):
        room.room.live(half)
    assert room.head().seq == 0
    assert room.log.read(today) == ""
