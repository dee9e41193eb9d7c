"""`import`: brings a file of complaints into the room, beside a running server."""

from pathlib import Path

import click

from ingest.columns import parse_map
from ingest.importer import run_import
from ingest.progress import bar
from liveroom.cli.context import opened, told
from liveroom.cli.drill_option import drill_option
from liveroom.domain.requests import Malformed
from liveroom.runtime.server.thread_mode import Threads


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", "name", required=True, help="The source these complaints came from; created if need be.")
@click.option("--map", "mapping", default="", metavar="FIELD=COLUMN,…", help="Columns by another name.")
@drill_option
def import_(file: Path, name: str, mapping: str, drill: bool) -> None:
    """Import FILE (CSV, JSON or JSON lines); rejected rows go to FILE.rejects.jsonl, exit 1 if there are any."""
    with told():
        room = opened(drill=drill)
        source = room.sources.ensure(name, None)
        try:
            with bar(file) as progress:
                tally = run_import(
                    file,
                    room=room.room,
                    source=source,
                    columns=parse_map(mapping),
                    progress=progress,
                    rest=Threads().sleep,
                )
        except Malformed as fault:
            raise ValueError(f"{fault.field}: {fault.message}") from fault
    click.echo(str(tally))
    if tally.rejected:
        raise SystemExit(1)
