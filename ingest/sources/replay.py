"""Replay of a file's history into a drill room: each report, and its end, at its time by the room's clock."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ingest.sources.api import BATCH, IntakeRoom
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Malformed
from liveroom.tables.file_kinds import open_rows
from liveroom.tables.source_rows import SourceRow
from liveroom.tables.table_plan import TableCity, TablePlan, TableReader
from liveroom.tables.understood import settled, understand

MAX_ROWS = 250_000
AT_ONCE = 5 * BATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The history in a file, oldest first: every report at its time, and once more, closed, at its closing time.

    ``moves``: (aware UTC time, report), never empty; ``rejected``: rows without reported_at, or malformed.
    """

    moves: tuple[tuple[datetime, Report], ...]
    rejected: int

    @property
    def begins(self) -> datetime:
        """When the first complaint came: the room's time starts here."""
        return self.moves[0][0]


def read_history(path: Path, columns: Mapping[str, str], city: TableCity, now: datetime) -> History:
    """The history in a file, whatever its order. Raises Malformed when it does not fit or holds nothing to play.

    ``columns`` by field as for the import; ``now`` (aware UTC, real) bounds its times.
    """
    rows = open_rows(path)
    reader = TableReader(settled(understand(rows, city, TablePlan(columns=dict(columns)))), city)
    moves: list[tuple[datetime, Report]] = []
    rejected = 0
    for count, row in enumerate(rows):
        if count >= MAX_ROWS:
            raise Malformed("file", f"a replay takes at most {MAX_ROWS} rows")
        found = _moves(row, reader, now)
        moves += found
        rejected += not found
    if not moves:
        raise Malformed("reported_at", "no row can be played: each needs reported_at")
    # A stable sort: a report that was closed the moment it was opened stays in this order.
    return History(moves=tuple(sorted(moves, key=lambda move: move[0])), rejected=rejected)


def _moves(row: SourceRow, reader: TableReader, now: datetime) -> list[tuple[datetime, Report]]:
    """The report of a row and, if it is closed, its end; empty for a row that cannot be played."""
    try:
        report = reader.report(row, now, "drill")
    except Malformed:
        return []
    if report.received_at is None:
        return []
    opened = replace(report, closed_at=None)
    ended = [] if report.closed_at is None else [(report.closed_at, opened.ended(report.closed_at))]
    return [(report.received_at, opened), *ended]


class Replay:
    """A history being played into ``room`` as ``source`` (its id)."""

    def __init__(self, history: History, room: IntakeRoom, source: str) -> None:
        """Nothing is played before the first step; a second replay into the same room adds no complaint."""
        self._moves, self._room, self._source = history.moves, room, source
        self._place = 0

    def step(self) -> datetime | None:
        """Play what is due at the room's time; the room time of the next move, None at the end. Raises Unavailable.

        At most AT_ONCE moves a call: when more are due, the time it returns lies behind.
        """
        now, last = self._room.now(), min(self._place + AT_ONCE, len(self._moves))
        due = self._place
        while due < last and self._moves[due][0] <= now:
            due += 1
        while self._place < due:
            chunk = self._moves[self._place : min(self._place + BATCH, due)]
            self._room.accept_many([report for _, report in chunk], source=self._source)
            self._place += len(chunk)
        return self._moves[self._place][0] if self._place < len(self._moves) else None
