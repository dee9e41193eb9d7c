"""Imports that people begin on a page, worked on in the background: tried, then run, one at a time in a room.

Of the processes that have the file, the one with the lease works. After each part of a file the position, the counts
and the length of the file of rejects are stored together, and only while the lease is held: a process that dies is
followed from there, and what the room took before it died is known to it. Reading a file, which may block, is done
aside; what is written goes the bulk way.
"""

import csv
import io
import logging
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import msgspec

from ingest.sources.importer import BulkSender, ImportRoom, ImportRun, TrialSender
from liveroom.accounts.imports import (
    MOST_REJECTS,
    UNUSED,
    ImportFiles,
    ImportJob,
    ImportState,
    JobTally,
    advance_job,
    forget_jobs,
    job_of,
    next_jobs,
)
from liveroom.accounts.sources import Sources
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection, Unavailable
from liveroom.log.event_log import EventLog, NoLog
from liveroom.log.lease import Lease
from liveroom.projection.complaints import named_by_source
from liveroom.room.bulk import IN_BULK
from liveroom.runtime import Runtime
from liveroom.runtime.disk import DiskFull
from liveroom.runtime.time import monotonic, system_now
from liveroom.tables.file_kinds import open_rows
from liveroom.tables.source_rows import SourceRow, SourceRows, names_of_columns, some_of, value_at
from liveroom.tables.table_plan import NEVER_FIRST, TablePlan, TableReader
from liveroom.tables.understood import SAMPLE

# Rows after which the position is stored: fewer than go out in one transaction, so that each part is one.
PART = IN_BULK - 1
# Seconds: of a round without work; the longest rest after a part; between two looks for what is old.
ROUND_S, REST_S, OLD_S = 1.0, 0.5, 3600.0
# Refused rows that the page shows; rows passed over at once by a process that goes on with another's work.
_SHOWN, _SKIPPED = 20, 5_000
log = logging.getLogger(__name__)


class JobRoom(ImportRoom, Protocol):
    """The room as this needs it."""

    log: EventLog


class _Over(Exception):
    """Another process has the work, this one ends, or its person gave another order."""


class ImportRunner:
    """Works on the jobs of one room in this process; ``words``: names of the three columns added to rejects."""

    def __init__(
        self,
        room: JobRoom,
        files: ImportFiles,
        runtime: Runtime,
        words: tuple[str, str, str],
        spare: Callable[[int], None] = lambda _: None,
    ) -> None:
        """``spare`` raises DiskFull where so many bytes of rejects would be too many."""
        self._room, self._files, self._runtime, self._words, self._spare = room, files, runtime, words, spare
        self._lease, self._sources = Lease(room.log, "import"), Sources(room.log)
        self._stopping = False
        self._swept_at = float("-inf")

    def run(self, runtime: Runtime) -> None:
        """Work for ever, or until ``stop``; a database that is away is asked again at the next round."""
        while not self._stopping:
            try:
                self.sweep()
                if self.step():
                    continue
            except (Unavailable, NoLog) as error:
                log.warning("imports cannot reach the log: %s", error)
            except Exception:
                log.exception("an import failed; it is tried again at the next round")
            runtime.sleep(ROUND_S)

    def stop(self) -> None:
        """End after the part at hand; another process goes on from there."""
        self._stopping = True
        with suppress(Unavailable, NoLog):
            self._lease.release()

    def step(self) -> bool:
        """Work on the next job until it is over; false where there is none for this process. Raises Unavailable.

        One whose file is not here, or whose source is paused, holds up no other. What fails by a fault of ours is over
        too: tried again it would fail again, before all that wait.
        """
        jobs = self._room.log.read(next_jobs)
        paused = self._sources.paused() if jobs else ()
        id_ = next((one for one, source in jobs if source not in paused and self._files.table(one).exists()), None)
        if id_ is None or not self._lease.take():
            return False
        # Read under the lease: whoever had it before may have come further.
        job = self._room.log.read(lambda c: job_of(c, id_))
        if job is None or job.state not in (ImportState.RUNNING, ImportState.TRIAL):
            return True
        try:
            self._work(job)
        except _Over:
            pass
        except Malformed as fault:
            self._end(job, ImportState.FAILED, fault=f"{fault.field}: {fault.message}")
        except OSError as error:
            log.warning("the file of import %s: %s", job.id, error)
            self._end(job, ImportState.FAILED, fault=f"file: {error.strerror}")
        except DiskFull as error:
            self._end(job, ImportState.FAILED, fault=f"disk: {error}")
        except (Unavailable, NoLog):
            raise
        except Exception as error:
            log.exception("import %s failed", job.id)
            self._end(job, ImportState.FAILED, fault=f"fault: {type(error).__name__}")
        self._lease.release()  # the next file may lie with another process
        return not self._stopping

    def sweep(self) -> None:
        """Once an hour: end what nobody imported, forget what is old, and delete files of neither."""
        if monotonic() - self._swept_at < OLD_S:
            return
        self._swept_at = monotonic()
        ids, open_, refused = self._room.log.touch(forget_jobs)
        for path in self._files.strays(ids, system_now() - UNUSED):
            path.unlink(missing_ok=True)
        for id_ in set(ids) - set(open_):
            self._files.forget(id_, rejects=id_ not in refused)

    def _work(self, job: ImportJob) -> None:
        plan = msgspec.json.decode(job.plan, type=TablePlan)
        rows: SourceRows = self._runtime.run_aside(lambda: open_rows(self._files.table(job.id), plan.encoding or None))
        names = self._runtime.run_aside(lambda: names_of_columns(rows, some_of(iter(rows), SAMPLE)))
        rejects = RejectFile(self._files.rejects(job.id), job.rejects, (*names, *self._words), self._spare)
        part = _Part(self, job, plan, rejects)
        with closing(_each(rows)) as source:
            self._pass_over(source, job.read_rows)
            while self._runtime.run_aside(lambda: part.read(some_of(source, PART))):
                begun = monotonic()
                part.send()
                self._runtime.run_aside(rejects.keep)
                self.store(part)
                if job.state is ImportState.RUNNING and job.source in self._sources.paused():
                    raise _Over  # it goes on from here when that ends
                self._runtime.sleep(min(monotonic() - begun, REST_S))  # others write too
        over = ImportState.READY if job.state is ImportState.TRIAL else ImportState.DONE
        self._end(job, over, read_bytes=job.size)

    def _pass_over(self, rows: Iterator[SourceRow], left: int) -> None:
        while left > 0:
            some = min(left, _SKIPPED)
            self._runtime.run_aside(partial(_skip, rows, some))
            left -= some
            if not self._lease.take():
                raise _Over

    def store(self, part: "_Part") -> None:
        """Store what a part brought. Raises _Over where it counts for nothing."""
        job, values = part.job, part.values()

        def advance(connection: Connection) -> bool:
            # A process that slept through its lease may have been overtaken, and have it again.
            mine = self._lease.take_in(connection)
            return mine and advance_job(connection, job, state=job.state, after=part.stored, **values)

        if not self._room.log.touch(advance) or self._stopping:
            raise _Over
        part.stored = values["read_rows"]

    def _end(self, job: ImportJob, state: ImportState, **values: Any) -> None:
        self._room.log.touch(lambda c: advance_job(c, job, state=state, **values))
        if state not in (ImportState.READY, ImportState.FAILED):
            self._files.forget(job.id, rejects=False)

    def run_of(self, job: ImportJob, plan: TablePlan, rejects: "RejectFile") -> "ImportRun":
        """The import itself, or its trial."""
        room, source = self._room, job.source or ""
        trial = TrialSender(lambda ids: room.log.read(partial(named_by_source, source=source, names=ids)))
        send = trial if job.state is ImportState.TRIAL else BulkSender(room, source, lambda _: None)
        return ImportRun(reader=TableReader(plan, room.city), room=room, send=send, reject=rejects.add)


def _each(rows: SourceRows) -> Generator[SourceRow, None, None]:
    yield from rows


def _skip(rows: Iterator[SourceRow], many: int) -> None:
    next(islice(rows, many - 1, many), None)


class _Part:
    """A job under way: its counts from what was stored before on. ``stored``: rows of the last position stored."""

    def __init__(self, runner: ImportRunner, job: ImportJob, plan: TablePlan, rejects: "RejectFile") -> None:
        self.job, self._rejects = job, rejects
        self._run = runner.run_of(job, plan, rejects)
        self._before = job.tally
        self._began = job.tally.began_at or to_text(system_now())
        self._offset, self.stored = job.read_bytes, job.read_rows

    def read(self, rows: Sequence[SourceRow]) -> bool:
        """Make reports of some rows, too few to go out by themselves; false where there are none."""
        for row in rows:
            self._run.take(row)
            self._offset = max(self._offset, row.offset)
        return bool(rows)

    def send(self) -> None:
        """Hand them over."""
        self._run.send()

    def values(self) -> dict[str, Any]:
        """What is stored of it."""
        return {
            "read_rows": self.job.read_rows + self._run.read,
            "read_bytes": min(self._offset, self.job.size),
            "rejects": self._rejects.length,
            "tally": msgspec.json.encode(self._tally()).decode(),
        }

    def _tally(self) -> JobTally:
        run, before, noted = self._run, self._before, self._run.noted
        return JobTally(
            accepted=before.accepted + run.accepted,
            known=before.known + run.known,
            rejected=before.rejected + run.rejected,
            turned=before.turned + noted["turned"],
            outside=before.outside + noted["outside"],
            comma=before.comma + noted["comma"],
            unmatched={name: n + before.unmatched.get(name, 0) for name, n in run.unmatched.items()}
            | {name: n for name, n in before.unmatched.items() if name not in run.unmatched},
            first=[*before.first, *self._rejects.first][:_SHOWN],
            began_at=self._began,
        )


class RejectFile:
    """What was refused, as CSV with a mark of UTF-8: the columns of the file, then line, field and reason.

    ``length``: bytes that are on the disk; what another process wrote beyond it is cut off.
    """

    def __init__(
        self, path: Path, length: int, names: Sequence[str], spare: Callable[[int], None] = lambda _: None
    ) -> None:
        """``spare`` raises DiskFull where so many bytes more would be too many."""
        self._path, self.length, self._names, self._spare = path, length, names, spare
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text)
        self.first: list[tuple[int, str, str]] = []

    def add(self, row: SourceRow, fault: Malformed) -> None:
        """Note one row; it is written by ``keep``."""
        if len(self.first) < _SHOWN:
            self.first.append((row.line, fault.field, fault.message))
        cells = [_cell(value_at(row.values, name)) for name in self._names[:-3]]
        self._writer.writerow([*cells, row.line, fault.field, _cell(fault.message)])

    def keep(self) -> None:
        """Put what was noted on the disk. Raises Malformed where it is more than anybody mends, OSError, DiskFull."""
        text = self._text.getvalue()
        if not text:
            return
        self._text.seek(0)
        self._text.truncate()
        if self.length + len(text) > MOST_REJECTS:
            raise Malformed("file", f"what is refused of it is more than {MOST_REJECTS >> 20} MB: mend the file first")
        self._spare(len(text))
        with os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            file.truncate(self.length)
            file.seek(self.length)
            file.write(
                text.encode("utf-8", "replace") if self.length else self._header() + text.encode("utf-8", "replace")
            )
            file.flush()
            os.fsync(file.fileno())
            self.length = file.tell()

    def _header(self) -> bytes:
        line = io.StringIO(newline="")
        csv.writer(line).writerow([_cell(name) for name in self._names])
        return line.getvalue().encode("utf-8-sig", "replace")


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else _json(value)
    plain = text.strip().replace(",", ".").lstrip("+-")
    return f"'{text}" if text.startswith(NEVER_FIRST) and not plain.replace(".", "", 1).isdecimal() else text


def _json(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode().strip('"')
