"""run.py import as a city clerk meets it: spreadsheets, exports and half-broken files."""

from datetime import UTC, datetime

import pytest

from liveroom.domain.complaints.intake import Report, Reporter
from liveroom.domain.requests import Malformed
from liveroom.tables.table_plan import parse_map
from tests.ingest.clerk import Clerk


def test_every_column_has_its_field(clerk: Clerk) -> None:
    header = "source_id,category,description,address,lat,lon,area,channel,reported_at,updated_at,priority,media,drill,"
    header += "closed_at,person.name,person.phone,person.email,Catatan"
    row = (
        "L-1,banjir,air naik,Jl. Melati,-6.17,106.63,36.71.01.1001,WhatsApp,2026-11-23T07:05:00+07:00,"
        "2026-11-23T08:00:00Z,urgent,https://contoh.id/1 https://contoh.id/2,FALSE,2026-11-23T09:00:00Z,"
        "Budi Contoh,0800-000-0001,budi@contoh.id,rahasia"
    )
    assert str(clerk.bring(clerk.file(f"{header}\n{row}\n"))) == "accepted 1, known 0, rejected 0"
    received = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)
    assert clerk.reports["L-1"] == Report(
        source_id="L-1",
        category="banjir",
        description="air naik",
        address="Jl. Melati",
        lat=-6.17,
        lon=106.63,
        area="36.71.01.1001",
        channel="WhatsApp",
        reported_at=received,
        received_at=received,
        updated_at=datetime(2026, 11, 23, 8, tzinfo=UTC),
        closed_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
        priority="urgent",
        media=("https://contoh.id/1", "https://contoh.id/2"),
        person=Reporter(name="Budi Contoh", phone="0800-000-0001", email="budi@contoh.id"),
    )


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_line_ends_and_a_byte_order_mark(clerk: Clerk, mark: str, end: str) -> None:
    lines = ["id;kind;description", 'A;banjir;"satu; dua, ""tiga""\n\tempat|lima"', "", "B;banjir;"]
    text = end.join(line.replace(";", mark) if n != 1 else line.replace(";", mark, 2) for n, line in enumerate(lines))
    tally = clerk.bring(clerk.file("\ufeff" + text), {"source_id": "id", "category": "kind"})
    assert (tally.accepted, tally.rejected) == (2, 0)
    assert clerk.reports["A"].description == 'satu; dua, "tiga"\n\tempat|lima'


def test_rejects_name_the_physical_line_where_the_record_begins(clerk: Clerk) -> None:
    path = clerk.file(
        "source_id,category,lat,lon,description\n"
        'A,banjir,,,"two\nlines"\n'
        "B,,,,\n"
        "\n"
        "C,banjir,106.6,96.1,\n"
        'D,banjir,nan,1,"three\r\nlines\nhere"\n'
        "E,banjir,1\n"
        "F,banjir,1,1,x,more\n"
        "G,banjir,\uff16,1,\n"
        "H,banjir,1_0,1,\n"
        "I,banjir,1,1,a\x00b\n"
        "J,banjir,1,1,fine"
    )
    assert str(clerk.bring(path)) == "accepted 2, known 0, rejected 8"
    assert clerk.rejects(path) == [
        (4, "category"), (6, "lat"), (7, "lat"), (10, ""), (11, ""), (12, "lat"), (13, "lat"), (14, "description"),
    ]  # fmt: skip
    assert clerk.reports.keys() == {"A", "J"}


def test_bytes_that_are_no_utf8_cost_their_row_only(clerk: Clerk) -> None:
    path = clerk.file(b"source_id,category,description\nA,banjir,caf\xe9\nB,banjir,caf\xc3\xa9\n")
    assert clerk.bring(path).accepted == 1
    assert clerk.rejects(path) == [(2, "description")]


def test_huge_cells_and_open_quotes_cost_their_record_only(clerk: Clerk) -> None:
    big = "x" * 400_000
    rows = [
        f"A,banjir,{big}",
        "B,banjir,ok",
        f'C,banjir,"{big}"',
        "D,banjir,ok",
        f"E,banjir,{'y,' * 200_000}",
        "F,banjir,ok",
    ]
    path = clerk.file("source_id,category,description\n" + "\n".join(rows) + "\n")
    assert clerk.bring(path).accepted == 3
    assert [line for line, _ in clerk.rejects(path)] == [2, 4, 6]
    unclosed = 'G,banjir,"open\n' + "H,banjir,swallowed\n" * 10_000 + "I,banjir,ok\n"
    path = clerk.file("source_id,category,description\n" + unclosed, "open.csv")
    clerk.bring(path)
    assert clerk.rejects(path)[0] == (2, "")
    assert "I" in clerk.reports
    short = 'J,banjir,"two\nlines"\nK,banjir,"open\nL,banjir,ok\n'
    path = clerk.file("source_id,category,description\n" + short, "short.csv")
    assert clerk.bring(path).accepted == 1
    assert clerk.rejects(path) == [(4, "")]


BROKEN = [
    ("", {}, "file"),
    ("\ufeff  \n\n", {}, "file"),
    ("source_id,kind\n1,banjir\n", {}, "category"),
    ("source_id,category\n1,banjir\n", {"lat": "latitude"}, "lat"),
    ("source_id,category,category\n1,banjir,x\n", {}, "file"),
    ("just some words\n", {}, "category"),
    ("s\0o\0u\0r\0c\0e\0_\0i\0d\0,\0\n\0", {}, "category"),
    ("source_id,category,reported_at\n1,banjir,03/04/2026 07:15\n", {}, "reported_at"),
    ('{"source_id": "1", "category": "banjir"}\n', {"closed_at": "closed"}, "closed_at"),
    ("[" * 100_000, {}, "file"),
]


@pytest.mark.parametrize(("text", "columns", "field"), BROKEN)
def test_a_file_that_does_not_fit_is_refused_before_anything_is_written(
    clerk: Clerk, text: str, columns: dict[str, str], field: str
) -> None:
    path = clerk.file(text)
    with pytest.raises(Malformed) as caught:
        clerk.bring(path, columns)
    assert caught.value.field == field
    assert clerk.reports == {}
    assert sorted(one.name for one in clerk.folder.iterdir()) == ["data.csv"]


def test_a_header_alone_is_an_import_of_nothing(clerk: Clerk) -> None:
    assert str(clerk.bring(clerk.file("source_id,category\n"))) == "accepted 0, known 0, rejected 0"


def test_the_map_is_read_strictly() -> None:
    assert parse_map("source_id=id, reported_at=created,person.name=who=x") == {
        "source_id": "id",
        "reported_at": "created",
        "person.name": "who=x",
    }
    assert parse_map("") == {}
    for wrong, field in (("sourceid=id", "sourceid"), ("lat", "lat"), ("lat=", "lat"), ("lat=a,lat=b", "lat")):
        with pytest.raises(Malformed) as caught:
            parse_map(wrong)
        assert caught.value.field == field


def test_json_lines_keep_their_types_and_their_lines(clerk: Clerk) -> None:
    lines = [
        '{"source_id": "A", "category": "banjir", "lat": 1, "lon": 2, "person": {"name": "Budi Contoh"}, "x": [1]}',
        "",
        '{"source_id": "B", "category": "banjir", "lat": true, "lon": 2}',
        "not json",
        "[1]",
        "[" * 50,
        '{"source_id": "C", "category": "banjir", "person.name": "Siti Rekaan"}',
        '{"source_id": "D", "category": "banjir", "description": "' + "x" * 2_000_000 + '"}',
        '{"source_id": "E", "category": "banjir", "person": "Budi"}',
        '{"source_id": "F", "category": "banjir"}',
    ]
    path = clerk.file("\n".join(lines), "data.jsonl")
    assert str(clerk.bring(path)) == "accepted 3, known 0, rejected 6"
    assert clerk.rejects(path) == [(3, "lat"), (4, ""), (5, ""), (6, ""), (8, ""), (9, "person")]
    named = [clerk.reports[key].person for key in "ACF"]
    assert named == [Reporter(name="Budi Contoh"), Reporter(name="Siti Rekaan"), None]


def test_an_array_says_the_line_of_each_item(clerk: Clerk) -> None:
    text = '[\n{"source_id": "A",\n "category": "x"},\n\n{"source_id": "B"},\n 7,\n{"source_id": "C", "category": "x"}]'
    path = clerk.file(text, "data.json")
    assert clerk.bring(path).accepted == 2
    assert clerk.rejects(path) == [(5, "category"), (6, "")]
    path = clerk.file(
        '[{"source_id": "D", "category": "x"},\n{"source_id": oops}, {"source_id": "E", "category": "x"}]'
    )
    assert clerk.bring(path).accepted == 1
    assert clerk.rejects(path) == [(2, "")]


@pytest.mark.parametrize("end", ["\n", ",\n", '\n] [{"source_id": "B", "category": "x"}]'])
def test_an_array_that_was_cut_off_or_is_not_all_says_so(clerk: Clerk, end: str) -> None:
    path = clerk.file(f'[{{"source_id": "A", "category": "x"}}{end}')
    assert clerk.bring(path).accepted == 1
    assert clerk.rejects(path) == [(2, "")]


def test_times_of_the_past_end_in_order(clerk: Clerk) -> None:
    path = clerk.file(
        "source_id,category,reported_at,closed_at\n"
        "A,x,2026-11-23T09:00:00Z,2026-11-23T08:59:59Z\n"
        "B,x,,2026-11-23T08:00:00Z\n"
        "C,x,2027-01-01T00:00:00Z,\n"
        "D,x,2026-11-23T09:00:00Z,2027-01-01T00:00:00Z\n"
        "E,x,2026-11-23T09:00:00Z,2026-11-23T09:00:00Z\n"
        "F,x,31/11/2026 09:00,\n"
    )
    clerk.bring(path)
    assert clerk.rejects(path) == [
        (2, "closed_at"), (3, "reported_at"), (4, "reported_at"), (5, "closed_at"), (7, "reported_at"),
    ]  # fmt: skip
    assert clerk.reports.keys() == {"E"}
