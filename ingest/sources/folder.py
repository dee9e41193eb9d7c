"""A watched folder: whatever table is put into it (CSV, JSON, GeoJSON, XLSX) is read once and moved to `done/`.

A file is read when nobody has written to it for a few seconds, row by row with a position, so that a restart goes on
where it stopped. One that is no file of complaints at all, or whose dates could be read in two ways, goes to
`refused/`, and its beginning into quarantine. So does one with another ending, and what is no ordinary file (a link, a
pipe), of which only the name is kept: it is never opened.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import ClassVar

import msgspec

from ingest.pull import Batch, Item, Misconfigured, PullSource, TryLater, first_of, parts_of
from liveroom.accounts.quarantine import LONGEST
from liveroom.domain.requests import Malformed
from liveroom.runtime.time import system_now
from liveroom.tables.file_kinds import ENDINGS, open_rows
from liveroom.tables.source_rows import SourceRow, SourceRows
from liveroom.tables.table_plan import FIELDS, TableCity, TablePlan, TableReader, said
from liveroom.tables.understood import settled, understand

DONE, REFUSED = "done", "refused"
ROWS = 100
# Names of what a program has yet to rename.
BEFORE, UNFINISHED = (".", "~$"), (".part", ".partial", ".filepart", ".tmp", ".crdownload")
OTHER_ENDING = f"has another ending than {', '.join(ENDINGS)}"


class FolderPosition(msgspec.Struct, frozen=True):
    """The file that is being read, how it was when that began, and the rows of it that are in the log."""

    file: str
    size: int
    changed: int
    rows: int


class FolderSource(PullSource, frozen=True, kw_only=True):
    """``map``: columns by field, as `run.py import --map` has it. ``dates``: dmy or mdy, where files do not show which.
    ``categories``: keys by what the files call them. ``quiet_s``: a file is whole when nobody wrote to it for so long;
    one that is moved into the folder when it is whole needs none."""

    folder: str
    map: dict[str, str] = msgspec.field(default_factory=dict)
    dates: str = ""
    categories: dict[str, str] = msgspec.field(default_factory=dict)
    quiet_s: float = 5.0

    history: ClassVar[bool] = True
    local: ClassVar[bool] = True

    def faults(self) -> Iterator[tuple[str, str]]:
        """Fields that no report has."""
        for field in self.map:
            if field not in FIELDS:
                yield "map", f"knows no field {field!r}, only {', '.join(FIELDS)}"
        if self.dates not in ("", "dmy", "mdy"):
            yield "dates", "must be dmy or mdy"
        if self.quiet_s < 0:
            yield "quiet_s", "must not be negative"

    def categories_named(self) -> Iterable[str]:
        """What theirs become; empty leaves one for triage."""
        return filter(None, self.categories.values())

    def fetch_in(self, position: str | None, city: TableCity) -> Iterator[Batch]:
        """The files in the order of their names."""
        return self._read(position, city, self._move)

    def preview_in(self, position: str | None, city: TableCity) -> Batch | None:
        """As ``fetch_in`` begins, and every file stays where it is."""
        return first_of(self._read(position, city, lambda _path, _where: None))

    def _read(self, position: str | None, city: TableCity, move: Callable[[Path, str], None]) -> Iterator[Batch]:
        known = _known(position)
        given = msgspec.convert(
            {"columns": self.map, "dates": self.dates or None, "categories": self.categories}, TablePlan
        )
        folder = Path(self.folder)
        for path in self._files(folder):
            stat = path.lstat()
            start = FolderPosition(file=_name(path), size=stat.st_size, changed=stat.st_mtime_ns, rows=0)
            if known is not None and msgspec.structs.replace(known, rows=0) == start:
                start = known
            if (unopened := _unopened(path, stat.st_mode)) is not None:
                yield Batch([Item(raw=_name(path), fault=_of_file(path, unopened))], _text(start))
                move(path, REFUSED)
                continue
            try:
                rows = _rows_of(path)
                reader = TableReader(settled(understand(rows, city, given)), city)
            except Malformed as fault:
                yield Batch([Item(raw=_beginning(path), fault=_of_file(path, fault))], _text(start))
                move(path, REFUSED)
                continue
            read = start.rows
            for some in parts_of(_after(iter(rows), read), ROWS):
                read += len(some)
                items = [item_of(row, reader) for row in some]
                yield Batch(items, _text(msgspec.structs.replace(start, rows=read)))
            # Everything is in the log: what follows a yield runs after that.
            move(path, DONE)

    def _files(self, folder: Path) -> list[Path]:
        """What is whole and no folder. Raises Misconfigured where there is no such folder."""
        try:
            found = sorted(path for path in folder.iterdir() if not _is_left_alone(path))
            before = system_now().timestamp() - self.quiet_s
            return [one for one in found if one.lstat().st_mtime <= before]
        except OSError as error:
            raise Misconfigured("folder", f"{folder} cannot be read: {error.strerror}") from error

    def _move(self, path: Path, where: str) -> None:
        """Raises Misconfigured where files cannot be moved; TryLater for one that was taken away meanwhile."""
        target = path.parent / where
        try:
            target.mkdir(exist_ok=True)
            path.replace(_free(target / path.name))
        except FileNotFoundError as error:
            raise TryLater(f"{_name(path)} was taken away") from error
        except OSError as error:
            raise Misconfigured("folder", f"{_name(path)} cannot be moved to {where}/: {error.strerror}") from error


def _known(position: str | None) -> FolderPosition | None:
    """The position; None at the beginning, and where a source of another kind had this name before."""
    try:
        return None if position is None else msgspec.json.decode(position, type=FolderPosition)
    except msgspec.DecodeError:
        return None


def _after(rows: Iterator[SourceRow], read: int) -> Iterator[SourceRow]:
    for _ in range(read):
        next(rows, None)
    return rows


def item_of(row: SourceRow, reader: TableReader) -> Item:
    """A row as the runner takes it; one that cannot be read has its cells as they stand, to be corrected."""
    try:
        return Item(raw=row.raw, value=said(reader.values(row)))
    except Malformed as fault:
        return Item(raw=row.raw, value=reader.unread(row) or None, fault=fault)


def _is_left_alone(path: Path) -> bool:
    if path.name.startswith(BEFORE) or path.suffix.lower() in UNFINISHED or path.name in (DONE, REFUSED):
        return True
    return S_ISDIR(path.lstat().st_mode)


def _unopened(path: Path, mode: int) -> Malformed | None:
    """Why a file is refused without a look into it."""
    if S_ISLNK(mode):
        return Malformed("file", "is a link: put the file itself here")
    if not S_ISREG(mode):
        return Malformed("file", "is no ordinary file")
    if path.suffix.lower() not in ENDINGS and not os.access(path, os.R_OK):
        return Malformed("file", f"{OTHER_ENDING}, and may not be read")
    return None


def _rows_of(path: Path) -> SourceRows:
    """The rows. Raises Malformed for what is no table, and for one whose ending is not that of one."""
    rows = open_rows(path)
    if path.suffix.lower() not in ENDINGS:
        raise Malformed("file", f"{OTHER_ENDING}: name it by what it holds")
    return rows


def _name(path: Path) -> str:
    """The name as text, also where its bytes are none."""
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")


def _of_file(path: Path, fault: Malformed) -> Malformed:
    return Malformed(fault.field, f"{_name(path)}: {fault.message}")


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LONGEST).decode("utf-8", "backslashreplace")


def _text(position: FolderPosition) -> str:
    return msgspec.json.encode(position).decode()


def _free(path: Path) -> Path:
    """The path, or with a number where a file of the name was read before."""
    more = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, 1_000_000))
    return next(one for one in chain((path,), more) if not one.exists())
