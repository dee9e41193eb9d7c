"""Import of a file into the room: in batches, restartable, beside a running server.

A source_id that the room knows is counted and changes nothing, so an import that was killed is simply run again. Rows
that are refused go to FILE.rejects.jsonl, one JSON object a line, never the row itself: it may hold personal data.
`ImportRun` is the import itself, of the command and of the page alike.
"""

import json
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, TextIO

from ingest.sources.api import IntakeRoom
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import IntakeResult, Malformed
from liveroom.room.bulk import IN_BULK
from liveroom.runtime.time import monotonic
from liveroom.tables.file_kinds import open_rows
from liveroom.tables.source_rows import SourceRow
from liveroom.tables.table_plan import TableCity, TablePlan, TableReader
from liveroom.tables.understood import MOST_CATEGORIES, Understood, settled, understand

# Reports of a file of which a trial knows whether one has the number of another.
MOST_TOLD_APART = 500_000


class ImportRoom(IntakeRoom, Protocol):
    """The room as an import needs it."""

    @property
    def city(self) -> TableCity:
        """The city whose categories, zone and land the rows are read by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTally:
    """The result of an import, in rows."""

    accepted: int
    known: int
    rejected: int
    turned: int = 0
    outside: int = 0

    @property
    def noted(self) -> str:
        """What was done to coordinates and where they lie, as the page says it; empty where there is nothing to say."""
        turned = f"{self.turned} with latitude and longitude swapped, turned." if self.turned else ""
        outside = f"{self.outside} outside the city." if self.outside else ""
        return " ".join(filter(None, (turned, outside)))

    def __str__(self) -> str:
        """The last line of the command's output."""
        return f"accepted {self.accepted}, known {self.known}, rejected {self.rejected}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder:
    """What the command is told: the file, whose it is, how it is read, and whether it is only tried.

    ``source``: an id, or what gives one once the file was understood, so that a file that is refused registers none.
    ``known``: which of some ``source_id`` the room has, for a trial.
    """

    path: Path
    source: str | Callable[[], str]
    plan: TablePlan = field(default_factory=TablePlan)
    trial: bool = False
    known: Callable[[Sequence[str]], frozenset[str]] | None = None


def run_import(
    order: ImportOrder,
    *,
    room: ImportRoom,
    progress: Callable[[int], None],
    rest: Callable[[float], None],
    understood: Callable[[Understood], None] = lambda _: None,
) -> ImportTally:
    """Carry out an order. Raises Malformed with nothing written, or Unavailable part of the way.

    ``progress`` gets the bytes read so far, ``understood`` what the file is taken for before anything is written;
    ``rest`` gives way between transactions for as many seconds as the last one took, where a server runs whose own
    writes need their turn. A trial writes nothing, not even rejects.
    """
    rows = open_rows(order.path, order.plan.encoding or None)
    found = understand(rows, room.city, order.plan)
    understood(found)
    plan = settled(found)
    reader = TableReader(plan, room.city)
    with Rejects(order.path, kept=not order.trial) as rejects:
        send = TrialSender(order.known) if order.trial else BulkSender(room, _source_of(order), rest)
        run = ImportRun(reader=reader, room=room, send=send, reject=rejects.add)
        for row in rows:
            if run.take(row):
                progress(row.offset)
        run.send()
        noted = {"turned": run.noted["turned"], "outside": run.noted["outside"]}
        return ImportTally(accepted=run.accepted, known=run.known, rejected=rejects.count, **noted)


def _source_of(order: ImportOrder) -> str:
    return order.source if isinstance(order.source, str) else order.source()


class Rejects:
    """The file of rejects beside ``path``: put in place when the block ends well, complete or not there at all.

    An older one is then replaced, or removed when nothing was rejected. Not ``kept``: only counted. Each import writes
    to a name of its own: two of one file do not meet, and what is there at the end is that of the last.
    """

    def __init__(self, path: Path, *, kept: bool = True) -> None:
        """``path``: the imported file."""
        self._place = path.with_name(path.name + ".rejects.jsonl")
        self._draft = self._place.with_name(f"{self._place.name}.{secrets.token_hex(4)}.part")
        self._kept = kept
        self._file: TextIO | None = None
        self.count = 0

    def __enter__(self) -> "Rejects":
        if self._kept:
            self._file = self._draft.open("x", encoding="utf-8", newline="\n")
        return self

    def add(self, row: SourceRow, fault: Malformed) -> None:
        """Write down the fault of one row."""
        self.count += 1
        if self._file is not None:
            entry = {"line": row.line, "field": fault.field, "message": fault.message}
            self._file.write(json.dumps(entry) + "\n")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if kind is None and self.count:
            self._draft.replace(self._place)
            return
        self._draft.unlink()
        if kind is None:
            self._place.unlink(missing_ok=True)


class BatchTaker(Protocol):
    """What becomes of a batch of reports."""

    def __call__(self, reports: Sequence[Report]) -> Sequence[IntakeResult | Malformed | bool]:
        """One answer a report, in order: the room's, or for a trial whether it would be new."""


class BulkSender:
    """Hands batches to the room, each in one transaction, then gives way for as long as it took."""

    def __init__(self, room: IntakeRoom, source: str, rest: Callable[[float], None]) -> None:
        self._room, self._source, self._rest = room, source, rest

    def __call__(self, reports: Sequence[Report]) -> Sequence[IntakeResult | Malformed | bool]:
        """Raises Unavailable."""
        begun = monotonic()
        answers = self._room.accept_many(reports, source=self._source)
        self._rest(monotonic() - begun)
        return answers


class TrialSender:
    """Writes nothing: a report is known where ``known`` says so, or where one before it has its number.

    Of the first MOST_TOLD_APART of a file that is: what is remembered of each is some 60 bytes.
    """

    def __init__(self, known: Callable[[Sequence[str]], frozenset[str]] | None) -> None:
        self._known = known
        self._before: set[int] = set()

    def __call__(self, reports: Sequence[Report]) -> Sequence[IntakeResult | Malformed | bool]:
        """Whether each would be new."""
        there = self._known([one.source_id for one in reports]) if self._known else frozenset()
        return [one.source_id not in there and self._is_first(hash(one.source_id)) for one in reports]

    def _is_first(self, number: int) -> bool:
        if number in self._before:
            return False
        if len(self._before) < MOST_TOLD_APART:
            self._before.add(number)
        return True


class ImportRun:
    """One import under way: a batch that fills, and the counts so far.

    ``read``: rows taken. ``unmatched``: by name, how many rows have a category that the city does not know.
    """

    def __init__(
        self,
        *,
        reader: TableReader,
        room: ImportRoom,
        send: BatchTaker,
        reject: Callable[[SourceRow, Malformed], None],
    ) -> None:
        """Begin with nothing taken."""
        self._reader, self._room, self._send, self._reject = reader, room, send, reject
        self._now: datetime = room.now()
        self._batch: list[tuple[SourceRow, Report]] = []
        self.accepted = self.known = self.rejected = self.read = 0
        self.unmatched: Counter[str] = Counter()

    def take(self, row: SourceRow) -> bool:
        """Add one row to the batch, or to the rejects; true when the batch was full and went out."""
        self.read += 1
        try:
            report = self._reader.report(row, self._now, self._room.kind)
        except Malformed as fault:
            self._refuse(row, fault)
            return False
        self._count_category(report.category)
        self._batch.append((row, report))
        if len(self._batch) < IN_BULK:
            return False
        self.send()
        return True

    def send(self) -> None:
        """Hand the batch over."""
        if not self._batch:
            return
        answers = self._send([report for _, report in self._batch])
        for (row, _), answer in zip(self._batch, answers, strict=True):
            self._count(row, answer)
        self._batch.clear()
        self._now = self._room.now()

    @property
    def noted(self) -> Counter[str]:
        """What was done to coordinates: see `TableReader`."""
        return self._reader.noted

    def _count_category(self, name: str) -> None:
        known = self._room.city.categories
        if name not in known and (name in self.unmatched or len(self.unmatched) < MOST_CATEGORIES):
            self.unmatched[name] += 1

    def _count(self, row: SourceRow, answer: IntakeResult | Malformed | bool) -> None:
        """Note what became of one row."""
        if isinstance(answer, Malformed):
            self._refuse(row, answer)
        elif answer if isinstance(answer, bool) else answer.created:
            self.accepted += 1
        else:
            self.known += 1

    def _refuse(self, row: SourceRow, fault: Malformed) -> None:
        self.rejected += 1
        self._reject(row, fault)


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
