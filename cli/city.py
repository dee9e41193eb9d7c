"""`city check`: the faults of a pack; `city replan`: new deadlines for open complaints after a pack has changed."""

from pathlib import Path

import click

from cli.context import drill_option, handle_errors, opened, settings
from ingest.drill.script import read_script
from ingest.hooks.mapping import check_mappings
from liveroom.city.pack import CHECKED_YEARS, check, load_city
from liveroom.maintenance.replan import replan_room
from liveroom.runtime.errors import ConfigError, Fault
from liveroom.runtime.server.thread_mode import ThreadRuntime

# Complaints between two lines of progress.
_NOTE_EVERY = 10_000


@click.group()
def city() -> None:
    """City packs."""


@city.command("check")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def check_city(folder: Path | None) -> None:
    """Check the pack in FOLDER, or the configured one; every fault on a line, exit 1 if there is one."""
    with handle_errors():
        config = settings() if folder is None else None
        where = folder if folder is not None or config is None else Path(config.cities) / config.city
        faults = (check(where) or _more_faults(where)) if where is not None else ()
    for fault in faults:
        click.echo(str(fault))
    if faults:
        raise SystemExit(1)
    click.echo(f"{where}: no faults")


def _more_faults(folder: Path) -> tuple[Fault, ...]:
    """The faults of what is no part of the city and lies with it: mappings of hooks, and what `make run` plays."""
    pack = load_city(folder, years=CHECKED_YEARS)
    faults = check_mappings(folder, pack)
    try:
        read_script(folder, pack)
    except ConfigError as error:
        return (*faults, *error.faults)
    return faults


@city.command("replan")
@click.option("--actor", required=True, help="Who answers for the change; it stands in the log.")
@click.option("--reason", required=True, help="Why the promises changed; kept as a text.")
@drill_option
def replan_city(actor: str, reason: str, drill: bool) -> None:
    """Plan open complaints anew by the pack as it is now, beside a running server; again changes only what differs."""
    with handle_errors():
        changed = replan_room(
            opened(drill=drill).room, actor=actor, reason=reason, note=_note, rest=ThreadRuntime().sleep
        )
    click.echo(f"{changed} open complaints are planned anew")
    click.echo("a server that was started before the pack changed plans by the old one: restart it and repeat this")


def _note(looked: int) -> None:
    if looked % _NOTE_EVERY == 0:
        click.echo(f"looked at {looked}", err=True)
