"""`user`: who may log in. Names and roles are given here; a password comes from the terminal or the environment."""

import os
import sys

import click

from liveroom.cli.context import opened, told
from liveroom.cli.drill_option import drill_option
from liveroom.domain.names import Role
from liveroom.log.personal_tokens import PersonalTokens
from liveroom.log.sources import Taken
from liveroom.log.users import Users
from liveroom.moments import to_text
from liveroom.opening import Opened
from liveroom.passwords import hashed, refuse_weak
from liveroom.people import OF_AGENCIES, OF_PEOPLE, Who

PASSWORD = "LIVEROOM_PASSWORD"
# `--revoke` without the id of a token.
ALL = ""
# Actors of the log that are nobody.
RESERVED = ("system", "clock", "nobody")


@click.group()
def user() -> None:
    """People who log in."""


_role = click.option("--role", required=True, type=click.Choice([role.value for role in OF_PEOPLE]))
_agency = click.option("--agency", metavar="KEY", help="The city pack's key of the agency, for agency roles.")
_shown = click.option("--name", "shown", metavar="NAME", help="The name that others see; the log-in name otherwise.")


@user.command("add")
@click.argument("name")
@_role
@_agency
@_shown
@drill_option
def add(name: str, role: str, agency: str | None, shown: str | None, drill: bool) -> None:
    """Let a person log in as NAME."""
    with told():
        room = opened(drill=drill)
        who = _who(room, name, role, agency, shown)
        try:
            Users(room.room.log).add(who, hashed(_password(who)))
        except Taken as error:
            raise ValueError(f"NAME: {name!r} is, or was, somebody's: events name actors for ever") from error
    click.echo(f"{who.actor} may log in as {who.role}{f' of {who.agency}' if who.agency else ''}")


@user.command("change")
@click.argument("name")
@_role
@_agency
@_shown
@drill_option
def change(name: str, role: str, agency: str | None, shown: str | None, drill: bool) -> None:
    """Give a person another role, agency or shown name; log-ins end."""
    with told():
        room = opened(drill=drill)
        before = _known(Users(room.room.log), name)
        who = _who(room, before.actor, role, agency, shown or before.name)
        Users(room.room.log).change(who)
    click.echo(f"{who.actor} is now {who.role}{f' of {who.agency}' if who.agency else ''}")


@user.command("token")
@click.argument("name")
@click.option("--revoke", metavar="ID", is_flag=False, flag_value=ALL, help="End this token; without ID list them.")
@drill_option
def token(name: str, revoke: str | None, drill: bool) -> None:
    """Give a person a bearer token for programs of their own; prints it as the last word."""
    with told():
        log = opened(drill=drill).room.log
        who, tokens = _known(Users(log), name), PersonalTokens(log)
        if revoke is None:
            click.echo(f"{who.actor} may act with the bearer token {tokens.add(who.actor)}")
        elif revoke == ALL:
            for id_, since in tokens.of(who.actor):
                click.echo(f"{id_}\t{to_text(since)}")
        elif not tokens.revoke(who.actor, revoke):
            raise ValueError(f"--revoke: {who.actor} has no token {revoke!r}; --revoke alone lists them")
        else:
            click.echo(f"{who.actor} may act with the token {revoke} no more")


@user.command("list")
@drill_option
def list_(drill: bool) -> None:
    """Tell who may log in."""
    with told():
        people = Users(opened(drill=drill).room.log).everybody()
    for one in people:
        who = one.who
        click.echo("\t".join((who.actor, who.role.value, who.agency or "-", who.name)))


@user.command("password")
@click.argument("name")
@drill_option
def password(name: str, drill: bool) -> None:
    """Set another password; every log-in of this person ends."""
    with told():
        users = Users(opened(drill=drill).room.log)
        who = _known(users, name)
        users.set_password(who.actor, hashed(_password(who)))
    click.echo(f"{who.actor} has another password")


@user.command("remove")
@click.argument("name")
@drill_option
def remove(name: str, drill: bool) -> None:
    """End a person's sessions and tokens; nobody can be added under this name again."""
    with told():
        users = Users(opened(drill=drill).room.log)
        who = _known(users, name)
        users.remove(who.actor)
    click.echo(f"{who.actor} may log in no more")


def _known(users: Users, name: str) -> Who:
    found = users.by_name(name)
    if found is None:
        raise ValueError(f"NAME: nobody can log in as {name!r}")
    return found.who


def _who(room: Opened, name: str, role: str, agency: str | None, shown: str | None) -> Who:
    """The person of a call. Raises ValueError naming the option."""
    kind = Role(role)
    if not 0 < len(name) <= 64 or not all(sign.isalnum() or sign in "._-@+" for sign in name):
        raise ValueError("NAME: must be 1 to 64 letters, digits or . _ - @ +")
    if name.casefold() in RESERVED:
        raise ValueError(f"NAME: {name!r} is an actor of the room itself")
    if kind in OF_AGENCIES and agency not in room.room.city.agencies:
        raise ValueError(f"--agency: {role} needs the key of an agency of the city, not {agency!r}")
    if kind not in OF_AGENCIES and agency is not None:
        raise ValueError(f"--agency: {role} is no role of an agency")
    if shown is not None and (not shown.strip() or len(shown) > 128 or not shown.isprintable()):
        raise ValueError("--name: must be 1 to 128 characters that can be printed")
    return Who(actor=name, name=(shown or name).strip(), role=kind, agency=agency)


def _password(who: Who) -> str:
    """The password of the environment, else of the terminal. Raises ValueError for a weak one, or without either."""
    given = os.environ.get(PASSWORD)
    if not given:
        if not sys.stdin.isatty():
            raise ValueError(f"there is no terminal to ask at: set {PASSWORD}")
        given = str(click.prompt(f"Password of {who.actor}", hide_input=True, confirmation_prompt=True))
    refuse_weak(given, who.actor, who.name)
    return given
