"""Commands on the people who log in, for admins: their names, fields, and what a login may look like."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from liveroom.domain.fields import CommandSpec, Field, choice
from liveroom.domain.requests import COMMAND_LINE, MACHINES, OF_AGENCIES, OF_PEOPLE, Malformed, Role

LONGEST_LOGIN, LONGEST_NAME = 64, 128
# No login may be one of these: they are actors of the log that nobody logs in as.
RESERVED = MACHINES | {COMMAND_LINE, "nobody", "console", "loopback"}
ROLES = tuple(role.value for role in OF_PEOPLE)
_ADMINS = frozenset({Role.ADMIN})


class UserCommandName(StrEnum):
    """Every command on a person; only the first has no person yet."""

    ADD = "add"
    CHANGE = "change"
    RESET = "reset"
    LOG_OUT = "log_out"
    DISABLE = "disable"
    ENABLE = "enable"
    RESET_FACTOR = "reset_factor"


def user_specs(agencies: Collection[str]) -> Mapping[UserCommandName, CommandSpec]:
    """The table of commands, for the agencies of one city: ``login`` of an addition, ``name``, ``as_role`` and
    ``agency`` of that and of a change.

    ``as_role`` is the person's; the command's own ``role`` is the admin's. ``agency`` is always there after `parse`.
    """

    def checked(found: dict[str, Any]) -> dict[str, Any]:
        return {**found, "agency": _agency_of_role(found["as_role"], found.get("agency") or None, agencies)}

    login, name = Field(name="login", read=_login, required=True), Field(name="name", read=_display_name)
    position = (
        Field(name="as_role", read=choice("as_role", *ROLES).read, required=True),
        Field(name="agency", read=_agency_key),
    )
    return {
        **{other: CommandSpec(roles=_ADMINS) for other in UserCommandName},
        UserCommandName.ADD: CommandSpec(
            roles=_ADMINS, fields=(login, replace(name, required=True), *position), check=checked
        ),
        UserCommandName.CHANGE: CommandSpec(roles=_ADMINS, fields=(name, *position), check=checked),
    }


def _agency_of_role(role: str, agency: str | None, agencies: Collection[str]) -> str | None:
    if role in OF_AGENCIES and agency not in agencies:
        raise Malformed("agency", f"{role} needs the key of an agency of the city")
    if role not in OF_AGENCIES and agency is not None:
        raise Malformed("agency", f"{role} is no role of an agency")
    return agency


def _login(path: str, value: Any) -> str:
    found = value.strip() if isinstance(value, str) else ""
    if not 0 < len(found) <= LONGEST_LOGIN or not all(sign.isalnum() or sign in "._-@+" for sign in found):
        raise Malformed(path, f"must be 1 to {LONGEST_LOGIN} letters, digits or . _ - @ +")
    if mixes_scripts(found):
        raise Malformed(path, "mixes letters of several scripts, which look like another name")
    if found.casefold() in RESERVED:
        raise Malformed(path, "is an actor of the room itself")
    return found


def mixes_scripts(name: str) -> bool:
    """Whether a name has letters of several scripts, or signs that are another way to write one.

    The Latin ``adm`` and one with a Cyrillic first letter are two people who look like one.
    """
    scripts = {unicodedata.name(sign, "?").partition(" ")[0] for sign in name if sign.isalpha()}
    return len(scripts) > 1 or unicodedata.normalize("NFKC", name) != name


def _display_name(path: str, value: Any) -> str:
    found = value.strip() if isinstance(value, str) else ""
    if not 0 < len(found) <= LONGEST_NAME or not found.isprintable():
        raise Malformed(path, f"must be 1 to {LONGEST_NAME} characters that can be printed")
    return found


def _agency_key(path: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed(path, "must be the key of an agency")
    return value
