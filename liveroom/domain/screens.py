"""Commands on screens, and the settings that a screen may have: only parameters of a wall's address.

For supervisors and admins. docs/wall.md says what each setting means.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from liveroom.domain.complaints.commands import LEADERS
from liveroom.domain.fields import CommandSpec, Field, given_by
from liveroom.domain.requests import Malformed, Role
from liveroom.domain.room import SCENES

LONGEST = 60
_NUMBER = r"\d{1,6}(\.\d{1,4})?"
# Name -> pattern of its values; other parameters of a wall's address are typed into the address itself.
SETTINGS: Mapping[str, str] = {
    "scene": "|".join(SCENES),
    "look": "districts|incidents",
    "tile": r"\d{1,2},\d{1,2}/\d{1,2}x\d{1,2}",
    "panels": r"\d{1,2}x\d{1,2}",
    "bezel_px": _NUMBER,
    "bezel_mm": _NUMBER,
    "sound": "1",
    "lang": r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?",
    "view_mm": _NUMBER,
    "near_mm": _NUMBER,
    "pitch_mm": _NUMBER,
    "night": _NUMBER,
    "night_hours": r"\d{1,2}-\d{1,2}",
}


class ScreenCommandName(StrEnum):
    """Every command on a screen; the last three go to its page and leave no event."""

    PAIR = "pair"
    CHANGE = "change"
    REVOKE = "revoke"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    IDENTIFY = "identify"
    RELOAD = "reload"
    PICTURE = "picture"


CALLS = frozenset({ScreenCommandName.IDENTIFY, ScreenCommandName.RELOAD, ScreenCommandName.PICTURE})


def allowed(role: Role, *, paired: bool, heard: bool, frozen: bool) -> tuple[str, ...]:
    """The commands that this role could give now on a screen in use, or on a page that is not ``paired`` with one.

    What is not ``heard`` is neither called nor frozen: nobody would see it.
    """
    possible = frozenset(ScreenCommandName) - {ScreenCommandName.PAIR} if paired else CALLS
    if not heard:
        possible -= CALLS
    if not frozen:
        possible -= {ScreenCommandName.UNFREEZE} if heard else {ScreenCommandName.UNFREEZE, ScreenCommandName.FREEZE}
    return tuple(name for name in given_by(SCREEN_SPECS, role) if name in possible)


def _label(path: str, value: Any) -> str:
    found = _label_or_blank(path, value)
    if not found:
        raise Malformed(path, "is blank")
    return found


def _label_or_blank(path: str, value: Any) -> str:
    """The name or place of a screen: one line of printable characters."""
    if not isinstance(value, str) or not value.isprintable():
        raise Malformed(path, "must be one line of text")
    found = value.strip()
    if len(found) > LONGEST:
        raise Malformed(path, f"is longer than {LONGEST} characters")
    return found


def _settings(path: str, value: Any) -> dict[str, str]:
    """The settings that are set; an empty text removes one."""
    if not isinstance(value, dict):
        raise Malformed(path, "must be an object")
    for key, text in value.items():
        if key not in SETTINGS:
            raise Malformed(f"{path}.{str(key)[:32]}", "is no setting of a screen")
        if not isinstance(text, str) or (text and not re.fullmatch(SETTINGS[key], text)):
            raise Malformed(f"{path}.{key}", "is nothing that a wall understands")
    return {key: text for key, text in value.items() if text}


def _refuse_nothing(fields: dict[str, Any]) -> dict[str, Any]:
    if not fields:
        raise Malformed("name", "nothing to change: give name, place or settings")
    return fields


_CODE, _NAME = (Field(name=name, read=_label, required=True) for name in ("code", "name"))
_SHOWN = (Field(name="place", read=_label_or_blank), Field(name="settings", read=_settings))

SCREEN_SPECS: Mapping[ScreenCommandName, CommandSpec] = {
    **{name: CommandSpec(roles=LEADERS) for name in ScreenCommandName},
    ScreenCommandName.PAIR: CommandSpec(roles=LEADERS, fields=(_CODE, _NAME, *_SHOWN)),
    ScreenCommandName.CHANGE: CommandSpec(
        roles=LEADERS, fields=(replace(_NAME, required=False), *_SHOWN), check=_refuse_nothing
    ),
}
