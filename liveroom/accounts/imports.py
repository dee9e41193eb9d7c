"""Imports of files by people: one job each, its file on this machine's disk, and who did what about it.

A job is tried (nothing is written), waits for its person, runs, and ends. Every order somebody gives, such as another
plan, begins a new ``turn``: what a process still does for an older one counts for nothing. Jobs are of the moment: no
backup carries them; who gave which order is among the accesses. Times are real, aware UTC.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, case, delete, insert, select, update

from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.event_log import database_now
from liveroom.log.schema import import_job
from liveroom.log.texts import access_row, new_id

# A file that nobody imported is deleted after this, a job with its file of rejects after that.
UNUSED, KEPT = timedelta(days=2), timedelta(days=30)
# Files of which nothing has become yet, so that nobody fills a disk.
MOST_OPEN = 20
LARGEST = 256 << 20
# Bytes of what is refused of one file.
MOST_REJECTS = 2 * LARGEST
_NAME, _FAULT = 255, 300
_row = import_job.c


class ImportState(StrEnum):
    """Where a job is: ``trial`` and ``running`` are worked on, ``ready`` waits for its person, the others are over."""

    TRIAL = "trial"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


OPEN = (ImportState.TRIAL, ImportState.READY, ImportState.RUNNING)
# Orders are taken in these.
WAITS = (ImportState.TRIAL, ImportState.READY)


class JobTally(msgspec.Struct, kw_only=True):
    """What came of the rows so far.

    ``turned``, ``outside``, ``comma``: rows whose coordinates were swapped, lie outside the city, have a decimal comma.
    ``unmatched``: rows by a category that the city does not know. ``first``: the first refused ones as line, field and
    reason. ``began_at``: real time as text.
    """

    accepted: int = 0
    known: int = 0
    rejected: int = 0
    turned: int = 0
    outside: int = 0
    comma: int = 0
    unmatched: dict[str, int] = msgspec.field(default_factory=dict)
    first: list[tuple[int, str, str]] = msgspec.field(default_factory=list)
    began_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """A job. ``plan``, ``said``: JSON, of the reader and of what was found out about the file; sizes in bytes."""

    id: str
    state: ImportState
    turn: int
    name: str
    source_name: str
    source: str | None
    actor: str
    created_at: datetime
    changed_at: datetime
    size: int
    read_bytes: int
    read_rows: int
    rejects: int
    plan: str
    said: str
    tally: JobTally
    fault: str | None


class TooManyImports(Exception):
    """MOST_OPEN files wait already."""


class ImportFiles:
    """Where the files of one room's jobs lie: ``ID.table``, and ``ID.rejects.csv``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def made(self) -> Path:
        """The folder, which only the server's user may look into."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._folder

    def table(self, id_: str) -> Path:
        """The file itself."""
        return self._folder / f"{id_}.table"

    def rejects(self, id_: str) -> Path:
        """What was refused of it."""
        return self._folder / f"{id_}.rejects.csv"

    def forget(self, id_: str, *, rejects: bool) -> None:
        """Delete the file, and also what was refused."""
        for path in (self.table(id_), *((self.rejects(id_),) if rejects else ())):
            with suppress(FileNotFoundError):
                path.unlink()

    def strays(self, ids: Sequence[str], before: datetime) -> list[Path]:
        """Files of none of these jobs to which nobody wrote since ``before``: one that is coming in has no job yet."""
        if not self._folder.is_dir():
            return []
        others = (path for path in self._folder.iterdir() if path.name.partition(".")[0] not in ids)
        return [path for path in others if path.stat().st_mtime < before.timestamp()]


# The register.


def add_job(
    connection: Connection, id_: str, *, name: str, source_name: str, actor: str, size: int, **values: Any
) -> None:
    """Register a file that is here whole, with what it is taken for; waiting, unless ``values`` say another state.

    Raises TooManyImports.
    """
    open_ = select(_row.id).where(_row.state.in_([*WAITS])).limit(MOST_OPEN)
    if len(connection.execute(open_).all()) >= MOST_OPEN:
        raise TooManyImports
    now = to_micros(database_now(connection))
    named = {"id": id_, "state": ImportState.READY.value, "turn": 0, "name": name[:_NAME], "source_name": source_name}
    empty = {"read_bytes": 0, "read_rows": 0, "rejects": 0, "plan": "{}", "said": "{}", "tally": "{}"}
    times = {"created_at": now, "changed_at": now, "actor": actor, "size": size}
    connection.execute(insert(import_job).values({**named, **empty, **times, **values}))


def new_job_id() -> str:
    """An id for a file that is about to come."""
    return new_id()


def job_of(connection: Connection, id_: str) -> ImportJob | None:
    """The job of this id."""
    row = connection.execute(select(import_job).where(_row.id == id_)).one_or_none()
    return None if row is None else _job(row)


def latest_jobs(connection: Connection, limit: int) -> tuple[ImportJob, ...]:
    """The last jobs, the latest first."""
    return tuple(map(_job, connection.execute(select(import_job).order_by(_row.id.desc()).limit(limit))))


def next_jobs(connection: Connection) -> tuple[tuple[str, str | None], ...]:
    """What is to be worked on, in turn: what runs before what is only tried, the oldest first.

    Each by its id, and the id of the source that it writes for.
    """
    runs = case((_row.state == ImportState.RUNNING, 0), else_=1)
    query = select(_row.id, case((runs == 0, _row.source))).order_by(runs, _row.id)
    found = connection.execute(query.where(_row.state.in_([ImportState.RUNNING, ImportState.TRIAL])))
    return tuple((id_, source) for id_, source in found)


def order_job(
    connection: Connection, job: ImportJob, state: ImportState, *, among: Sequence[ImportState], **values: Any
) -> bool:
    """Begin the next turn of a job from its first row; False where it is in none of the states ``among`` any more."""
    anew = {} if state is ImportState.CANCELLED else {"read_bytes": 0, "read_rows": 0, "rejects": 0, "tally": "{}"}
    now = to_micros(database_now(connection))
    same = (_row.id == job.id, _row.turn == job.turn, _row.state.in_([*among]))
    change = update(import_job).where(*same).values(state=state.value, turn=_row.turn + 1, changed_at=now, fault=None)
    return bool(connection.execute(change.values(**anew, **values)).rowcount)


def advance_job(
    connection: Connection,
    job: ImportJob,
    *,
    state: ImportState,
    fault: str | None = None,
    after: int | None = None,
    **values: Any,
) -> bool:
    """Write down how far a turn came, ``after`` so many rows; False where it is elsewhere: nothing of it counts."""
    same = [_row.id == job.id, _row.turn == job.turn, _row.state == job.state]
    if after is not None:
        same.append(_row.read_rows == after)
    now = to_micros(database_now(connection))
    change = update(import_job).where(*same).values(state=state.value, changed_at=now, **values)
    return bool(connection.execute(change.values(fault=fault and fault[:_FAULT])).rowcount)


def note_order(connection: Connection, id_: str, what: str, *, actor: str, role: str) -> None:
    """Write down among the accesses who gave which order about a file, and who took what was refused of it."""
    access_row(connection, actor=actor, role=role, subject_id=id_, fields=("import", what))


def forget_jobs(connection: Connection) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """End what nobody imported in time, and forget what is over for long.

    Ids left; of these the open ones; and those with rejects, which a trial keeps no longer than its file.
    """
    now = database_now(connection)
    unused = (_row.state.in_([*WAITS]), _row.changed_at < to_micros(now - UNUSED))
    connection.execute(update(import_job).where(*unused).values(state=ImportState.CANCELLED.value, rejects=0))
    over = (_row.state.not_in([*OPEN]), _row.changed_at < to_micros(now - KEPT))
    connection.execute(delete(import_job).where(*over))
    left = connection.execute(select(_row.id, _row.state, _row.rejects)).all()
    open_, refused = ([row.id for row in left if row.state in OPEN], [row.id for row in left if row.rejects])
    return tuple(row.id for row in left), tuple(open_), tuple(refused)


def _job(row: Row[Any]) -> ImportJob:
    plain: Mapping[str, Any] = row._asdict()
    times = {name: from_micros(plain[name]) for name in ("created_at", "changed_at")}
    tally = msgspec.json.decode(row.tally, type=JobTally)
    return ImportJob(**{**plain, **times, "state": ImportState(row.state), "tally": tally})
