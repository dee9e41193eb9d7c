"""`source`, `screen`: who may hand in reports, which screens may look; each key is shown once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click

from liveroom.accounts.screens import Screens
from liveroom.accounts.sources import NoSource, RegisteredSource, SourceKey, Taken, tell_source
from liveroom.city.sheet import is_address
from liveroom.cli.context import opened, told
from liveroom.cli.drill_option import drill_option
from liveroom.domain.requests import COMMAND_LINE
from liveroom.room.clock import revoke_source
from liveroom.room.commands.screens import Screening

# Who acts from the command line: whoever may start it is not asked for a name.
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@click.group()
def source() -> None:
    """Apps and channels that feed the room."""


@source.command("add")
@click.argument("name")
@click.option("--every", default="", metavar="5m", help="How often it is heard at least: 30s, 5m, 2h.")
@click.option("--webhook", default="", metavar="URL", help="Where it is told what became of its complaints.")
@drill_option
def add_source(name: str, every: str, webhook: str, drill: bool) -> None:
    """Register a source; prints its bearer key as the last word, and before it the secret that signs its webhook."""
    with told():
        if webhook and not is_address(webhook):
            raise ValueError("--webhook: must be an address like https://app.example/status")
        room = opened(drill=drill)
        try:
            key = room.sources.add(_name(name), seconds_of(every) if every else None)
        except Taken as error:
            raise ValueError(f"NAME: there is a source {name!r} already") from error
        if webhook:
            secret = tell_source(room.room.log, room.sources.ensure(_name(name), None), webhook)
            click.echo(f"what {name} is told at {webhook} is signed with {secret}")
    click.echo(f"{name} may post with the bearer key {key}")


@source.command("list")
@drill_option
def list_sources(drill: bool) -> None:
    """Every source: id, name, since when, its rhythm, when it was last heard, and its keys by their age; no key."""
    with told():
        for one in opened(drill=drill).sources.all():
            click.echo("\t".join((one.source.id, one.source.name, *_told_of(one))))


@source.command("rotate")
@click.argument("name")
@click.option("--now", is_flag=True, help="End every older key at once, such as one that leaked.")
@drill_option
def rotate_source(name: str, now: bool, drill: bool) -> None:
    """Give a source a new key, printed as the last word; the one it replaces lives 24 hours more."""
    with told(), _named_wrongly():
        key, ends_at = opened(drill=drill).sources.rotate(_name(name), now=now)
    if ends_at is not None:
        click.echo(f"the key before it is good until {_moment(ends_at)} UTC; --now would have ended it")
    click.echo(f"{name} may post with the bearer key {key}")


@source.command("revoke")
@click.argument("name")
@drill_option
def revoke_source_(name: str, drill: bool) -> None:
    """End every key of a source, from its next request on; its complaints stay."""
    with told(), _named_wrongly():
        revoke_source(opened(drill=drill).room, _name(name), actor=COMMAND_LINE)
    click.echo(f"{name} may post no longer")


@contextmanager
def _named_wrongly() -> Iterator[None]:
    """Say of a wrong name which word of the call it is."""
    try:
        yield
    except NoSource as error:
        raise ValueError(f"NAME: {error}") from error


def _told_of(one: RegisteredSource) -> tuple[str, ...]:
    state = f"since {one.since:%Y-%m-%d}" if one.revoked_at is None else f"until {_moment(one.revoked_at)} UTC"
    every = "-" if one.source.every_s is None else f"every {_every(one.source.every_s)}"
    heard = "never heard" if one.heard_at is None else f"heard {_moment(one.heard_at)} UTC"
    return state, every, heard, "; ".join(_told_of_key(key, one.now) for key in one.keys) or "no key"


def _told_of_key(key: SourceKey, now: datetime) -> str:
    told_of = f"key since {key.since:%Y-%m-%d}, {_age(int((now - key.since).total_seconds()))} old"
    return told_of if key.ends_at is None else f"{told_of}, ends {_moment(key.ends_at)} UTC"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _every(seconds: int) -> str:
    """As ``seconds_of`` reads it: ``5m``, ``90s``."""
    unit = next(unit for unit, size in reversed(_UNITS.items()) if seconds % size == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def _age(seconds: int) -> str:
    """In the largest unit of which it has whole ones."""
    unit = next((unit for unit, size in reversed(_UNITS.items()) if seconds >= size), "s")
    return f"{max(seconds, 0) // _UNITS[unit]}{unit}"


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


@screen.command("list")
@drill_option
def list_screens(drill: bool) -> None:
    """Every screen: id, name, place, and since when it may look or no longer may."""
    with told():
        for one in Screens(opened(drill=drill).room.log).all():
            ended = one.revoked_at
            state = f"until {ended:%Y-%m-%d %H:%M} UTC" if ended else f"since {one.created_at:%Y-%m-%d}"
            click.echo("\t".join((one.id, one.name, one.place or "-", state)))


@screen.command("revoke")
@click.argument("name")
@drill_option
def revoke_screen(name: str, drill: bool) -> None:
    """End the token of a screen; a running server closes its connection within two seconds."""
    with told():
        if not Screening(opened(drill=drill).room).revoke(_name(name), actor=COMMAND_LINE):
            raise ValueError(f"NAME: there is no screen {name!r} in use")
    click.echo(f"{name} may look no longer")


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
