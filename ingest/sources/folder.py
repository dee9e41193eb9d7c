"""A watched folder: whatever CSV, JSON or JSON lines file is put into it is read once and moved to `done/`.

A file is read when nobody has written to it for a few seconds, row by row with a position, so that a restart goes on
where it stopped. One that is no file of complaints at all goes to `refused/`, and its beginning into quarantine.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from ingest.pull import Batch, Item, Misconfigured, PullSource, TryLater, parts_of
from ingest.sources.file import FIELDS, SourceRow, check_columns, row_values
from ingest.sources.importer import open_rows
from liveroom.accounts.quarantine import LONGEST
from liveroom.domain.requests import Malformed
from liveroom.runtime.time import system_now

ENDINGS = (".csv", ".json", ".jsonl")
DONE, REFUSED = "done", "refused"
ROWS = 100


class FolderPosition(msgspec.Struct, frozen=True):
    """The file that is being read, how it was when that began, and the rows of it that are in the log."""

    file: str
    size: int
    changed: int
    rows: int


class FolderSource(PullSource, frozen=True, kw_only=True):
    """``map``: columns by field, as `run.py import --map` has it. ``quiet_s``: a file is whole when nobody wrote to it
    for so long; one that is moved into the folder when it is whole needs none."""

    folder: str
    map: dict[str, str] = msgspec.field(default_factory=dict)
    quiet_s: float = 5.0

    history: ClassVar[bool] = True

    def faults(self) -> Iterator[tuple[str, str]]:
        """Fields that no report has."""
        for field in self.map:
            if field not in FIELDS:
                yield "map", f"knows no field {field!r}, only {', '.join(FIELDS)}"
        if self.quiet_s < 0:
            yield "quiet_s", "must not be negative"

    def fetch(self, position: str | None) -> Iterator[Batch]:
        """The files in the order of their names."""
        known = _known(position)
        folder = Path(self.folder)
        for path in self._files(folder):
            stat = path.stat()
            start = FolderPosition(file=path.name, size=stat.st_size, changed=stat.st_mtime_ns, rows=0)
            if known is not None and msgspec.structs.replace(known, rows=0) == start:
                start = known
            try:
                rows = open_rows(path)
                check_columns(rows, self.map)
            except Malformed as fault:
                yield Batch([Item(raw=_beginning(path), fault=_of_file(path, fault))], _text(start))
                self._move(path, REFUSED)
                continue
            read = start.rows
            for some in parts_of(_after(iter(rows), read), ROWS):
                read += len(some)
                items = [_item(row, self.map) for row in some]
                yield Batch(items, _text(msgspec.structs.replace(start, rows=read)))
            # Everything is in the log: what follows a yield runs after that.
            self._move(path, DONE)

    def _files(self, folder: Path) -> list[Path]:
        """The files that are whole. Raises Misconfigured where there is no such folder."""
        try:
            found = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and path.is_file())
            before = system_now().timestamp() - self.quiet_s
            return [one for one in found if not one.name.startswith(".") and one.stat().st_mtime <= before]
        except OSError as error:
            raise Misconfigured("folder", f"{folder} cannot be read: {error.strerror}") from error

    def _move(self, path: Path, where: str) -> None:
        """Raises Misconfigured where files cannot be moved; TryLater for one that was taken away meanwhile."""
        target = path.parent / where
        try:
            target.mkdir(exist_ok=True)
            path.replace(_free(target / path.name))
        except FileNotFoundError as error:
            raise TryLater(f"{path.name} was taken away") from error
        except OSError as error:
            raise Misconfigured("folder", f"{path.name} cannot be moved to {where}/: {error.strerror}") from error


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


def _item(row: SourceRow, columns: Mapping[str, str]) -> Item:
    return Item(raw=row.raw, value=_said(row_values(row, columns)) if row.values else None, fault=row.fault)


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something: whoever corrects a row need not read past the others."""
    inner = {name: _said(one) if isinstance(one, dict) else one for name, one in values.items()}
    return {name: one for name, one in inner.items() if one not in (None, {})}


def _of_file(path: Path, fault: Malformed) -> Malformed:
    return Malformed(fault.field, f"{path.name}: {fault.message}")


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LONGEST).decode("utf-8", "backslashreplace")


def _text(position: FolderPosition) -> str:
    return msgspec.json.encode(position).decode()


def _free(path: Path) -> Path:
    """The path, or with a number where a file of the name was read before."""
    more = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, 1_000_000))
    return next(one for one in chain((path,), more) if not one.exists())
