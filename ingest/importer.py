"""Brings a file of complaints into the room, restartable and beside a running server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ingest.columns import check_columns
from ingest.csv_rows import CsvRows
from ingest.door import BATCH, Answer, Door
from ingest.json_rows import JsonArray, JsonLines
from ingest.mapping import row_report
from ingest.rejects import Rejects
from ingest.rows import Row, Rows, first_byte
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Malformed
from liveroom.runtime.time import monotonic


class Categories(Protocol):
    """The city as far as an import needs it."""

    def category_key(self, text: str) -> str:
        """The key of the category that a source calls ``text``."""


class ImportDoor(Door, Protocol):
    """The room as far as an import needs it."""

    @property
    def city(self) -> Categories:
        """Whose categories the rows mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What an import came to, in rows."""

    accepted: int
    known: int
    rejected: int

    def __str__(self) -> str:
        """The last line of the command's output."""
        return f"accepted {self.accepted}, known {self.known}, rejected {self.rejected}"


def open_rows(path: Path) -> Rows:
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
    room: ImportDoor,
    source: str,
    columns: Mapping[str, str],
    progress: Callable[[int], None],
    rest: Callable[[float], None],
) -> Tally:
    """Import ``path`` as ``source`` (its id). Raises Malformed with nothing written, or Unavailable part of the way.

    ``columns`` by field; ``progress`` is told the bytes read so far; ``rest`` sleeps for seconds between transactions,
    as long as the last one took, so that the room's own writes get their turn.
    """
    rows = open_rows(path)
    check_columns(rows, columns)
    with Rejects(path) as rejects:
        batch = Importing(room=room, source=source, rejects=rejects, rest=rest)
        for row in rows:
            if batch.take(row, columns):
                progress(row.offset)
        batch.send()
        return Tally(accepted=batch.accepted, known=batch.known, rejected=rejects.count)


class Importing:
    """One import under way: a batch that fills, and the counts so far."""

    def __init__(self, *, room: ImportDoor, source: str, rejects: Rejects, rest: Callable[[float], None]) -> None:
        """Begin with nothing taken."""
        self._room, self._source, self._rejects, self._rest = room, source, rejects, rest
        self._now = room.now()
        self._batch: list[tuple[int, Report]] = []
        self.accepted = self.known = 0

    def take(self, row: Row, columns: Mapping[str, str]) -> bool:
        """Add one row to the batch, or to the rejects; true when the batch was full and went out."""
        try:
            report = row_report(row, columns, self._now, self._room.kind)
        except Malformed as fault:
            self._rejects.add(row.line, fault)
            return False
        key = self._room.city.category_key(report.category.strip())
        self._batch.append((row.line, replace(report, category=key)))
        if len(self._batch) < BATCH:
            return False
        self.send()
        return True

    def send(self) -> None:
        """Hand the batch over in one transaction, then rest as long as it took."""
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

    def _count(self, line: int, answer: Answer | Malformed) -> None:
        """Note what became of one row."""
        if isinstance(answer, Malformed):
            self._rejects.add(line, answer)
        elif answer.created:
            self.accepted += 1
        else:
            self.known += 1
