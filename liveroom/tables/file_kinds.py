"""Which kind of table a file is, by what it holds and never by its name, and its rows.

What cannot be read is named: the old .xls, ODS, PDF and compressed files are common, and each is told what to do.
"""

import zipfile
from pathlib import Path

from liveroom.domain.requests import Malformed
from liveroom.tables.delimited import CsvRows
from liveroom.tables.json_rows import JsonArray, JsonLines, is_one_document
from liveroom.tables.source_rows import SourceRows, first_byte
from liveroom.tables.workbook import WorkbookRows

ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".geojson", ".xlsx")
_ARCHIVE = b"PK\x03\x04"
_OTHERS = (
    (b"\xd0\xcf\x11\xe0", "is an old Excel file (.xls), or has a password: save it as .xlsx"),
    (b"%PDF", "is a PDF: ask for the table that it was made from"),
    (b"\x1f\x8b", "is compressed: unpack it first"),
    (b"7z\xbc\xaf", "is compressed: unpack it first"),
    (b"Rar!", "is compressed: unpack it first"),
    (b"SQLite format 3", "is a database: export the table as CSV"),
)
_ODS = "mimetype"


def open_rows(path: Path, encoding: str | None = None) -> SourceRows:
    """The rows of a file. Raises Malformed("file") for what is no table, with what to do about it.

    ``encoding``: of a CSV, where somebody said it; else it is found out.
    """
    with path.open("rb") as file:
        start = file.read(16)
    for mark, said in _OTHERS:
        if start.startswith(mark):
            raise Malformed("file", said)
    if start.startswith(_ARCHIVE):
        return _workbook(path)
    match first_byte(path):
        case b"":
            raise Malformed("file", "the file is empty")
        case b"[":
            return JsonArray(path)
        case b"{":
            return JsonArray(path) if is_one_document(path) else JsonLines(path)
        case _:
            return CsvRows(path, encoding)


def _workbook(path: Path) -> SourceRows:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist()[:10_000])
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Malformed("file", "is an archive that is cut off or broken") from error
    if "content.xml" in names and _ODS in names:
        raise Malformed("file", "is an OpenDocument table (.ods): save it as .xlsx or CSV")
    return WorkbookRows(path)
