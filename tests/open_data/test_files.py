"""The published files, read back by somebody who knows nothing of how they were made."""

import csv
import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from liveroom.city.city import City
from liveroom.domain.complaints.intake import Report, Reporter
from liveroom.log.erasure import ErasureScope
from liveroom.maintenance.erasure import Eraser
from liveroom.open_data.columns import COLUMNS
from liveroom.open_data.editions import Editions, MonthEdition
from liveroom.open_data.monthly_job import OpenDataJob
from liveroom.open_data.publication import Month, Publisher
from liveroom.projection.public import RETENTION
from liveroom.runtime.config import Config
from liveroom.runtime.disk import Disk
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.databases import Opener
from tests.rooms.packs import city
from tests.rooms.standing import StandingRoom

NOVEMBER = Month(2026, 11)
# What a row says of matter, place and time.
SAID = ("received_from", "received_to", "place_level", "area_code", "district_code", "category", "group")
HOSTILE = (
    '=cmd|" /C calc"!A0',
    "'=1+1",
    "+62 812",
    "-2",
    "@SUM(A1)",
    'Kota "Baru", Timur',
    "\u202eterbalik",
    "<b>x</b>",
)
SECRET = "0812 5550 1234"
Rows = list[dict[str, Any]]


class Office:
    """A room and the folder of its open data."""

    def __init__(self, room: StandingRoom, folder: Path, pack: City | None = None) -> None:
        self.room, self.folder = room, folder
        self.editions = Editions(folder, "test")
        self.publisher = Publisher(room.log, pack or room.room.city, self.editions, Disk([folder], 0))

    def take(self, reports: Iterable[Report]) -> list[str]:
        answers = self.room.room.accept_many(list(reports), source="lapor")
        return [one.id for one in answers]  # type: ignore[union-attr]  # a malformed one has none, and fails here

    def make(self, month: Month = NOVEMBER) -> tuple[MonthEdition, Rows]:
        """Make a month; its rows, which are the same in all three files."""
        edition = self.publisher.make(month)
        paths = {one.format: self.editions.folder(str(month)) / one.stored for one in edition.files}
        rows = of_csv(paths["csv"])
        assert rows == of_geojson(paths["geojson"]) == of_parquet(paths["parquet"])
        assert edition.rows == len(rows)
        return edition, rows


def of_csv(path: Path) -> Rows:
    truth = {"true": True, "false": False}.__getitem__
    read = {"date": date.fromisoformat, "number": float, "integer": int, "boolean": truth}
    kinds = {column.name: read.get(column.type, lambda said: said.removeprefix("'")) for column in COLUMNS}
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: kinds[name](said) if said else None for name, said in row.items()} for row in csv.DictReader(file)
        ]


def of_geojson(path: Path) -> Rows:
    rows = []
    for feature in json.loads(path.read_text("utf-8"))["features"]:
        lon, lat = feature["geometry"]["coordinates"] if feature["geometry"] else (None, None)
        said = feature["properties"] | {"lat": lat, "lon": lon}
        days = {name: date.fromisoformat(said[name]) for name in ("received_from", "received_to")}
        rows.append({column.name: (said | days)[column.name] for column in COLUMNS})
    return rows


def of_parquet(path: Path) -> Rows:
    found = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [str(path)])
    names = [column[0] for column in found.description or ()]
    assert names == [column.name for column in COLUMNS]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def cells(rows: Rows) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(row[name] for name in SAID) for row in rows)


def reports(pack: City, days: Sequence[datetime], n: int, seed: int = 5) -> list[Report]:
    """Some reports of all days: few matters and places often, most of them seldom, one in three done."""
    drawn = random.Random(seed)
    areas, categories = list(pack.areas), list(pack.categories)
    found = []
    for number in range(n):
        at = drawn.choice(days) + timedelta(minutes=drawn.randrange(24 * 60))
        done = at + timedelta(hours=drawn.randrange(1, 200)) if drawn.random() < 0.3 else None
        found.append(
            Report(
                source_id=f"{seed}-{number}",
                category=categories[min(int(drawn.expovariate(0.5)), len(categories) - 1)],
                area=areas[min(int(drawn.expovariate(0.25)), len(areas) - 1)],
                description=f"lubang {SECRET}",
                person=Reporter(name=f"Wati {number}", phone=SECRET if number % 9 == 0 else None),
                received_at=at,
                closed_at=done,
            )
        )
    return found


def november(zone: str = "Asia/Jakarta") -> list[datetime]:
    return [datetime(2026, 11, day, tzinfo=ZoneInfo(zone)) for day in range(1, 31)]


def hostile(pack: City) -> City:
    """The pack with names that a spreadsheet, a page or a reader could take for something else."""
    areas = {code: replace(area, name=HOSTILE[n % len(HOSTILE)]) for n, (code, area) in enumerate(pack.areas.items())}
    return replace(pack, areas=areas)


@pytest.fixture
def office(open_standing: Opener, tmp_path: Path) -> Office:
    """A room on 8 December that has lived through a November, with hostile names."""
    room = open_standing(at=datetime(2026, 12, 8, 3, tzinfo=ZoneInfo("UTC")))
    found = Office(room, tmp_path, hostile(city("tangerang")))
    found.take(reports(room.room.city, november(), 488))
    private = next(key for key, one in room.room.city.categories.items() if one.private)
    alike = {"category": private, "area": next(iter(room.room.city.areas)), "received_at": november()[8]}
    found.take(Report(source_id=f"private-{n}", **alike) for n in range(12))
    return found


def test_nobody_stands_alone_in_any_of_the_files(office: Office) -> None:
    edition, rows = office.make()
    assert min(cells(rows).values()) >= 5
    # Of each step there is something, or this test would prove little.
    assert {row["place_level"] for row in rows} == {"area", "district", "city"}
    assert {(row["received_to"] - row["received_from"]).days for row in rows} >= {6, 29}
    assert {row["status"] for row in rows} >= {"waiting", "done"} and {row["late"] for row in rows} >= {True, False}
    private = {key for key, one in city("tangerang").categories.items() if one.private}
    assert not private & {row["category"] for row in rows}
    assert edition.counted % 5 == 0 and abs(len(rows) + edition.counted - 500) < 5
    folder = office.editions.folder("2026-11")
    for one in edition.files:
        content = (folder / one.stored).read_bytes()
        assert not [word for word in (b"Wati", b"0812 5550", b"lubang", b"lapor") if word in content]
    # No cell of a spreadsheet begins as a formula does, and the names are whole all the same.
    with (folder / edition.files[0].stored).open(encoding="utf-8", newline="") as file:
        texts = [said for row in csv.DictReader(file) for name, said in row.items() if name not in ("lat", "lon")]
    assert not [said for said in texts if said.startswith(("=", "+", "-", "@"))]
    assert {row["area"] for row in rows} - {None} <= set(HOSTILE)


def test_what_is_erased_is_gone_with_others_and_what_is_only_old_stays(office: Office) -> None:
    eraser = Eraser(office.room.room, Config(city="tangerang", data_dir=str(office.folder)), ThreadRuntime())
    ids = office.take(
        Report(source_id=f"x{n}", category="pju_mati", description="gelap",
               received_at=november()[4])
        for n in range(7)
    )  # fmt: skip
    first, before = office.make()
    eraser.erase(ids[:1], ErasureScope.ALL, by=RETENTION)
    unchanged, old = office.make()
    assert old == before and unchanged.files == first.files
    eraser.erase(ids[1:2], ErasureScope.ALL, by="test")
    edition, after = office.make()
    lost = cells(before) - cells(after)
    assert len(lost) >= 5 and not set(lost) & set(cells(after)) and not cells(after) - cells(before)
    kept = {path.name for path in office.editions.folder("2026-11").iterdir()}
    assert kept == {"about.json", "register.json", *(one.stored for one in edition.files)}


def test_what_comes_later_is_divided_among_itself(office: Office) -> None:
    _, before = office.make()
    office.take(reports(office.room.room.city, november(), 60, seed=6))
    _, after = office.make()
    grown = cells(after) - cells(before)
    assert not cells(before) - cells(after)
    assert grown and min(grown.values()) >= 5


def test_a_month_in_which_nothing_came_has_empty_files(office: Office) -> None:
    office.take(
        [Report(source_id="old", category="jalan_rusak", received_at=datetime(2026, 9, 2, tzinfo=ZoneInfo("UTC")))]
    )
    edition, rows = office.make(Month(2026, 10))
    assert rows == [] and edition.counted == 0
    assert [str(month) for month in office.publisher.months()] == ["2026-11", "2026-10", "2026-09"]
    with pytest.raises(ValueError, match="not over"):
        office.publisher.make(Month(2026, 12))
    (office.editions.folder("2026-10") / "register.json").unlink()
    with pytest.raises(ValueError, match="register"):
        office.publisher.make(Month(2026, 10))


@pytest.mark.parametrize(("month", "hours"), [(Month(2026, 3), 31 * 24 - 1), (Month(2026, 11), 30 * 24 + 1)])
def test_a_month_ends_at_the_citys_midnight_also_when_clocks_change(tmp_path: Path, month: Month, hours: int) -> None:
    pack, zone = city("newyork"), ZoneInfo("America/New_York")
    since, until = month.bounds(pack)
    assert until - since == hours * 3_600_000_000
    room = StandingRoom(f"sqlite:///{tmp_path / 'room.db'}", key="newyork", at=datetime(2026, 12, 8, tzinfo=zone))
    named = replace(pack, open_data=city("tangerang").open_data)
    office = Office(room, tmp_path, named)
    category = next(key for key, one in pack.categories.items() if not one.private)
    last = month.days.last
    edge = datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=zone)
    moments = [edge + timedelta(seconds=n) for n in (0, 0, 0, 0, 0, 1)]
    office.take(Report(source_id=f"{n}", category=category, received_at=at) for n, at in enumerate(moments))
    _, rows = office.make(month)
    room.close()
    assert [(row["received_from"], row["received_to"]) for row in rows] == [(last, last)] * 5


def test_the_job_makes_a_month_some_days_after_it_and_all_of_them_anew_once_a_month(office: Office) -> None:
    room, editions = office.room, office.editions
    office.take(
        [Report(source_id="old", category="pju_mati", received_at=datetime(2026, 9, 2, tzinfo=ZoneInfo("UTC")))]
    )
    job = OpenDataJob(room.room, office.publisher, editions, 7)

    def due(moment: str) -> list[str]:
        room.at(moment)
        return [str(month) for month in job.due()]

    assert due("12-07 23:59") == ["2026-10", "2026-09"]
    assert due("12-08 00:01") == ["2026-11", "2026-10", "2026-09"]
    for name in due("12-08 00:01"):
        office.make(Month.named(name))
    assert due("12-31 12:00") == []
    assert due("12-07 12:00") == []


def test_a_month_that_cannot_be_made_holds_up_no_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.take(
        [Report(source_id="old", category="pju_mati", received_at=datetime(2026, 9, 2, tzinfo=ZoneInfo("UTC")))]
    )
    office.room.at("12-08 00:01")
    told = {"2026-10": "register.json is damaged"}
    monkeypatch.setattr("liveroom.open_data.monthly_job._fault_of", lambda month: told.get(str(month), ""))
    made = OpenDataJob(office.room.room, office.publisher, office.editions, 7).step(ThreadRuntime())
    assert [str(month) for month in made] == ["2026-11", "2026-09"]


def test_without_a_licence_nothing_is_made(on_file: StandingRoom, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="licence"):
        Office(on_file.at("12-08 09:00"), tmp_path, replace(city("tangerang"), open_data=None)).make()
    assert Editions(tmp_path, "test").newest_first() == []
