"""`user`, `screen` and `follower`: who may log in, which screens may look, and which other rooms may follow this one.

Each token is printed once, as the last word. A password comes from the terminal or the environment.
"""

import os
import sys
from collections.abc import Mapping
from typing import Any

import click

from cli.context import drill_option, handle_errors, opened
from display.feed.cards import ROOM_FIELDS, USUAL_ROOM_FIELDS
from liveroom.accounts.credentials import Followers, PersonalTokens, hash_password, refuse_weak
from liveroom.accounts.screens import Screens
from liveroom.accounts.sources import NameTaken
from liveroom.accounts.users import Person, Users
from liveroom.domain.requests import COMMAND_LINE, Malformed, Role
from liveroom.domain.timestamps import to_text
from liveroom.domain.users import ROLES, UserCommandName, user_specs
from liveroom.room.bootstrap import OpenRoom
from liveroom.room.commands.screens import revoke_named
from liveroom.room.commands.users import UserActs

# `user`.

_PASSWORD = "LIVEROOM_PASSWORD"
# `--revoke` without the id of a token.
_ALL = ""
# The option of each field, for messages.
_OPTIONS = {"login": "NAME", "name": "--name", "as_role": "--role", "agency": "--agency"}


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
    with handle_errors():
        room = opened(drill=drill)
        who = _new(room, name, role, agency, shown)
        try:
            UserActs(room.room, COMMAND_LINE).add(who, hash_password(_password(who, room)))
        except NameTaken as error:
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
    with handle_errors():
        room = opened(drill=drill)
        before = _known(Users(room.room.log), name)
        said = {"name": shown or before.name, "as_role": role, "agency": agency}
        who = _who(before.actor, _read(room, UserCommandName.CHANGE, said))
        UserActs(room.room, COMMAND_LINE).change(who)
    click.echo(f"{who.actor} is now {who.role}{f' of {who.agency}' if who.agency else ''}")


@user.command("token")
@click.argument("name")
@click.option("--revoke", metavar="ID", is_flag=False, flag_value=_ALL, help="End this token; without ID list them.")
@drill_option
def token(name: str, revoke: str | None, drill: bool) -> None:
    """Give a person a bearer token for programs of their own; prints it as the last word."""
    with handle_errors():
        room = opened(drill=drill).room
        who, acts = _known(Users(room.log), name), UserActs(room, COMMAND_LINE)
        if revoke is None:
            click.echo(f"{who.actor} may act with the bearer token {acts.give_token(who.actor)}")
        elif revoke == _ALL:
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
    with handle_errors():
        people = Users(opened(drill=drill).room.log).everybody()
    for one in people:
        who = one.who
        click.echo("\t".join((who.actor, who.role.value, who.agency or "-", who.name)))


@user.command("password")
@click.argument("name")
@drill_option
def password(name: str, drill: bool) -> None:
    """Set another password; every log-in and token of this person ends."""
    with handle_errors():
        room = opened(drill=drill)
        who = _known(Users(room.room.log), name)
        UserActs(room.room, COMMAND_LINE).set_password(who.actor, hash_password(_password(who, room)))
    click.echo(f"{who.actor} has another password")


@user.command("reset-second-factor")
@click.argument("name")
@drill_option
def reset_second_factor(name: str, drill: bool) -> None:
    """Take away the second factor of a person who lost it; log-ins end, tokens of programs stay."""
    with handle_errors():
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
    with handle_errors():
        room = opened(drill=drill).room
        who = _known(Users(room.log), name)
        UserActs(room, COMMAND_LINE).disable(who.actor)
    click.echo(f"{who.actor} may log in no more")


@user.command("enable")
@click.argument("name")
@drill_option
def enable(name: str, drill: bool) -> None:
    """Let a person who was disabled in again."""
    with handle_errors():
        room = opened(drill=drill).room
        who = _known(Users(room.log), name)
        UserActs(room, COMMAND_LINE).disable(who.actor, disabled=False)
    click.echo(f"{who.actor} may log in again")


@user.command("remove")
@click.argument("name")
@drill_option
def remove(name: str, drill: bool) -> None:
    """End a person's sessions and tokens; nobody can be added under this name again."""
    with handle_errors():
        room = opened(drill=drill).room
        who = _known(Users(room.log), name)
        UserActs(room, COMMAND_LINE).remove(who.actor)
    click.echo(f"{who.actor} may log in no more")


def _known(users: Users, name: str) -> Person:
    found = users.known(name)
    if found is None:
        raise ValueError(f"NAME: nobody logs in as {name!r}")
    return found.who


def _new(room: OpenRoom, name: str, role: str, agency: str | None, shown: str | None) -> Person:
    """A new person, log-in name checked. Raises ValueError naming the option."""
    said = {"login": name, "as_role": role, "agency": agency, "name": name if shown is None else shown}
    found = _read(room, UserCommandName.ADD, said)
    return _who(found["login"], found)


def _read(room: OpenRoom, command: UserCommandName, said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a call. Raises ValueError naming the option."""
    try:
        return user_specs(room.room.city.agencies)[command].parse(said)
    except Malformed as no:
        raise ValueError(f"{_OPTIONS[no.field]}: {no.message}, not {said[no.field]!r}") from no


def _who(actor: str, found: Mapping[str, Any]) -> Person:
    return Person(actor=actor, name=found["name"], role=Role(found["as_role"]), agency=found["agency"])


def _password(who: Person, room: OpenRoom) -> str:
    """The password of the environment, else of the terminal. Raises WeakPassword naming the rule that it
    breaks, ValueError without either."""
    given = os.environ.get(_PASSWORD)
    if not given:
        if not sys.stdin.isatty():
            raise ValueError(f"there is no terminal to ask at: set {_PASSWORD}")
        given = str(click.prompt(f"Password of {who.actor}", hide_input=True, confirmation_prompt=True))
    refuse_weak(given, who.actor, who.name, places=room.room.city.names)
    return given


# `screen`.


@click.group()
def screen() -> None:
    """Displays that may look without a person."""


@screen.command("add")
@click.argument("name")
@drill_option
def add_screen(name: str, drill: bool) -> None:
    """Register a screen for the wall; prints its token as the last word."""
    with handle_errors():
        try:
            token = Screens(opened(drill=drill).room.log).add(name_of(name), "wall")
        except NameTaken as error:
            raise ValueError(f"NAME: there is a screen {name!r} already") from error
    click.echo(f"{name} may look with the token {token}")


@screen.command("list")
@drill_option
def list_screens(drill: bool) -> None:
    """Every screen: id, name, place, and since when it may look or no longer may."""
    with handle_errors():
        for one in Screens(opened(drill=drill).room.log).all():
            ended = one.revoked_at
            state = f"until {ended:%Y-%m-%d %H:%M} UTC" if ended else f"since {one.created_at:%Y-%m-%d}"
            click.echo("\t".join((one.id, one.name, one.place or "-", state)))


@screen.command("revoke")
@click.argument("name")
@drill_option
def revoke_screen(name: str, drill: bool) -> None:
    """End the token of a screen; a running server closes its connection within two seconds."""
    with handle_errors():
        if not revoke_named(opened(drill=drill).room, name_of(name), COMMAND_LINE):
            raise ValueError(f"NAME: there is no screen {name!r} in use")
    click.echo(f"{name} may look no longer")


# `follower`: rooms of others that may follow this one.

_fields = click.option(
    "--fields",
    default="",
    metavar="FIELD,…",
    help=f"What it may see of a complaint: {', '.join(ROOM_FIELDS)}; or `none`.",
)


@click.group()
def follower() -> None:
    """Other rooms, such as a province's, that may follow this one."""


@follower.command("add")
@click.argument("name")
@_fields
@drill_option
def add_follower(name: str, fields: str, drill: bool) -> None:
    """Let another room follow this one; prints its key as the last word."""
    with handle_errors():
        allowed = _fields_of(fields) if fields else USUAL_ROOM_FIELDS
        try:
            key = Followers(opened(drill=drill).room.log).add(name_of(name), allowed)
        except NameTaken as error:
            raise ValueError(f"NAME: {name!r} has a key already; `follower rotate` gives it a new one") from error
    click.echo(f"{name} sees {', '.join(sorted(allowed)) or 'figures alone'}")
    click.echo(f"{name} may follow with the key {key}")


@follower.command("list")
@drill_option
def list_followers(drill: bool) -> None:
    """Every room that ever had a key: name, fields, since when, age of its key, when it was last heard; no key."""
    with handle_errors():
        for one in Followers(opened(drill=drill).room.log).all():
            ended, heard, former = one.revoked_at, one.heard_at, one.former_ends_at
            state = f"until {ended:%Y-%m-%d %H:%M} UTC" if ended else f"since {one.created_at:%Y-%m-%d}"
            key = f"key of {one.key_at:%Y-%m-%d}" + (f", the one before ends {former:%m-%d %H:%M}" if former else "")
            last = f"heard {heard:%Y-%m-%d %H:%M} UTC" if heard else "never heard"
            click.echo("\t".join((one.name, ",".join(one.fields) or "-", state, key, last)))


@follower.command("allow")
@click.argument("name")
@click.argument("fields", metavar="FIELD,…")
@drill_option
def allow_follower(name: str, fields: str, drill: bool) -> None:
    """Change what a room may see; it is connected anew and takes everything anew, with these fields alone."""
    with handle_errors():
        allowed = _fields_of(fields)
        Followers(opened(drill=drill).room.log).allow(name_of(name), allowed)
    click.echo(f"{name} sees {', '.join(allowed) or 'figures alone'}")


@follower.command("rotate")
@click.argument("name")
@click.option("--now", is_flag=True, help="End the older key at once, such as one that leaked.")
@drill_option
def rotate_follower(name: str, now: bool, drill: bool) -> None:
    """Give a room a new key, printed as the last word; the one it replaces lives 24 hours more."""
    with handle_errors():
        key, ends_at = Followers(opened(drill=drill).room.log).rotate(name_of(name), now=now)
    if ends_at is not None:
        click.echo(f"the key before it ends {ends_at:%Y-%m-%d %H:%M} UTC")
    click.echo(f"{name} may follow with the key {key}")


@follower.command("revoke")
@click.argument("name")
@drill_option
def revoke_follower(name: str, drill: bool) -> None:
    """End every key of a room; a running server closes its connection within two seconds."""
    with handle_errors():
        Followers(opened(drill=drill).room.log).revoke(name_of(name))
    click.echo(f"{name} may follow no longer")


def _fields_of(words: str) -> tuple[str, ...]:
    """The fields that were named. Raises ValueError."""
    wanted = [] if words == "none" else [word.strip() for word in words.split(",") if word.strip()]
    for word in wanted:
        if word not in ROOM_FIELDS:
            raise ValueError(f"FIELDS: {word!r} is none; there are {', '.join(ROOM_FIELDS)}")
    return tuple(sorted(set(wanted)))


def name_of(text: str) -> str:
    """The name of a source or screen. Raises ValueError."""
    if not text.strip() or len(text) > 128 or not text.isprintable():
        raise ValueError("NAME: must be 1 to 128 characters that can be printed")
    return text.strip()
