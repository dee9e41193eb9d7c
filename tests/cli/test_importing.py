"""`run.py import` as a command: what it registers, what it refuses, and what it says at the end."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.context import opened
from cli.main import cli
from liveroom.room.clock import pause_source

ROWS = "nomor tiket,kategori,lat,lon\nA,banjir,-6.1781,106.6319\nB,banjir,106.6319,-6.1781\nC,banjir,-7.2,110.4\n"


@pytest.fixture(autouse=True)
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drill room of its own."""
    config = tmp_path / "config.yaml"
    config.write_text(f"city: tangerang\ndata_dir: {tmp_path / 'data'}\n")
    monkeypatch.setenv("LIVEROOM_CONFIG", str(config))
    for name in ("LIVEROOM_CITY", "LIVEROOM_DATA_DIR", "LIVEROOM_DATABASE_URL", "LIVEROOM_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


def bring(folder: Path, text: str, *words: str) -> Result:
    file = folder / "data.csv"
    file.write_text(text)
    return CliRunner().invoke(cli, ["import", str(file), "--source", "Dinas", "--drill", *words])


def sources() -> list[str]:
    return [one.source.name for one in opened(drill=True).sources.all()]


@pytest.mark.parametrize("text", ["%PDF-1.7\n", "", "nomor tiket,isi\nA,gelap\n"])
def test_a_file_that_is_refused_registers_no_source(tmp_path: Path, text: str) -> None:
    assert bring(tmp_path, text).exit_code == 1
    assert "Dinas" not in sources()


def test_it_says_what_was_turned_and_what_lies_outside(tmp_path: Path) -> None:
    said = "1 with latitude and longitude swapped, turned. 1 outside the city."
    trial = bring(tmp_path, ROWS, "--dry-run")
    assert trial.stdout.splitlines() == [said, "nothing was written; would be: accepted 3, known 0, rejected 0"]
    assert "Dinas" not in sources()
    done = bring(tmp_path, ROWS)
    assert done.stdout.splitlines() == [said, "accepted 3, known 0, rejected 0"]
    assert "Dinas" in sources()


def test_nothing_is_taken_for_a_source_that_is_paused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    room = opened(drill=True)
    room.sources.ensure("Dinas", None)
    pause_source(room.room, "Dinas", paused=True, actor="kepala")
    assert bring(tmp_path, ROWS).exit_code == 1
    assert "source: nothing is taken from it: it is paused or revoked" in capfd.readouterr().err
    assert sorted(one.name for one in tmp_path.glob("data.csv*")) == ["data.csv"]
    pause_source(room.room, "Dinas", paused=False, actor="kepala")
    assert bring(tmp_path, ROWS).exit_code == 0
