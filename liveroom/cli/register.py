"""`source add` and `screen add`: who may hand in reports and which screens may look; each key is shown once."""

import re

import click

from liveroom.cli.context import opened, told
from liveroom.cli.drill_option import drill_option
from liveroom.log.screens import Screens
from liveroom.log.sources import Taken

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@click.group()
def source() -> None:
    """Apps and channels that feed the room."""


@source.command("add")
@click.argument("name")
@click.option("--every", default="", metavar="5m", help="How often it is heard at least: 30s, 5m, 2h.")
@drill_option
def add_source(name: str, every: str, drill: bool) -> None:
    """Register a source; prints its bearer key as the last word."""
    with told():
        try:
            key = opened(drill=drill).sources.add(_name(name), seconds_of(every) if every else None)
        except Taken as error:
            raise ValueError(f"NAME: there is a source {name!r} already") from error
    click.echo(f"{name} may post with the bearer key {key}")


@click.group()
def screen() -> None:
    """Displays that may look without a person."""


@screen.command("add")
@click.argument("name")
@drill_option
def add_screen(name: str, drill: bool) -> None:
    """Register a screen for the wall; prints its token as the last word."""
    with told():
        try:
            token = Screens(opened(drill=drill).room.log).add(_name(name), "wall")
        except Taken as error:
            raise ValueError(f"NAME: there is a screen {name!r} already") from error
    click.echo(f"{name} may look with the token {token}")


def _name(text: str) -> str:
    if not text.strip() or len(text) > 128 or not text.isprintable():
        raise ValueError("NAME: must be 1 to 128 characters that can be printed")
    return text.strip()


def seconds_of(text: str) -> int:
    """Whole seconds of ``30s``, ``5m``, ``2h`` or ``1d``. Raises ValueError."""
    match = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if match is None or int(match[1]) == 0:
        raise ValueError("--every: must be a number and a unit, such as 30s, 5m or 2h")
    return int(match[1]) * _UNITS[match[2]]
