"""Many reports in one transaction are, in the log and in every table, what they are one after the other.

What is drawn at random differs and is compared by where it first stands in the log: ids and marks. `logged_at` is real
time and not compared; everything else is.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from ingest.sources.importer import ImportOrder, run_import
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import IntakeResult, Malformed
from liveroom.log import schema
from liveroom.projection.audit import examine
from liveroom.room.commands.complaints import ComplaintIntake
from liveroom.room.recipients import Recipients
from liveroom.room.room import Room
from liveroom.room.transaction import UnitOfWork
from tests.rooms.databases import Opener
from tests.rooms.packs import city
from tests.rooms.standing import PLACE, START, StandingRoom
from tests.rooms.tables import tabled_file

SOURCE = "lapor"
COMPARED = (
    *(table.name for table in schema.PROJECTION),
    *("event", "text", "person", "media", "searched", "outbox"),
)
DRAWN = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")
OUTSIDE = {"lat": -6.9, "lon": 107.6}
SAID = {
    "description": "Lubang besar di depan pasar",
    "address": "Jl. Daan Mogot 12",
    "person": {"name": "Ratna", "phone": "0812 3456 7890", "email": "ratna@contoh.id"},
    "media": ["https://foto.example/1.jpg", "https://foto.example/2.jpg"],
}


class EachAlone:
    """A room to which each report of a batch comes alone, as most apps send them."""

    def __init__(self, room: Room) -> None:
        self.room, self.city, self.kind, self.now, self.accept = room, room.city, room.kind, room.now, room.accept

    def accept_many(self, reports: Sequence[Report], *, source: str) -> tuple[IntakeResult | Malformed, ...]:
        return tuple(answer for one in reports for answer in self.room.accept_many([one], source=source))


class OneByOne:
    """A room that takes each report of a batch the way of a single one; ``apart``: each in a transaction of its own."""

    def __init__(self, room: Room, *, apart: bool) -> None:
        self.room, self.city, self.kind, self.now, self._apart = room, room.city, room.kind, room.now, apart
        self._intake = ComplaintIntake(room.city)
        self.accept = room.accept

    def accept_many(self, reports: Sequence[Report], *, source: str) -> tuple[IntakeResult | Malformed, ...]:
        def each(some: Sequence[Report]) -> Callable[[UnitOfWork], tuple[IntakeResult | Malformed, ...]]:
            return lambda work: tuple(self._one(work, report, source) for report in some)

        if self._apart:
            return tuple(answer for report in reports for answer in self.room.unit(each([report])))
        return self.room.unit(each(reports))

    def _one(self, work: UnitOfWork, report: Report, source: str) -> IntakeResult | Malformed:
        try:
            return self._intake.accept(work, report, source)
        except Malformed as refusal:
            return refusal


def lived(standing: StandingRoom) -> None:
    """A room that knows some of what the file tells again: forwarded, held, merged, erased, with deadlines to come."""
    standing.room.routes = Recipients(city("tangerang"), mail=True)
    standing.tick()
    for name in ("same", "amended", "raised", "due", "erased"):
        standing.receive(name, description="lama")
    standing.until_working(standing.receive("working"))
    held = standing.until_working(standing.receive("held"))
    until = (START + timedelta(days=3)).isoformat()
    standing.execute("hold", held, by="supervisor", until=until, reason="menunggu alat", public_text="menunggu alat")
    parent, child = standing.receive("parent"), standing.receive("child")
    standing.execute("merge", child, by="duty", into=parent)
    erased = standing.receive("gone", **SAID | {"person": None, "media": ()})
    table = schema.text
    gone = update(table).where(table.c.subject_id == erased).values(body="", erased_at=1)
    standing.log.touch(lambda c: c.execute(gone))
    standing.later(minutes=40)


def told(now: datetime) -> list[dict[str, Any]]:
    """The rows of the file: every kind of report that there is, most of them more than once."""

    def ago(**span: float) -> str:
        return (now - timedelta(**span)).isoformat()

    def row(source_id: str, **more: Any) -> dict[str, Any]:
        return {"source_id": source_id, "category": "jalan_rusak", **PLACE, **more}

    def places(row: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in row.items() if key not in PLACE}

    ended = {"reported_at": ago(days=9, hours=3.3), "closed_at": ago(days=8)}
    rows = [
        row("closed", **ended, **SAID),
        row("same", description="lama"),
        row("new", description="baru saja", reported_at=ago(minutes=3)),
        row("amended", description="lebih parah", category="sampah"),
        row("warned", reported_at=ago(minutes=25)),
        row("overdue", reported_at=ago(days=30)),
        row("raised", priority="critical"),
        row("long overdue", reported_at=ago(days=400), category="sampah", **SAID),
        row("overdue too", reported_at=ago(days=31), area="36.71.01.1001"),
        row("unknown", category="apa saja", reported_at=ago(days=2)),
        places(row("nowhere", reported_at=ago(hours=5))),
        places(row("named", area=next(iter(city("tangerang").areas)))),
        places(row("misnamed", area="di sini", **ended)),
        row("outside", **OUTSIDE, **ended),
        row("outside and open", **OUTSIDE, area=next(iter(city("tangerang").areas))),
        row("twice", description="satu"),
        row("twice", description="satu"),
        row("twice", description="dua", category="banjir"),
        row("ends later", reported_at=ago(days=1)),
        row("ends later", reported_at=ago(days=1), closed_at=ago(hours=1)),
        row("off the earth", lat=100),
        row("ends too early", reported_at=ago(days=1), closed_at=ago(days=2)),
        row("ends tomorrow", reported_at=ago(days=1), closed_at=ago(minutes=-5)),
        row("held", reported_at=ago(minutes=40), closed_at=ago(minutes=1)),
        row("parent", reported_at=ago(minutes=40), closed_at=ago(minutes=1)),
        row("working", description="sudah dikerjakan"),
        row("due", description="masih"),
        row("gone", description="lagi", lat=-6.17, lon=106.64),
        row("fire", category="kebakaran"),
        row("fire last year", category="kebakaran", reported_at=ago(days=365)),
        row("fire out", category="kebakaran", **ended),
        row("urgent", priority="urgent", channel="WhatsApp", updated_at=ago(hours=1), reported_at=ago(minutes=50)),
        row("beyond the calendar", reported_at="2009-01-05T08:00:00Z"),
        row("beyond and closed", reported_at="2009-01-05T08:00:00Z", closed_at="2009-02-05T08:00:00.123456+07:00"),
        row("web", channel="web", **SAID),
        row("web and closed", channel="web", **SAID, **ended),
        row("drill", drill=True, reported_at=ago(minutes=1)),
    ]
    return [*rows, *(row(f"flood {n}", category="kebakaran", reported_at=ago(seconds=n)) for n in range(12)), rows[0]]


def brought(standing: StandingRoom, room: Any, folder: Path) -> tuple[str, str]:
    """Import the file into a room that has lived; the tally, and the rejects."""
    lived(standing)
    folder.mkdir()
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in told(standing.now)), "utf-8")
    tally = run_import(ImportOrder(path=path, source=SOURCE), room=room, progress=lambda _: None, rest=lambda _: None)
    return str(tally), path.with_name("rows.jsonl.rejects.jsonl").read_text("utf-8")


def laid_open(standing: StandingRoom) -> dict[str, list[str]]:
    """Every row of every table compared, ids and marks numbered in the order of the log."""
    tables = standing.tables(COMPARED)
    tables["event"].sort(key=lambda row: row["seq"])
    marks: dict[str, int] = {}
    for row in tables["event"]:
        row |= {"mark": marks.setdefault(row["mark"], len(marks)), "logged_at": "real time"}
    numbers: dict[str, str] = {}
    for row in tables["event"]:
        for id_ in DRAWN.findall(f"{row['subject_id']} {row['payload']}"):
            numbers.setdefault(id_, f"id {len(numbers)}")
    return {
        name: [DRAWN.sub(lambda id_: numbers.get(id_[0], "drawn"), str(row)) for row in _ordered(name, rows)]
        for name, rows in tables.items()
    }


def history(standing: StandingRoom) -> tuple[list[str], dict[str, str]]:
    """The log without numbers and marks, ids as in `laid_open`, and to how many each group of alarms has come."""
    told, counts = list[str](), dict[str, str]()
    numbers: dict[str, str] = {}
    for logged in standing.events():
        event = logged.event
        if event.kind == "alarm.counted":
            counts[event.id] = str(event.fields)
            continue
        text = f"{event.kind} {event.id} {event.at} {logged.actor} {sorted(event.fields.items())}"
        for id_ in DRAWN.findall(text):
            numbers.setdefault(id_, f"id {len(numbers)}")
        told.append(DRAWN.sub(lambda id_: numbers[id_[0]], text))
    return told, counts


def _ordered(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By primary key: ids are in order of writing, as their numbers are."""
    keys = [column.name for column in schema.metadata.tables[name].primary_key.columns]
    return sorted(rows, key=lambda row: [row[key] for key in keys])


def same(one: dict[str, list[str]], other: dict[str, list[str]]) -> None:
    for name in COMPARED:
        assert one[name] == other[name], name


def test_a_batch_is_what_its_reports_are_one_by_one(open_standing: Opener, tmp_path: Path) -> None:
    bulk, single = open_standing(), open_standing()
    at_once = brought(bulk, bulk.room, tmp_path / "bulk")
    assert at_once == brought(single, OneByOne(single.room, apart=False), tmp_path / "single")
    assert at_once[0] == "accepted 35, known 12, rejected 3"
    kinds = {logged.event.kind.value for logged in bulk.events()}
    assert kinds >= {"flood.began", "alarm.counted", "deadline.warned", "complaint.amended", "complaint.resumed"}
    same(laid_open(bulk), laid_open(single))
    assert examine(bulk.log, sample=500) == []


def test_a_batch_tells_what_its_reports_tell_each_in_a_transaction_of_its_own(
    on_file: StandingRoom, tmp_path: Path
) -> None:
    """Of the counts of a group one transaction logs the last alone; reports that come alone leave the very rows."""
    bulk, apart, alone = on_file, *(StandingRoom(tabled_file(tmp_path / f"{n}.db")) for n in ("apart", "alone"))
    at_once = brought(bulk, bulk.room, tmp_path / "bulk")
    assert at_once == brought(apart, OneByOne(apart.room, apart=True), tmp_path / "apart")
    assert at_once == brought(alone, EachAlone(alone.room), tmp_path / "alone")
    assert history(bulk) == history(apart)
    same(laid_open(alone), laid_open(apart))
    apart.close()
    alone.close()
