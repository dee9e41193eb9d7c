"""Import of a file into the room: in batches, restartable, beside a running server.

A source_id that the room knows is counted and changes nothing, so an import that was killed is simply run again. Rows
that are refused go to FILE.rejects.jsonl, one JSON object a line, never the row itself: it may hold personal data.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Protocol, TextIO

from ingest.sources.api import IntakeRoom
from ingest.sources.file import (
    CsvRows,
    JsonArray,
    JsonLines,
    SourceRow,
    SourceRows,
    check_columns,
    first_byte,
    row_report,
)
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import IntakeResult, Malformed
from liveroom.room.bulk import IN_BULK
from liveroom.runtime.time import monotonic


class Categories(Protocol):
    """The city as an import needs it."""

    def category_key(self, text: str) -> str:
        """The key of the category that a source calls ``text``."""


class ImportRoom(IntakeRoom, Protocol):
    """The room as an import needs it."""

    @property
    def city(self) -> Categories:
        """The city whose categories the rows name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTally:
    """The result of an import, in rows."""

    accepted: int
    known: int
    rejected: int

    def __str__(self) -> str:
        """The last line of the command's output."""
        return f"accepted {self.accepted}, known {self.known}, rejected {self.rejected}"


def open_rows(path: Path) -> SourceRows:
    """The rows of a file by what it holds: an array, objects a line, otherwise CSV. Raises Malformed("file")."""
    match first_byte(path):
        case b"":
            raise Malformed("file", "the file is empty")
        case b"[":
            return JsonArray(path)
        case b"{":
            return JsonLines(path)
        case _:
            return CsvRows(path)


def run_import(
    path: Path,
    *,
    room: ImportRoom,
    source: str,
    columns: Mapping[str, str],
    progress: Callable[[int], None],
    rest: Callable[[float], None],
) -> ImportTally:
    """Import ``path`` as ``source`` (its id). Raises Malformed with nothing written, or Unavailable part of the way.

    ``columns`` by field; ``progress`` gets the bytes read so far; ``rest`` gives way between
    transactions for as many seconds as the last one took, where a server runs whose own writes need their turn.
    """
    rows = open_rows(path)
    check_columns(rows, columns)
    with Rejects(path) as rejects:
        run = ImportRun(room=room, source=source, rejects=rejects, rest=rest)
        for row in rows:
            if run.take(row, columns):
                progress(row.offset)
        run.send()
        return ImportTally(accepted=run.accepted, known=run.known, rejected=rejects.count)


class Rejects:
    """The file of rejects beside ``path``: put in place when the block ends well, complete or not there at all.

    An older one is then replaced, or removed when nothing was rejected.
    """

    def __init__(self, path: Path) -> None:
        """``path``: the imported file."""
        self._place = path.with_name(path.name + ".rejects.jsonl")
        self._draft = self._place.with_name(self._place.name + ".part")
        self._file: TextIO | None = None
        self.count = 0

    def __enter__(self) -> "Rejects":
        self._file = self._draft.open("w", encoding="utf-8", newline="\n")
        return self

    def add(self, line: int, fault: Malformed) -> None:
        """Write down the fault of one row."""
        assert self._file is not None
        entry = {"line": line, "field": fault.field, "message": fault.message}
        self._file.write(json.dumps(entry) + "\n")
        self.count += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if kind is None and self.count:
            self._draft.replace(self._place)
            return
        self._draft.unlink()
        if kind is None:
            self._place.unlink(missing_ok=True)


class ImportRun:
    """One import under way: a batch that fills, and the counts so far."""

    def __init__(self, *, room: ImportRoom, source: str, rejects: Rejects, rest: Callable[[float], None]) -> None:
        """Begin with nothing taken."""
        self._room, self._source, self._rejects, self._rest = room, source, rejects, rest
        self._now = room.now()
        self._batch: list[tuple[int, Report]] = []
        self.accepted = self.known = 0

    def take(self, row: SourceRow, columns: Mapping[str, str]) -> bool:
        """Add one row to the batch, or to the rejects; true when the batch was full and went out."""
        try:
            report = row_report(row, columns, self._now, self._room.kind)
        except Malformed as fault:
            self._rejects.add(row.line, fault)
            return False
        key = self._room.city.category_key(report.category.strip())
        self._batch.append((row.line, replace(report, category=key)))
        if len(self._batch) < IN_BULK:
            return False
        self.send()
        return True

    def send(self) -> None:
        """Hand the batch over in one transaction, then give way for as long as it took."""
        if not self._batch:
            return
        begun = monotonic()
        answers = self._room.accept_many([report for _, report in self._batch], source=self._source)
        for (line, _), answer in zip(self._batch, answers, strict=True):
            self._count(line, answer)
        self._batch.clear()
        took = monotonic() - begun
        self._now = self._room.now()
        self._rest(took)

    def _count(self, line: int, answer: IntakeResult | Malformed) -> None:
        """Note what became of one row."""
        if isinstance(answer, Malformed):
            self._rejects.add(line, answer)
        elif answer.created:
            self.accepted += 1
        else:
            self.known += 1


@contextmanager
def bar(path: Path) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, on a terminal only; yields the function that takes the bytes read so far."""
    # Only an import draws one.
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as drawn:
        task = drawn.add_task(path.name.replace("[", r"\["), total=max(path.stat().st_size, 1))
        yield lambda read: drawn.update(task, completed=read)
