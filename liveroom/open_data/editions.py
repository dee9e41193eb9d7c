"""The files of a month, written whole, and what is known of each month's: the part that serves them needs no more.

A folder a month, in the data folder: the three files of the newest edition, `about.json` that names them, and
`register.json`, which is shown to nobody (see `anonymity.Register`). `about.json` is replaced last and at once, so that
whoever reads it finds files that fit together.
"""

import csv
import fcntl
import hashlib
import io
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from liveroom.open_data.anonymity import Register
from liveroom.open_data.columns import COLUMNS, Row
from liveroom.runtime.disk import sync_folder, whole_file

FORMATS = ("csv", "geojson", "parquet")
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
}
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
# A text of CSV that begins so gets an apostrophe before it: a spreadsheet would take it for a formula. One that begins
# with an apostrophe gets one too, so that taking one away always gives the text.
QUOTED = ("=", "+", "-", "@", "\t", "\r", "'")
# DuckDB keeps more than this on the disk.
_MEMORY = "256MB"
_ABOUT, _REGISTER = "about.json", "register.json"
_TEXTS = {"string", "yearmonth"}
_PARQUET_TYPES = {
    "string": "VARCHAR", "yearmonth": "VARCHAR", "date": "DATE", "number": "DOUBLE", "integer": "INTEGER",
    "boolean": "BOOLEAN",
}  # fmt: skip


class EditionFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an edition: ``stored`` is its name in the folder, ``sha256`` of all of it."""

    format: str
    stored: str
    size: int
    sha256: str


class MonthEdition(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a month's files.

    ``made_on``: the city's date; ``seq``: the position of the log that they show. ``rows``: complaints in each file;
    ``counted``: how many are only counted, to the nearest five, so that no sum gives one away. ``columns``: version of
    the columns. ``licence`` and ``licence_address``: as the pack named it then.
    """

    month: str
    made_on: str
    seq: int
    rows: int
    counted: int
    columns: int
    licence: str
    licence_address: str
    files: tuple[EditionFile, ...]

    def file(self, format_: str) -> EditionFile | None:
        """Its file of a format; None for a format that there is none of."""
        return next((one for one in self.files if one.format == format_), None)


class Editions:
    """The folders of all months of one kind of room."""

    def __init__(self, data_dir: Path, kind: str) -> None:
        self._folder = data_dir / "open-data" / kind

    def folder(self, month: str) -> Path:
        """The folder of a month."""
        return self._folder / month

    def newest_first(self) -> list[MonthEdition]:
        """Every month that was published, the latest first."""
        try:
            names = sorted((one.name for one in self._folder.iterdir() if MONTH.fullmatch(one.name)), reverse=True)
        except OSError:
            return []
        return [edition for name in names if (edition := self.of(name)) is not None]

    def of(self, month: str) -> MonthEdition | None:
        """The newest edition of a month; None where there is none."""
        if not MONTH.fullmatch(month):
            return None
        try:
            return msgspec.json.decode((self.folder(month) / _ABOUT).read_bytes(), type=MonthEdition)
        except (OSError, msgspec.DecodeError):
            return None

    def register(self, month: str) -> Register | None:
        """What was published of a month so far; None before the first edition.

        Raises ValueError for one that cannot be read: without it an edition could give somebody away.
        """
        path = self.folder(month) / _REGISTER
        try:
            return msgspec.json.decode(path.read_bytes(), type=Register)
        except FileNotFoundError:
            if (self.folder(month) / _ABOUT).exists():
                raise ValueError(f"{path} is gone: put it back from a copy, or delete the whole folder") from None
            return None
        except msgspec.DecodeError as error:
            raise ValueError(f"{path} is damaged: put it back from a copy, or delete the whole folder") from error

    def keep(self, month: str, register: Register) -> None:
        """Keep the register; before the files, since what it does not know could be published otherwise next time."""
        self.folder(month).mkdir(parents=True, exist_ok=True)
        with whole_file(self.folder(month) / _REGISTER) as out:
            out.write(msgspec.json.encode(register))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process at a time makes files: two registers of a month, each without the other, give somebody away."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def write(self, edition: MonthEdition, rows: Sequence[Row]) -> MonthEdition:
        """Write the files of an edition, and it with them in place of the one before. Raises OSError.

        Files that would say the same are left as they are.
        """
        folder = self.folder(edition.month)
        folder.mkdir(parents=True, exist_ok=True)
        before = self.of(edition.month)
        name = f"{edition.seq}-{secrets.token_hex(4)}"  # of this edition alone: the one before is served meanwhile
        paths = {format_: folder / f"{name}.{format_}" for format_ in FORMATS}
        with whole_file(paths["csv"]) as out:
            _write_csv(out, rows)
        if before is not None and _says_the_same(before, edition, _described("csv", paths["csv"])):
            files = before.files
        else:
            with whole_file(paths["geojson"]) as out:
                _write_geojson(out, rows, edition)
            _write_parquet(paths["csv"], paths["parquet"])
            files = tuple(_described(format_, path) for format_, path in paths.items())
        whole = msgspec.structs.replace(edition, files=files)
        with whole_file(folder / _ABOUT) as out:
            out.write(msgspec.json.encode(whole))
        kept = {_ABOUT, _REGISTER, *(one.stored for one in files)}
        for old in folder.iterdir():
            if old.name not in kept:
                with suppress(OSError):
                    old.unlink()
        return whole


def _says_the_same(before: MonthEdition, edition: MonthEdition, table: EditionFile) -> bool:
    """Whether the files of the edition before hold the same rows under the same licence."""
    known = before.file("csv")
    same = (before.columns, before.licence) == (edition.columns, edition.licence)
    return same and known is not None and known.sha256 == table.sha256


def _described(format_: str, path: Path) -> EditionFile:
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return EditionFile(format=format_, stored=path.name, size=path.stat().st_size, sha256=digest)


def _write_csv(out: IO[bytes], rows: Iterable[Row]) -> None:
    """RFC 4180 in UTF-8, with a line of names; null is an empty cell, and no text is empty."""
    lines = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(lines)
    writer.writerow([column.name for column in COLUMNS])
    kinds = [column.type for column in COLUMNS]
    for row in rows:
        writer.writerow([_cell(value, kind) for value, kind in zip(row, kinds, strict=True)])
    lines.detach()


def _cell(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    said = str(value)
    return f"'{said}" if kind in _TEXTS and said.startswith(QUOTED) else said


def _write_geojson(out: IO[bytes], rows: Iterable[Row], edition: MonthEdition) -> None:
    """A FeatureCollection, a feature a line: a point in the middle of the area or district, null for the city."""
    about = {"month": edition.month, "licence": edition.licence, "rows": edition.rows}
    out.write(b'{"type":"FeatureCollection",' + msgspec.json.encode(about)[1:-1] + b',"features":[')
    for place, feature in enumerate(_features(rows)):
        out.write((b",\n" if place else b"\n") + msgspec.json.encode(feature))
    out.write(b"\n]}\n")


def _features(rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    names = [column.name for column in COLUMNS]
    for row in rows:
        said = dict(zip(names, row, strict=True))
        lat, lon = said.pop("lat"), said.pop("lon")
        point = None if lat is None else {"type": "Point", "coordinates": [lon, lat]}
        yield {"type": "Feature", "geometry": point, "properties": said}


def _write_parquet(source: Path, path: Path) -> None:
    """The rows of the CSV as Parquet; DuckDB reads and writes in that folder alone, and fetches nothing."""
    import duckdb  # for cost: it takes 100 ms and no serving process needs it

    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    settings: dict[str, Any] = {
        "memory_limit": _MEMORY,
        "threads": 1,
        "temp_directory": str(path.parent / "duckdb.part"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    types = ", ".join(f"'{column.name}': '{_PARQUET_TYPES[column.type]}'" for column in COLUMNS)
    names = ", ".join(_unquoted(column.name) if column.type in _TEXTS else f'"{column.name}"' for column in COLUMNS)
    with duckdb.connect(":memory:", config=settings) as database:
        database.execute(f"SET allowed_directories = ['{_literal(path.parent)}']")
        database.execute("SET enable_external_access = false")
        database.execute("SET lock_configuration = true")
        # Names and types are this file's own, and a path of ours: nothing of a complaint is in the statement.
        how = "header=true, auto_detect=false, delim=',', quote='\"', escape='\"', nullstr=''"
        rows = f"SELECT {names} FROM read_csv(?, {how}, columns={{{types}}})"  # noqa: S608
        target = f"'{_literal(part)}' (FORMAT PARQUET, COMPRESSION ZSTD)"
        database.execute(f"COPY ({rows}) TO {target}", [str(source.resolve())])
    part.chmod(0o600)
    part.replace(path)
    sync_folder(path.parent)


def _unquoted(name: str) -> str:
    """SQL of a text without the apostrophe that `_cell` put before it."""
    return f"""CASE WHEN "{name}" LIKE '''%' THEN substr("{name}", 2) ELSE "{name}" END AS "{name}\""""


def _literal(path: Path) -> str:
    return str(path.resolve()).replace("'", "''")
