"""A recorded drill day: what is in the page, what is not, and that it ends as the room stood."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import cli
from ingest.drill.day_record import NoSuchDay, page_of, record_of
from liveroom.domain.complaints.intake import Reporter
from tests.rooms.standing import StandingRoom

DAY, AREA = date(2026, 11, 25), "36.71.05.1008"


def test_a_day_begins_as_it_began_and_holds_no_word_of_anybody(tmp_path: Path) -> None:
    drill = StandingRoom(f"sqlite:///{tmp_path / 'drill.db'}", kind="drill")
    before = drill.until_working()
    drill.until_done()
    drill.at("25 08:00").tick()
    said = {"description": "rahasia di depan rumah", "person": Reporter(name="Bu Wati", phone="0812 5550 1234")}
    fire = drill.receive("SUMBER-77", category="kebakaran", area=AREA, lat=None, lon=None, **said)
    drill.at("25 08:05")
    drill.execute("acknowledge", f"critical:{fire}", about="alarm", by="duty")
    drill.at("26 09:00").tick()
    drill.receive(category="pju_mati")
    record, city = record_of(drill.log, drill.room.city, DAY), drill.room.city
    page = page_of(record, city, DAY, "id")
    for secret in (before, fire, "SUMBER", "rahasia", "Wati", "5550", "duty"):
        assert secret not in page, secret
    assert "REKAMAN LATIHAN" in page and "default-src 'none'" in page
    assert not re.search(r"(src|href)=|url\(|@import|https?://(?!www\.w3\.org)", page)
    found = re.search(r'id="day">(.*?)</script>', page)
    assert found is not None
    told = json.loads(found[1])
    # One at work since before, one new; what was done the day before and what came the day after are not of this day.
    assert [row[:4] for row in told["complaints"] if row[0] == 0] == [[0, 0, 1, 0]]
    assert {row[1] for row in told["complaints"]} == {0, told["complaints"][-1][1]}
    assert [row[0] for row in told["complaints"]][1] == 8 * 3600
    rang = [(row[0], row[2]) for row in told["alarms"] if told["kinds"][row[3]] == "Laporan darurat"]
    assert rang[:2] == [(8 * 3600, 2), (8 * 3600 + 300, 1)]
    assert told["areas"][next(row for row in told["alarms"] if row[0] >= 8 * 3600)[4]]["code"] == AREA
    with pytest.raises(NoSuchDay, match="from 2026-11-24 to 2026-11-26"):
        record_of(drill.log, city, date(2026, 12, 24))
    drill.close()


def test_only_a_drill_is_recorded(on_file: StandingRoom) -> None:
    with pytest.raises(ValueError, match="only a drill"):
        record_of(on_file.log, on_file.room.city, DAY)


def test_the_command_names_the_option_that_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEROOM_DATA_DIR", str(tmp_path))
    for option, day, language in (("--date", "2026-12-32", "id"), ("--lang", str(DAY), "xx"), ("--date", str(DAY), "")):
        words = ["--date", day, "--lang", language, "--out", str(tmp_path / "day.html")]
        result = CliRunner().invoke(cli, ["drill-recording", *words])
        assert (result.exit_code, f"value for {option}" in result.output) == (2, True), result.output
