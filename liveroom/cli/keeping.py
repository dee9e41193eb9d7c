"""`backup`, `restore` and `doctor`: keeping the log, bringing it back, and asking whether it is whole."""

import os
from pathlib import Path

import click

from liveroom.cli.context import opened, settings, start_of, told
from liveroom.cli.drill_option import drill_option
from liveroom.config import Config
from liveroom.examining import examine
from liveroom.log.portable import backup as write_backup
from liveroom.media.away import StoreAway
from liveroom.media.store import MediaStore
from liveroom.restoring import restore_room
from liveroom.runtime.threads import Threads
from liveroom.trusting import trust_of_loopback


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@drill_option
def backup(file: Path, drill: bool) -> None:
    """Write the whole log to FILE, beside a running server."""
    with told():
        events = write_backup(opened(drill=drill).room.log, file)
    click.echo(f"{events} events are in {file}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@drill_option
def restore(file: Path, drill: bool) -> None:
    """Replace the room by the one in FILE; the server must be stopped, every screen takes a new snapshot."""
    with told():
        config = settings()
        events = restore_room(config, Threads(), start_of(config, drill=drill), file)
    click.echo(f"{events} events restored")


@click.command()
@drill_option
def doctor(drill: bool) -> None:
    """Check that log and projection are whole; each finding on a line, exit 1 if there is one.

    What is allowed and worth knowing is a warning on the other stream, and no finding.
    """
    with told():
        config, room = settings(), opened(drill=drill).room
        findings = examine(room.log, sample=int(os.environ.get("LIVEROOM_DOCTOR_SAMPLE") or 500))
        findings += _store_away(config)
        trust = trust_of_loopback(config.server, room)
    if trust is not None:
        click.echo(f"warning: {trust}", err=True)
    for finding in findings:
        click.echo(finding)
    if findings:
        raise SystemExit(1)
    click.echo("no findings")


def _store_away(config: Config) -> list[str]:
    try:
        MediaStore(config.media.store, Path(config.data_dir)).probe()
    except StoreAway as error:
        return [str(error)]
    return []
