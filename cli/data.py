"""Commands on a room's data: `import`, `backup`, `restore`, `doctor`, `clock repair`, `erase`, `accesses`,
`open-data` and `drill-recording`."""

import os
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Literal

import click

from cli.context import drill_option, handle_errors, opened, settings, start_of
from ingest.sources.importer import ImportOrder, bar, run_import
from liveroom.domain.requests import COMMAND_LINE, Malformed, Unknown
from liveroom.log.backup import backup as write_backup
from liveroom.log.engine import sqlite_path
from liveroom.log.erasure import Erasures, ErasureScope, beside
from liveroom.log.event_log import EventLog
from liveroom.log.lease import beating, server_lock
from liveroom.log.texts import accesses_of
from liveroom.log.uploads import Uploads
from liveroom.maintenance.clock_repair import look, promise_anew, repair
from liveroom.maintenance.erasure import Eraser
from liveroom.maintenance.exposure import open_points
from liveroom.maintenance.restore import WITHOUT, RestoreResult, restore_room
from liveroom.media.inspect import held_here, tell
from liveroom.media.store import MediaStore, StoreUnavailable
from liveroom.open_data.editions import Editions
from liveroom.open_data.publication import Month, Publisher
from liveroom.projection.audit import examine, still
from liveroom.projection.complaints import complaints, named_by_source
from liveroom.room.room import Room
from liveroom.runtime.config import Config
from liveroom.runtime.disk import DiskFull, disk_of, whole_file
from liveroom.runtime.server.thread_mode import ThreadRuntime
from liveroom.tables.delimited import CsvRows
from liveroom.tables.table_plan import TablePlan, parse_map
from liveroom.tables.understood import Understood

_TABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", "name", required=True, help="The source these complaints came from; created if need be.")
@click.option("--map", "mapping", default="", metavar="FIELD=COLUMN,…", help="Columns that no name tells.")
@click.option("--dates", type=click.Choice(["dmy", "mdy"]), help="Which is first, where the file does not show it.")
@click.option("--categories", "table", type=_TABLE, help="CSV of two columns: a name in the file, and its key here.")
@click.option("--encoding", default="", help="Of a CSV whose encoding is not found, such as cp1252.")
@click.option("--outside", type=click.Choice(["take", "refuse"]), default="take", help="Points outside the city.")
@click.option("--dry-run", "trial", is_flag=True, help="Say what would become of the file; write nothing.")
@drill_option
def import_(file: Path, name: str, mapping: str, trial: bool, drill: bool, **how: Any) -> None:
    """Import FILE (CSV, JSON, JSON lines, GeoJSON, XLSX); rejected rows go to FILE.rejects.jsonl, exit 1 if any is.

    What each column is taken for is said on the other stream before anything is written.
    """
    with handle_errors():
        room = opened(drill=drill)
        known = next((one.source.id for one in room.sources.all() if one.source.name == name), "")
        try:
            order = ImportOrder(
                path=file,
                source=partial(room.sources.ensure_taken, name),
                plan=_plan(mapping, **how),
                trial=trial,
                known=lambda ids: room.room.log.read(lambda c: named_by_source(c, known, ids)),
            )
            with bar(file) as progress:
                tally = run_import(
                    order,
                    room=room.room,
                    progress=progress,
                    rest=partial(_give_way, room.room.log),
                    understood=lambda found: _tell(found, whole=trial),
                )
        except Malformed as fault:
            raise ValueError(f"{fault.field}: {fault.message}") from fault
    if tally.noted:
        click.echo(tally.noted)
    click.echo(f"nothing was written; would be: {tally}" if trial else str(tally))
    if tally.rejected:
        raise SystemExit(1)


def _plan(
    mapping: str,
    dates: Literal["dmy", "mdy"] | None,
    table: Path | None,
    encoding: str,
    outside: Literal["take", "refuse"],
) -> TablePlan:
    """The options as a plan. Raises Malformed for a map or a table that cannot be read."""
    categories: dict[str, str] = {}
    for row in CsvRows(table) if table else ():
        texts = [str(cell).strip() for cell in row.values.values()]
        if row.fault is not None or len(texts) != 2:
            raise Malformed("--categories", f"line {row.line} must have two cells: what the file says, and a key")
        categories[texts[0]] = texts[1]
    return TablePlan(columns=parse_map(mapping), dates=dates, categories=categories, encoding=encoding, outside=outside)


def _tell(found: Understood, *, whole: bool) -> None:
    """Say what a file is taken for; ``whole``: with examples and with the columns that are not taken."""
    click.echo(", ".join(f"{name} {said!r}" for name, said in found.said.items()), err=True)
    for column in found.columns:
        if column.field or whole:
            examples = f": {' | '.join(column.samples)}" if whole and column.samples else ""
            why = {"personal": "about a person", "content": "by its content"}.get(column.why, "")
            taken = column.field or "not taken"
            click.echo(f"  {column.name} -> {taken}{f' ({why})' if why else ''}{examples}", err=True)
    if not found.plan.columns.get("source_id"):
        click.echo("  no column is a number of its own for each row: an id is made of what the row says", err=True)
    if found.order == "shown":
        first = "day/month" if found.plan.dates == "dmy" else "month/day"
        click.echo(f"  dates are {first}, as some of them show", err=True)
    for one in found.categories:
        if one.key is None:
            near = f" (is it {one.near}?)" if one.near else ""
            click.echo(f"  category {one.text!r} is not known here: goes to triage{near}", err=True)


def _give_way(log: EventLog, seconds: float) -> None:
    """Leave the database to a server that runs beside this for so long."""
    if log.read(beating):
        ThreadRuntime().sleep(seconds)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@drill_option
def backup(file: Path, drill: bool) -> None:
    """Write the whole log to FILE, beside a running server, and what was ever erased to FILE.erasures."""
    with handle_errors():
        config, room = settings(), opened(drill=drill).room
        events = write_backup(room.log, file, Erasures(Path(config.data_dir), room.kind))
    click.echo(f"{events} events are in {file}; keep {beside(file).name} with it")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(WITHOUT, "without", is_flag=True, help="Though no file of erasures is there: people erased come back.")
@drill_option
def restore(file: Path, without: bool, drill: bool) -> None:
    """Replace the room by the one in FILE; the server must be stopped, every screen takes a new snapshot.

    What was erased since, by FILE.erasures and the data folder, is erased again.
    """
    with handle_errors():
        config = settings()
        done = restore_room(config, ThreadRuntime(), start_of(config, drill=drill), file, without_erasures=without)
    if done.until is not None:
        click.echo(f"{done.erasures} erasures carried out again, the last of {done.until:%Y-%m-%d %H:%M} UTC")
    if done.alone:
        click.echo(f"warning: {_no_ledger(done)}", err=True)
    click.echo(f"{done.events} events restored")


def _no_ledger(done: RestoreResult) -> str:
    return (
        f"there was no {done.ledger.name} in the data folder: whoever was erased after this backup was made is back. "
        "If the room had one, put it there and restore again"
    )


@click.command()
@drill_option
def doctor(drill: bool) -> None:
    """Check that log and projection are whole; each finding on a line, exit 1 if there is one.

    What is allowed and worth knowing is a warning on the other stream, and no finding.
    """
    with handle_errors():
        config, room = settings(), opened(drill=drill).room
        findings = examine(room.log, sample=int(os.environ.get("LIVEROOM_DOCTOR_SAMPLE") or 500))
        findings += _store_fault(config) + _stopped_server(config, room)
        spaces = disk_of(config.media, Path(config.data_dir), sqlite_path(config.database_url(room.kind))).spaces()
        findings += [f"disk: {space}: files are refused, the log goes on; make room" for space in spaces if space.low]
        lying, came = Uploads(room.log).strangers()
        points = open_points(config, room)
    held = held_here(lambda work: work())
    if held is None or (held.missing and config.media.sandboxed_only):
        findings.append(tell(held, required=True))
    else:
        click.echo(f"{'warning: ' if held.missing else ''}{tell(held, required=False)}", err=True)
    for point in points:
        click.echo(f"warning: {point.said}", err=True)
    for space in spaces:
        click.echo(f"disk: {space}", err=True)
    media = config.media
    unclaimed = f"{lying / 1e6:.0f} of {media.public_mb} MB that no report claims yet"
    click.echo(f"uploads without a log-in: {unclaimed}; {came / 1e6:.0f} of {media.public_day_mb} MB in 24 h", err=True)
    for finding in findings:
        click.echo(finding)
    if findings:
        raise SystemExit(1)
    click.echo("no findings")


@click.command("repair")
@click.option("--yes", is_flag=True, help="Do not ask whether the clock is right now.")
@drill_option
def repair_clock(yes: bool, drill: bool) -> None:
    """Go on after events were written by a clock that was ahead; no event is changed.

    Beside running servers or while none runs. Until somebody releases it, nothing leaves the outbox.
    """
    with handle_errors():
        room = opened(drill=drill).room
        found = look(room)
        if found is None:
            if not (n := promise_anew(room)):  # an earlier repair was broken off before this step
                raise ValueError("nothing to repair: no event lies ahead of the clock of the database's machine")
            click.echo(f"repaired before; {n} complaints are promised anew")
            return
        judged, received = found.ahead.judged, found.ahead.received
        zone = room.city.zone
        click.echo(f"the last event was written at {found.last.astimezone(zone):%Y-%m-%d %H:%M:%S} ({zone})")
        click.echo(f"the clock says that it is now {found.now.astimezone(zone):%Y-%m-%d %H:%M:%S} ({zone})")
        click.echo(f"{found.ahead.events} events were written ahead: {received} complaints came in, and")
        click.echo(f"{judged} deadlines were judged passed before their time; they stay so: look at them")
        if not yes and not click.confirm("is the clock right now?"):
            raise ValueError("nothing was changed: set the clock right first (`timedatectl`)")
        repair(room)
        n = promise_anew(room)
    click.echo(f"{n} open complaints of that time are promised anew, counted from now")
    click.echo("repaired: every screen takes a new snapshot, servers may be started")
    click.echo("nothing leaves the outbox until it is released (`run.py outbox release`, or at the desk's outbox)")


def _stopped_server(config: Config, room: Room) -> list[str]:
    """A finding when a server holds this room's file and does not beat; with PostgreSQL that cannot be known."""
    try:
        with server_lock(config.database_url(room.kind), True):
            return []
    except ValueError:
        found = still(room.log)
    return [] if found is None else [found]


def _store_fault(config: Config) -> list[str]:
    try:
        MediaStore(config.media.store, Path(config.data_dir)).probe()
    except StoreUnavailable as error:
        return [str(error)]
    return []


_LATER = "which the running server takes out as soon as it can (or run this again)"


@click.command()
@click.argument("complaint")
@click.option("--reason", default="", help="Why, in at most 200 characters without anybody's name.")
@click.option("--person-only", is_flag=True, help="Only who reported; what was said stays.")
@drill_option
def erase(complaint: str, reason: str, person_only: bool, drill: bool) -> None:
    """Erase texts, person, pictures and search words of COMPLAINT, now and after every restore."""
    with handle_errors():
        eraser = Eraser(opened(drill=drill).room, settings(), ThreadRuntime())
        try:
            eraser.erase(
                (complaint,), ErasureScope.PERSON if person_only else ErasureScope.ALL, by=COMMAND_LINE, reason=reason
            )
        except Unknown as error:
            raise _no_complaint(complaint) from error
        except StoreUnavailable as error:
            raise ValueError(f"{complaint} is erased but for its files, {_LATER}: {error}") from error
        finally:
            whole = eraser.scrub()
    click.echo(f"{complaint} is erased" + ("" if whole else "; something was reading: run this again to empty the WAL"))


@click.command()
@click.argument("complaint")
@drill_option
def accesses(complaint: str, drill: bool) -> None:
    """List who was shown the name, telephone or e-mail of COMPLAINT's reporter and when, the latest first."""
    with handle_errors():
        room = opened(drill=drill).room
        if not room.log.read(lambda c: complaints(c, (complaint,))):
            raise _no_complaint(complaint)
        found = accesses_of(room.log, complaint)
    for one in found:
        at = one.at.astimezone(room.city.zone)
        click.echo(f"{at:%Y-%m-%d %H:%M:%S}\t{one.actor}\t{one.role}\t{','.join(one.fields)}")


@click.command("drill-recording")
@click.option("--date", "day", required=True, metavar="YYYY-MM-DD", help="A day of the drill, by its own clock.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write.")
@click.option("--lang", default="", help="Its language; by default the city's own.")
def drill_recording(day: str, out: Path, lang: str) -> None:
    """Write a day of the drill room as one page with a scrubber, which needs no server.

    It holds codes, areas and moments: no word that somebody wrote, and no person.
    """
    from ingest.drill.day_record import (
        NoSuchDay,
        page_of,
        record_of,
    )  # for cost: it folds

    with handle_errors():
        try:
            wanted = date.fromisoformat(day)
        except ValueError as error:
            raise click.BadParameter(f"{day!r} is no date such as 2026-11-23", param_hint="--date") from error
        room = opened(drill=True).room
        if (language := lang or room.city.languages[0]) not in room.city.languages:
            said = f"must be one of {', '.join(room.city.languages)}, not {language!r}"
            raise click.BadParameter(said, param_hint="--lang")
        try:
            record = record_of(room.log, room.city, wanted)
        except NoSuchDay as error:
            raise click.BadParameter(str(error), param_hint="--date") from error
        try:
            with whole_file(out) as file:
                file.write(page_of(record, room.city, wanted, language).encode("utf-8"))
        except OSError as error:
            raise click.BadParameter(f"{out}: {error.strerror or error}", param_hint="--out") from error
    click.echo(f"{out}: {len(record.complaints)} changes of complaints, {len(record.alarms)} of alarms")


@click.command("open-data")
@click.option("--month", default="", metavar="YYYY-MM", help="Of which month; by default the last that is over.")
def open_data(month: str) -> None:
    """Make the files of open data of a month that is over, by default the last."""
    with handle_errors():
        config, room = settings(), opened(drill=False).room
        if not config.public.open_data:
            raise ValueError("public.open_data is false in the settings: nothing is published")
        editions = Editions(Path(config.data_dir), room.kind)
        disk = disk_of(config.media, Path(config.data_dir), sqlite_path(config.database_url(room.kind)))
        publisher = Publisher(room.log, room.city, editions, disk)
        last = Month.of(room.city.policy.day(room.now())).next(-1)
        try:
            wanted = Month.named(month) if month else last
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--month") from error
        if wanted > last:
            raise click.BadParameter(f"{wanted} is not over in {room.city.name}", param_hint="--month")
        try:
            made = publisher.make(wanted)
        except DiskFull as error:
            raise ValueError(f"the files cannot be written: {error}") from error
    for one in made.files:
        click.echo(f"{editions.folder(made.month) / one.stored}\t{one.size}\t{one.sha256}")
    click.echo(f"{made.month}: {made.rows} complaints, some {made.counted} more only counted; position {made.seq}")


def _no_complaint(complaint: str) -> ValueError:
    return ValueError(f"COMPLAINT: there is no complaint {complaint!r} in this room")
