"""Commands on screens, and the settings that a screen may have: only parameters of a wall's address.

For supervisors and admins. docs/wall.md says what each setting means.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from liveroom.domain.complaints.commands import LEADERS
from liveroom.domain.fields import Field, read
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
    "lang": "id|en",
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


def may(_name: ScreenCommandName, role: Role) -> bool:
    """Whether a role may give this command."""
    return role in LEADERS


def parse_screen(name: ScreenCommandName, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The typed fields of a command: ``code`` of a pairing, ``name``, ``place``, ``settings``.

    Raises Malformed naming the field.
    """
    if name not in (ScreenCommandName.PAIR, ScreenCommandName.CHANGE):
        return {}
    pairs = name is ScreenCommandName.PAIR
    fields = (
        Field(name="name", read=_label, required=pairs),
        Field(name="place", read=_label_or_blank),
        Field(name="settings", read=_settings),
    )
    return read((Field(name="code", read=_label, required=True), *fields) if pairs else fields, raw)


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
