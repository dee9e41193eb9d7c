"""Files of other cities, written after the formats that these publish: what each column is taken for, and its rows."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Malformed
from liveroom.tables import delimited, source_rows, workbook
from liveroom.tables.file_kinds import open_rows
from liveroom.tables.table_plan import TablePlan, TableReader
from liveroom.tables.understood import Understood, settled, understand
from tests.rooms.packs import city

NOW = datetime.fromisoformat("2026-11-24T00:10:00+00:00")


class Office:
    """Writes a file and has it read in a city."""

    def __init__(self, folder: Path, key: str = "tangerang") -> None:
        self.path, self.city = folder / "file", city(key)

    def looks(self, content: str | bytes, **plan: Any) -> Understood:
        self.path.write_bytes(content if isinstance(content, bytes) else content.encode())
        given = TablePlan(**plan)
        return understand(open_rows(self.path, given.encoding or None), self.city, given)

    def brings(self, found: Understood) -> list[Report | str]:
        """Each row as a report, or the field and reason for which it is refused."""
        self.reader = TableReader(settled(found), self.city)
        return [self._one(row) for row in open_rows(self.path, found.plan.encoding or None)]

    def _one(self, row: Any) -> Report | str:
        try:
            return self.reader.report(row, NOW, "real")
        except Malformed as fault:
            return f"{row.line} {fault.field}: {fault.message}"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


BOGOR = """REKAP PENGADUAN 2025;;;;;;;;
No;No_Tiket;Tgl Masuk;Tgl Selesai;Jenis;Lintang;Bujur;Uraian;Nama Pelapor
1;BGR25-1;03/04/2025 07:15;05/04/2025 10.40;Banjir;-6,1781;106,6319;“Air” naik, café;Budi Contoh
2;BGR25-2;28/04/2025 07:15;;jalan RUSAK;106,6319;−6,1781;Lubang;Siti Rekaan
3;BGR25-3;31/02/2025 07:15;;Banjir;-6,1781;106,6319;;Siti Rekaan
4;BGR25-4;28/04/2025 07:15;;Tak dikenal;-7,25;112,75;;Siti Rekaan
"""


def test_a_sheet_of_an_indonesian_office(office: Office) -> None:
    found = office.looks(BOGOR.replace("−", "-").encode("cp1252"), outside="refuse")
    assert found.said == {"kind": "csv", "encoding": "cp1252", "delimiter": ";"}
    taken = {one.name: (one.field, one.why) for one in found.columns}
    assert taken == {
        "No": ("", ""), "No_Tiket": ("source_id", "name"), "Tgl Masuk": ("reported_at", "name"),
        "Tgl Selesai": ("closed_at", "name"), "Jenis": ("category", "name"), "Lintang": ("lat", "name"),
        "Bujur": ("lon", "name"), "Uraian": ("description", "name"), "Nama Pelapor": ("", "personal"),
    }  # fmt: skip
    assert found.columns[-1].samples == () and (found.order, found.plan.dates) == ("shown", "dmy")
    assert [(one.text, one.key) for one in found.categories] == [
        ("Banjir", "banjir"), ("jalan RUSAK", "jalan_rusak"), ("Tak dikenal", None),
    ]  # fmt: skip
    first, second, third, fourth = office.brings(found)
    assert isinstance(first, Report) and isinstance(second, Report)
    assert (first.category, first.lat, first.lon, first.description) == (
        "banjir",
        -6.1781,
        106.6319,
        "“Air” naik, café",
    )
    assert (str(first.received_at), str(first.closed_at)) == ("2025-04-03 00:15:00+00:00", "2025-04-05 03:40:00+00:00")
    assert (second.lat, second.lon, second.person) == (-6.1781, 106.6319, None)
    assert third == "5 reported_at: '31/02/2025 07:15' is a date or a time that does not exist (column 'Tgl Masuk')"
    assert fourth == "6 lat: -7.25, 112.75 is outside the city (column 'Lintang')"
    assert office.reader.noted == {"comma": 6, "turned": 1}


def test_a_sheet_of_excel_with_real_dates_as_boston_has_its_columns(office: Office) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Boston 311"],
        ["case_enquiry_id", "open_dt", "closed_dt", "type", "latitude", "longitude", "source", "case_title"],
        [101005, datetime.fromisoformat("2025-03-01T08:30"), None, "Banjir", -6.1781, 106.6319, "App", "=1+1"],
        [None] * 8,
        [
            101006,
            datetime.fromisoformat("2025-03-02"),
            datetime.fromisoformat("2025-03-03"),
            "Banjir",
            None,
            None,
            "App",
            "Street flooded",
        ],
    ):
        sheet.append(row)
    book.save(office.path)
    found = office.looks(office.path.read_bytes())
    assert found.said["kind"] == "xlsx"
    first, second = office.brings(found)
    assert isinstance(first, Report) and isinstance(second, Report)
    # A formula without a value that Excel left is nothing, and never run.
    assert (first.source_id, str(first.received_at), first.description) == ("101005", "2025-03-01 01:30:00+00:00", "")
    assert (second.channel, str(second.closed_at), second.lat) == ("App", "2025-03-02 17:00:00+00:00", None)


def test_a_spanish_export_in_latin_1_and_dates_that_must_be_asked(office: Office) -> None:
    text = "contacto;categoría;fecha_ingreso;domicilio_calle\n00001/25;Banjir;03/04/2025;Av. Córdoba\n"
    found = office.looks((text * 1 + "00002/25;Banjir;04/03/2025;Núñez\n").encode("latin-1"))
    assert found.questions == ("dates",)
    with pytest.raises(Malformed) as told:
        settled(found)
    assert told.value.field == "reported_at" and "fecha_ingreso" in told.value.message
    answered = office.looks(office.path.read_bytes(), dates="dmy")
    assert answered.questions == ()
    first, second = office.brings(answered)
    assert isinstance(first, Report) and isinstance(second, Report)
    assert (first.source_id, first.address, str(first.received_at)) == (
        "00001/25",
        "Av. Córdoba",
        "2025-04-02 17:00:00+00:00",
    )
    assert second.address == "Núñez"


def test_features_of_geojson_and_ids_that_are_made_of_rows(office: Office) -> None:
    def feature(text: str) -> dict[str, Any]:
        place = {"type": "Point", "coordinates": [106.6319, -6.1781]}
        return {"type": "Feature", "properties": {"jenis": "Banjir", "uraian": text}, "geometry": place}

    area = {"type": "Feature", "properties": {"jenis": "Banjir"}, "geometry": {"type": "Polygon", "coordinates": []}}
    features = [feature("naik"), feature("turun"), feature("naik"), area]
    found = office.looks(json.dumps({"type": "FeatureCollection", "features": features}, indent=1))
    assert found.plan.columns["point"] == "geometry" and found.plan.columns["source_id"] == ""
    first, second, third, fourth = office.brings(found)
    assert isinstance(first, Report) and isinstance(second, Report) and isinstance(third, Report)
    assert (first.lat, first.lon) == (-6.1781, 106.6319)
    assert first.source_id == third.source_id != second.source_id
    assert "Polygon and no point" in str(fourth)


def test_what_somebody_said_holds_and_names_its_fault(office: Office) -> None:
    text = "a,b,c\n1,Banjir,PJU\n2,Sampah,PJU\n"
    assert office.looks(text).questions == ("category",)
    found = office.looks(text, columns={"category": "c", "source_id": "a"}, categories={"PJU": "pju_mati"})
    assert [one.category for one in office.brings(found) if isinstance(one, Report)] == ["pju_mati", "pju_mati"]
    with pytest.raises(Malformed) as told:
        office.looks(text, columns={"lat": "z"})
    assert told.value.field == "lat"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "cp850"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_any_encoding_and_delimiter_says_the_same(office: Office, encoding: str, mark: str) -> None:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=mark, lineterminator="\r\n")
    writer.writerows([["id", "kategori", "isi"], ["A", "Banjir", f'Señor Núñez dijo "qué{mark} cuándo" ¡rápido!']])
    (report,) = office.brings(office.looks(written.getvalue().encode(encoding)))
    assert isinstance(report, Report) and report.description == f'Señor Núñez dijo "qué{mark} cuándo" ¡rápido!'


@pytest.mark.parametrize("encoding", ["cp1252", "cp850"])
def test_german_is_written_with_an_eszett(office: Office, encoding: str) -> None:
    rows = "".join(f"{n};Straße;Große Straße, außer dem Café Genève\n" for n in range(20))
    report = office.brings(office.looks(f"id;kategori;isi\n{rows}".encode(encoding)))[0]
    assert isinstance(report, Report) and report.description == "Große Straße, außer dem Café Genève"


def archive(packed: int = zipfile.ZIP_DEFLATED, **members: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", packed) as out:
        for name, content in members.items():
            out.writestr(name.replace("__", "/"), content)
    return raw.getvalue()


NO_TABLES = [
    (b"nomor," + b"x" * 200_000 + b"\n", "names of its columns"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 50, "old Excel"),
    (b"%PDF-1.7\n", "PDF"),
    (b"\x1f\x8b\x08\0", "compressed"),
    (archive(a=b"1"), "no XLSX"),
    (archive(mimetype=b"ods", **{"content.xml": b"<x/>"}), "OpenDocument"),
    (archive(**{"xl__workbook.xml": b"<workbook/>", "xl__worksheets__sheet1.xml": b"\0" * (64 << 20)}), "packed"),
    (archive(**{"xl__workbook.xml": b"<workbook/>"}), "cannot be read"),
    (archive(**{"xl__workbook.xml": b"<workbook/>"})[:60], "cut off"),
    (b'{"features": [' + b"[" * 100_000, "deep"),
    (b'{"a": 1,\n "b": 2}', "without an array"),
]


@pytest.mark.parametrize(("turned", "texts"), [(True, 5), (False, 5), (True, 0)])
def test_dates_whose_day_and_month_a_program_turned_are_told_and_not_taken(
    office: Office, turned: bool, texts: int
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "kategori", "tanggal"])
    for n in range(1, 13):
        sheet.append([f"A{n}", "Banjir", datetime.fromisoformat(f"2025-04-{n if turned else n + 13:02}")])
    for n in range(texts):
        sheet.append([f"B{n}", "Banjir", f"{n + 20}/04/2025"])
    book.save(office.path)
    if turned and texts:
        with pytest.raises(Malformed) as told:
            office.looks(office.path.read_bytes())
        assert told.value.field == "reported_at" and "'tanggal'" in told.value.message
    else:
        assert len(office.brings(office.looks(office.path.read_bytes()))) == 12 + texts


def test_no_part_of_a_workbook_that_becomes_a_whole_in_memory_is_large(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_HELD", 1 << 20)
    row = b'<row r="1"><c r="A1"><v>1</v></c></row>'
    endless = row.replace(b"</row>", b'<c r="B1"/>' * (300 << 10))
    for part, content, why in (
        ("xl__styles.xml", bytes(2 << 20), "styles.xml has more"),
        ("xl__worksheets__sheet1.xml", endless, "a row of more"),
        ("xl__worksheets__sheet1.xml", row * (60 << 10), "cannot be read"),
    ):
        with pytest.raises(Malformed) as told:
            office.looks(archive(zipfile.ZIP_STORED, **{"xl__workbook.xml": b"<workbook/>", part: content}))
        assert why in told.value.message


def test_one_cell_far_down_does_not_make_a_million_rows(office: Office) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "kategori"])
    sheet.append(["A", "Banjir"])
    sheet["XFD1048576"] = "x"
    book.save(office.path)
    assert len(office.brings(office.looks(office.path.read_bytes()))) == 1


def test_a_sheet_is_read_to_its_end_whatever_it_says_of_its_size_and_whatever_is_blank(office: Office) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line, cells in ((1, ["id", "kategori"]), (2, ["A", "Banjir"]), (5_000, ["B", "Banjir"])):
        for place, text in enumerate(cells, 1):
            sheet.cell(line, place, text)
    book.save(office.path)
    made = io.BytesIO()
    with zipfile.ZipFile(office.path) as whole, zipfile.ZipFile(made, "w") as out:
        for name in whole.namelist():
            out.writestr(name, whole.read(name).replace(b'<dimension ref="A1:B5000"', b'<dimension ref="A1"'))
    assert b'ref="A1:B5000"' not in made.getvalue()
    found = office.looks(made.getvalue())
    assert [one.source_id for one in office.brings(found) if isinstance(one, Report)] == ["A", "B"]


def test_a_workbook_of_a_sheet_a_month_is_read_whole_and_what_has_other_columns_is_left(office: Office) -> None:
    book = openpyxl.Workbook()
    for title, names in (("Jan", ["id", "kategori"]), ("Grafik", ["bulan", "jumlah"]), ("Feb", ["id", "kategori"])):
        sheet = book.create_sheet(title)
        sheet.append(names)
        sheet.append([f"{title}-1", "Banjir"])
    book.save(office.path)
    found = office.looks(office.path.read_bytes())
    assert found.said["sheet"] == "Jan, Feb"
    assert [one.source_id for one in office.brings(found) if isinstance(one, Report)] == ["Jan-1", "Feb-1"]


@pytest.mark.parametrize("spoil", [lambda raw: raw.replace(b"</row>", b"</rov>", 1), lambda raw: b"<x/>" + raw[:200]])
def test_a_workbook_that_is_broken_within_is_told_so(office: Office, spoil: Callable[[bytes], bytes]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "kategori"])
    book.save(office.path)
    made = io.BytesIO()
    with zipfile.ZipFile(office.path) as whole, zipfile.ZipFile(made, "w") as out:
        for name in whole.namelist():
            out.writestr(name, spoil(whole.read(name)) if "sheet1" in name else whole.read(name))
    with pytest.raises(Malformed) as told:
        office.looks(made.getvalue())
    assert told.value.field == "file"


def test_a_document_in_one_line_is_its_records_too(office: Office) -> None:
    records = [{"nomor": f"L-{n}", "kategori": "Banjir"} for n in range(2)]
    for member in ("data", "records"):
        found = office.looks(json.dumps({"status": "ok", member: records}))
        assert [one.source_id for one in office.brings(found) if isinstance(one, Report)] == ["L-0", "L-1"]
    # An object a line stays that, whatever it holds.
    found = office.looks("\n".join(json.dumps({**one, "items": [{"a": 1}]}) for one in records))
    assert found.said["kind"] == "jsonl" and len(office.brings(found)) == 2


def test_columns_about_persons_are_neither_shown_nor_taken_whatever_they_are_called(office: Office) -> None:
    secret = {
        "pelapor": {"nama": "Budi", "kota": "Budi"},
        "no hp aktif": "Budi",
        "E-mail reporter": "Budi",
        "warga": "Budi",
    }
    found = office.looks(json.dumps({"nomor": "L-1", "kategori": "Banjir", "nama jalan": "Melati", **secret}))
    shown = {one.name: one.samples for one in found.columns}
    assert "Budi" not in str(shown) and shown["nama jalan"] == ("Melati",)
    assert "Budi" not in str(office.brings(found))


def test_long_rows_are_not_all_held_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_rows, "_HELD", 2_000)
    rows = [{"nomor": f"L-{n}", "kategori": "Banjir", "foto": "x" * 500, f"k{n}": n} for n in range(400)]
    found = office.looks("\n".join(map(json.dumps, rows)))
    assert len(found.sample) == 4 and len(office.brings(found)) == 400
    assert len(source_rows.names_of_columns(open_rows(office.path), list(open_rows(office.path)))) == 256


def test_a_record_without_end_is_refused_where_it_is_too_long_and_the_next_are_read(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "MOST_RECORD", 1_000)
    endless = 'X,"a\n' + '","a\n' * 300
    found = office.looks(f'nomor,kategori\nA,Banjir\n{endless}"\nB,Banjir\n', encoding="utf-8")
    brought = office.brings(found)
    assert max(len(row.raw) for row in found.sample) <= 1_000
    assert isinstance(brought[0], Report) and "longer than 1000" in str(brought[1])


def test_the_apostrophe_that_keeps_a_cell_from_being_a_formula_is_none_of_it(office: Office) -> None:
    found = office.looks("nomor,kategori,isi\nA,Banjir,'=naik\nB,Banjir,'sudah' naik\nC,Banjir,'\n")
    assert [one.description for one in office.brings(found) if isinstance(one, Report)] == [
        "=naik",
        "'sudah' naik",
        "'",
    ]


def test_a_report_of_history_came_by_no_page_of_ours_whose_citizens_are_written_to(office: Office) -> None:
    found = office.looks("nomor,kategori,kanal\nA,Banjir,web\nB,Banjir,WhatsApp\n")
    assert [one.channel for one in office.brings(found) if isinstance(one, Report)] == ["website", "WhatsApp"]


def test_no_entity_of_a_workbook_is_ever_expanded(office: Office) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "kategori"])
    book.save(office.path)
    made = io.BytesIO()
    with zipfile.ZipFile(office.path) as whole, zipfile.ZipFile(made, "w") as out:
        for name in whole.namelist():
            raw = whole.read(name).replace(b"kategori", b"&boom;")
            out.writestr(name, b'<!DOCTYPE x [<!ENTITY boom "kategori">]>' + raw if b"&boom;" in raw else raw)
    with pytest.raises(Malformed) as told:
        office.looks(made.getvalue())
    assert told.value.field == "file"


@pytest.mark.parametrize(("raw", "why"), NO_TABLES, ids=[why for _, why in NO_TABLES])
def test_what_is_no_table_is_told_why_before_it_is_unpacked(office: Office, raw: bytes, why: str) -> None:
    with pytest.raises(Malformed) as told:
        office.looks(raw)
    assert told.value.field == "file" and why in told.value.message


def test_a_number_that_stands_twice_stays_the_number(office: Office) -> None:
    rows = [f"D-{n},Banjir" for n in range(10)]
    for name, taken in (("no_tiket", "no_tiket"), ("nomor", "")):
        found = office.looks("\n".join([f"{name},kategori", *rows, rows[0]]))
        assert found.plan.columns["source_id"] == taken
    mostly = office.looks("\n".join(["no_tiket,kategori", *rows[:4], *[rows[0]] * 6]))
    assert mostly.plan.columns["source_id"] == ""


def test_a_point_among_outlines_keeps_its_place_and_they_are_refused(office: Office) -> None:
    ring = [[[106.6, -6.2], [106.7, -6.2], [106.7, -6.1], [106.6, -6.2]]]
    shapes = [{"type": "Point", "coordinates": [106.63, -6.17]}, *[{"type": "Polygon", "coordinates": ring}] * 5]
    features = [
        {"type": "Feature", "geometry": shape, "properties": {"source_id": f"K-{n}", "category": "Banjir"}}
        for n, shape in enumerate(shapes)
    ]
    found = office.looks(json.dumps({"type": "FeatureCollection", "features": features}))
    point, *outlines = office.brings(found)
    assert isinstance(point, Report) and point.lat == -6.17
    assert len(outlines) == 5 and all("Polygon" in str(one) for one in outlines)
