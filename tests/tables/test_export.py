"""A table written as CSV and XLSX: what office programs open, what no cell becomes, and that others get their turn."""

import csv
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from liveroom.runtime.server.thread_mode import ThreadRuntime
from liveroom.tables.export import CSV, PERCENT, XLSX, Cell, Export, ExportColumn, written

ZONE = ZoneInfo("Asia/Jakarta")
COLUMNS = (ExportColumn("Nama"), ExportColumn("Isi"), ExportColumn("Masuk"), ExportColumn("Nilai", 12, PERCENT))
MOMENT = datetime(2026, 11, 24, 7, 5, 9, 250_000, tzinfo=UTC)
HOSTILE = ("=1+1", "+62812", "-3", "@SUM(A1)", "\tx", "\r=1", '=HYPERLINK("http://x","y")', "\uff1d1")
HARMLESS = ("L-1", "a;b", 'kata "ini", itu', "baris\nbaru", "Jl. Ñandú", "A; - B", "\u202eterbalik", "#N/A")


class Counting(ThreadRuntime):
    """Counts how often it lets others run, and runs aside."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses = self.asides = 0

    def sleep(self, seconds: float) -> None:
        self.pauses += seconds == 0

    def run_aside(self, work: Callable[[], Any]) -> Any:
        self.asides += 1
        return work()


def export(rows: list[tuple[Cell, ...]]) -> Export:
    return Export(title="Antrean [1]: *", columns=COLUMNS, pages=[rows], zone=ZONE)


def row(text: str) -> tuple[Cell, ...]:
    return "x", text, MOMENT, 0.634


def as_bytes(table: Export, form: str, runtime: Counting | None = None) -> bytes:
    with written(table, form, runtime or Counting()) as file:
        return file.read()


def as_csv(table: Export) -> list[list[str]]:
    raw = as_bytes(table, CSV)
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(raw.decode("utf-8-sig"), newline="")))


def test_a_csv_is_as_the_standard_says_and_opens_as_utf_8() -> None:
    raw = as_bytes(export([row('kata "ini", itu')]), CSV)
    assert raw.decode("utf-8-sig") == ('Nama,Isi,Masuk,Nilai\r\nx,"kata ""ini"", itu",2026-11-24 14:05:09,0.634\r\n')


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_a_csv_begins_as_a_formula(text: str) -> None:
    _, (_, cell, *_) = as_csv(export([row(text)]))
    assert cell == f"'{text}"


@pytest.mark.parametrize(
    ("text", "cell"),
    [("a;=1+1", "a;'=1+1"), ("a\n-1", "a\n'-1"), ("a\t@x;+1", "a\t'@x;'+1"), ('a"\r\n=1', "a\"\r\n'=1")],
)
def test_no_part_of_a_cell_becomes_a_formula_where_a_semicolon_parts_cells(text: str, cell: str) -> None:
    _, (_, found, *_) = as_csv(export([row(text)]))
    assert found == cell


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    _, (_, cell, *_) = as_csv(export([row(text)]))
    assert cell == text


def test_a_workbook_holds_text_numbers_and_moments_and_no_formula() -> None:
    rows = [row(text) for text in (*HOSTILE[:4], *HARMLESS)] + [("x", "a\x00\ud800b", None, -6.25)]
    raw = as_bytes(export(rows), XLSX)
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        assert b"<f>" not in b"".join(archive.read(name) for name in archive.namelist())
    sheet = openpyxl.load_workbook(BytesIO(raw)).active
    assert sheet is not None and sheet.freeze_panes == "A2"
    names, *lines = sheet.iter_rows()
    assert [cell.value for cell in names] == ["Nama", "Isi", "Masuk", "Nilai"]
    assert [line[1].value for line in lines] == [*HOSTILE[:4], *HARMLESS, "a\ufffd\ufffdb"]
    assert {line[1].data_type for line in lines} == {"s"}
    assert str(lines[0][2].value) == "2026-11-24 14:05:09" and lines[0][3].number_format == PERCENT
    assert lines[-1][3].value == -6.25


def test_numbers_and_days_are_no_text() -> None:
    wide = Export(title="x", columns=COLUMNS, pages=[[(-6.17, True, date(2026, 11, 24), 3)]], zone=ZONE)
    assert as_csv(wide)[1] == ["-6.17", "1", "2026-11-24", "3"]


def test_others_have_their_turn_in_a_long_table() -> None:
    rows = [row("panjang")] * 1200
    told = {form: Counting() for form in (CSV, XLSX)}
    for form, runtime in told.items():
        assert as_bytes(export(rows), form, runtime)[:4] in (b"\xef\xbb\xbfN", b"PK\x03\x04")
    assert told[CSV].pauses >= 12 and told[XLSX].asides >= 4


def test_nothing_is_left_behind_when_reading_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def pages() -> Any:
        yield [row("a")]
        raise LookupError

    for form in (CSV, XLSX):
        with pytest.raises(LookupError):
            written(Export(title="x", columns=COLUMNS, pages=pages(), zone=ZONE), form, Counting())
    assert list(tmp_path.iterdir()) == []
