"""`city check`: what is wrong with a city pack, all of it, and what will be missing soon."""

from pathlib import Path

import click

from liveroom.city.pack import check
from liveroom.cli.context import settings, told


@click.group()
def city() -> None:
    """City packs."""


@city.command("check")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def check_city(folder: Path | None) -> None:
    """Check the pack in FOLDER, or the configured one; every fault on a line, exit 1 if there is one."""
    with told():
        config = settings() if folder is None else None
        where = folder if folder is not None or config is None else Path(config.cities) / config.city
        faults = check(where) if where is not None else ()
    for fault in faults:
        click.echo(str(fault))
    if faults:
        raise SystemExit(1)
    click.echo(f"{where}: no faults")
