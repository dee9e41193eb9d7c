"""Plays a file's history into a drill room: what comes and what ends is at its time by the room's clock."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ingest.sources.api import BATCH, ComplaintDoor
from ingest.sources.file import SourceRow, check_columns, row_report
from ingest.sources.importer import Categories, open_rows
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Malformed

MAX_ROWS = 250_000
AT_ONCE = 5 * BATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a file tells, oldest first: every report at its time, and again with its end at the time of that.

    ``moves``: (aware UTC time, report), never empty; ``rejected`` rows had no opening time or were malformed.
    """

    moves: tuple[tuple[datetime, Report], ...]
    rejected: int

    @property
    def begins(self) -> datetime:
        """When the first complaint came: the room's time starts here."""
        return self.moves[0][0]


def read_history(path: Path, columns: Mapping[str, str], city: Categories, now: datetime) -> History:
    """The history in a file, whatever its order. Raises Malformed when it does not fit or holds nothing to play.

    ``columns`` by field as for the import; ``now`` (aware UTC, real) bounds its times.
    """
    rows = open_rows(path)
    check_columns(rows, columns)
    moves: list[tuple[datetime, Report]] = []
    rejected = 0
    for count, row in enumerate(rows):
        if count >= MAX_ROWS:
            raise Malformed("file", f"a replay takes at most {MAX_ROWS} rows")
        told = _moves(row, columns, city, now)
        moves += told
        rejected += not told
    if not moves:
        raise Malformed("reported_at", "no row can be played: each needs reported_at")
    # Stable, so that an end at the very time of its beginning stays behind it.
    return History(moves=tuple(sorted(moves, key=lambda move: move[0])), rejected=rejected)


def _moves(
    row: SourceRow, columns: Mapping[str, str], city: Categories, now: datetime
) -> list[tuple[datetime, Report]]:
    """One row's beginning and, if it tells one, its end; nothing for a row that cannot be played."""
    try:
        told = row_report(row, columns, now, "drill")
    except Malformed:
        return []
    if told.received_at is None:
        return []
    opened = replace(told, category=city.category_key(told.category.strip()), closed_at=None)
    ended = [] if told.closed_at is None else [(told.closed_at, opened.ended(told.closed_at))]
    return [(told.received_at, opened), *ended]


class Replay:
    """A history being played into ``room`` as ``source`` (its id)."""

    def __init__(self, history: History, room: ComplaintDoor, source: str) -> None:
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
