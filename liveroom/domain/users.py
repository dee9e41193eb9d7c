"""Commands on the people who log in, for admins: their names, fields, and what a login may look like."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from liveroom.domain.fields import CommandSpec, Field, choice
from liveroom.domain.requests import COMMAND_LINE, MACHINES, OF_AGENCIES, OF_PEOPLE, Code, Malformed, Refused, Role

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

    login = Field(name="login", read=_login, schema=_text_schema(LONGEST_LOGIN), required=True)
    name = Field(name="name", read=_display_name, schema=_text_schema(LONGEST_NAME))
    position = (
        choice("as_role", *ROLES, required=True),
        Field(name="agency", read=_agency_key, schema={"type": "string"}),
    )
    return {
        **{other: CommandSpec(roles=_ADMINS) for other in UserCommandName},
        UserCommandName.ADD: CommandSpec(
            roles=_ADMINS, fields=(login, replace(name, required=True), *position), check=checked
        ),
        UserCommandName.CHANGE: CommandSpec(roles=_ADMINS, fields=(name, *position), check=checked),
    }


def _text_schema(longest: int) -> Mapping[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAccount:
    """What decides which commands on a person are possible; ``own``: it is the admin who gives them."""

    disabled: bool
    by_provider: bool
    second_factor: bool
    own: bool


def refusal(name: UserCommandName, user: UserAccount) -> Refused | None:
    """Why the command is not possible on this person now, whatever its fields; None when it is."""
    match name:
        case UserCommandName.CHANGE if user.by_provider:
            return Refused(Code.STATE, "name, role and agency are taken from the provider at each log-in", "as_role")
        case UserCommandName.RESET if user.by_provider:
            return Refused(Code.STATE, "this person logs in at the provider, not by a password")
        case UserCommandName.RESET if user.disabled:
            return Refused(Code.STATE, "a disabled person has no password to set")
        case UserCommandName.RESET_FACTOR if user.own:
            # Otherwise whoever finds an admin's open page could replace the admin's second factor by their own.
            return Refused(Code.STATE, "your own is taken away on /account, by password and code")
        case UserCommandName.RESET_FACTOR if not user.second_factor:
            return Refused(Code.STATE, "this person has no second factor")
        case UserCommandName.DISABLE if user.disabled:
            return Refused(Code.STATE, "is disabled already")
        case UserCommandName.ENABLE if not user.disabled:
            return Refused(Code.STATE, "is not disabled already")
        case _:
            return None


def allowed(user: UserAccount, role: Role) -> tuple[UserCommandName, ...]:
    """The commands that somebody in this role could give on a person now; fields may still refuse one."""
    names = UserCommandName if role in _ADMINS else ()
    return tuple(name for name in names if name is not UserCommandName.ADD and refusal(name, user) is None)


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
