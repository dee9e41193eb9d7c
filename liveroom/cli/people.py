"""`user`: who may log in. Names and roles are given here; a password comes from the terminal or the environment."""

import os
import sys
from collections.abc import Mapping
from typing import Any

import click

from liveroom.accounts.credentials import PersonalTokens, hashed, refuse_weak
from liveroom.accounts.sources import Taken
from liveroom.accounts.users import Users, Who
from liveroom.cli.context import opened, told
from liveroom.cli.drill_option import drill_option
from liveroom.domain.requests import COMMAND_LINE, Malformed, Role
from liveroom.domain.timestamps import to_text
from liveroom.domain.users import ROLES, UserName, parse_user
from liveroom.room.bootstrap import Opened
from liveroom.room.commands.users import UserActs

PASSWORD = "LIVEROOM_PASSWORD"
# `--revoke` without the id of a token.
ALL = ""
# What a wrong field is called here.
OPTIONS = {"login": "NAME", "name": "--name", "as_role": "--role", "agency": "--agency"}


@click.group()
def user() -> None:
    """People who log in."""


_role = click.option("--role", required=True, type=click.Choice(ROLES))
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
        who = _new(room, name, role, agency, shown)
        try:
            UserActs(room.room, COMMAND_LINE).add(who, hashed(_password(who, room)))
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
        said = {"name": shown or before.name, "as_role": role, "agency": agency}
        who = _who(before.actor, _read(room, UserName.CHANGE, said))
        UserActs(room.room, COMMAND_LINE).change(who)
    click.echo(f"{who.actor} is now {who.role}{f' of {who.agency}' if who.agency else ''}")


@user.command("token")
@click.argument("name")
@click.option("--revoke", metavar="ID", is_flag=False, flag_value=ALL, help="End this token; without ID list them.")
@drill_option
def token(name: str, revoke: str | None, drill: bool) -> None:
    """Give a person a bearer token for programs of their own; prints it as the last word."""
    with told():
        room = opened(drill=drill).room
        who, acts = _known(Users(room.log), name), UserActs(room, COMMAND_LINE)
        if revoke is None:
            click.echo(f"{who.actor} may act with the bearer token {acts.give_token(who.actor)}")
        elif revoke == ALL:
            for id_, since in PersonalTokens(room.log).of(who.actor):
                click.echo(f"{id_}\t{to_text(since)}")
        elif not acts.revoke_token(who.actor, revoke):
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
    """Set another password; every log-in and token of this person ends."""
    with told():
        room = opened(drill=drill)
        who = _known(Users(room.room.log), name)
        UserActs(room.room, COMMAND_LINE).set_password(who.actor, hashed(_password(who, room)))
    click.echo(f"{who.actor} has another password")


@user.command("reset-second-factor")
@click.argument("name")
@drill_option
def reset_second_factor(name: str, drill: bool) -> None:
    """Take away the second factor of a person who lost it; log-ins end, tokens of programs stay."""
    with told():
        room = opened(drill=drill).room
        who = _known(Users(room.log), name)
        if not UserActs(room, COMMAND_LINE).remove_factor(who.actor):
            raise ValueError(f"NAME: {who.actor} has no second factor")
    click.echo(f"{who.actor} has no second factor any more")


@user.command("disable")
@click.argument("name")
@drill_option
def disable(name: str, drill: bool) -> None:
    """Let a person in no more until they are enabled: log-ins and tokens end."""
    with told():
        room = opened(drill=drill).room
        who = _known(Users(room.log), name)
        UserActs(room, COMMAND_LINE).disable(who.actor)
    click.echo(f"{who.actor} may log in no more")


@user.command("enable")
@click.argument("name")
@drill_option
def enable(name: str, drill: bool) -> None:
    """Let a person who was disabled in again."""
    with told():
        room = opened(drill=drill).room
        who = _known(Users(room.log), name)
        UserActs(room, COMMAND_LINE).disable(who.actor, disabled=False)
    click.echo(f"{who.actor} may log in again")


@user.command("remove")
@click.argument("name")
@drill_option
def remove(name: str, drill: bool) -> None:
    """End a person's sessions and tokens; nobody can be added under this name again."""
    with told():
        room = opened(drill=drill).room
        who = _known(Users(room.log), name)
        UserActs(room, COMMAND_LINE).remove(who.actor)
    click.echo(f"{who.actor} may log in no more")


def _known(users: Users, name: str) -> Who:
    found = users.known(name)
    if found is None:
        raise ValueError(f"NAME: nobody logs in as {name!r}")
    return found.who


def _new(room: Opened, name: str, role: str, agency: str | None, shown: str | None) -> Who:
    """Somebody whose log-in name is checked too. Raises ValueError naming the option."""
    said = {"login": name, "as_role": role, "agency": agency, "name": name if shown is None else shown}
    found = _read(room, UserName.ADD, said)
    return _who(found["login"], found)


def _read(room: Opened, order: UserName, said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a call. Raises ValueError naming the option."""
    try:
        return parse_user(order, said, room.room.city.agencies)
    except Malformed as no:
        raise ValueError(f"{OPTIONS[no.field]}: {no.message}, not {said[no.field]!r}") from no


def _who(actor: str, found: Mapping[str, Any]) -> Who:
    return Who(actor=actor, name=found["name"], role=Role(found["as_role"]), agency=found["agency"])


def _password(who: Who, room: Opened) -> str:
    """The password of the environment, else of the terminal. Raises Weak naming the rule that it
    breaks, ValueError without either."""
    given = os.environ.get(PASSWORD)
    if not given:
        if not sys.stdin.isatty():
            raise ValueError(f"there is no terminal to ask at: set {PASSWORD}")
        given = str(click.prompt(f"Password of {who.actor}", hide_input=True, confirmation_prompt=True))
    refuse_weak(given, who.actor, who.name, places=room.room.city.names)
    return given
