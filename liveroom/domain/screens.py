"""What is done to screens, by whom, and what may be set on one: only parameters that a wall's address knows."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from liveroom.domain.complaints.commands import LEADERS
from liveroom.domain.fields import Field, read
from liveroom.domain.requests import Malformed, Role

LONGEST = 60
_NUMBER = r"\d{1,6}(\.\d{1,4})?"
# docs/wall.md says what each means; whatever else stands in a wall's address is typed there.
SETTINGS: Mapping[str, str] = {
    "scene": "map|board|overdue|agencies|trend|visit",
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


class ScreenName(StrEnum):
    """Every order about a screen; the last three are asked of its page and leave nothing behind."""

    PAIR = "pair"
    CHANGE = "change"
    REVOKE = "revoke"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    IDENTIFY = "identify"
    RELOAD = "reload"
    PICTURE = "picture"


CALLS = frozenset({ScreenName.IDENTIFY, ScreenName.RELOAD, ScreenName.PICTURE})


def may(_name: ScreenName, role: Role) -> bool:
    """Whether a role may give it: supervisors and admins all, nobody else any."""
    return role in LEADERS


def parse_screen(name: ScreenName, raw: Mapping[str, Any]) -> dict[str, Any]:
    """``code`` of a pairing; ``name``, ``place`` and ``settings``. Raises Malformed naming the field."""
    if name not in (ScreenName.PAIR, ScreenName.CHANGE):
        return {}
    pairs = name is ScreenName.PAIR
    fields = (
        Field(name="name", read=_words, required=pairs),
        Field(name="place", read=_words_or_none),
        Field(name="settings", read=_settings),
    )
    return read((Field(name="code", read=_words, required=True), *fields) if pairs else fields, raw)


def _words(path: str, value: Any) -> str:
    found = _words_or_none(path, value)
    if not found:
        raise Malformed(path, "is blank")
    return found


def _words_or_none(path: str, value: Any) -> str:
    """What stands on a screen or beside it: one line of characters that can be printed."""
    if not isinstance(value, str) or not value.isprintable():
        raise Malformed(path, "must be one line of text")
    found = value.strip()
    if len(found) > LONGEST:
        raise Malformed(path, f"is longer than {LONGEST} characters")
    return found


def _settings(path: str, value: Any) -> dict[str, str]:
    """Set ones only; an empty text takes one away."""
    if not isinstance(value, dict):
        raise Malformed(path, "must be an object")
    for key, text in value.items():
        if key not in SETTINGS:
            raise Malformed(f"{path}.{str(key)[:32]}", "is no setting of a screen")
        if not isinstance(text, str) or (text and not re.fullmatch(SETTINGS[key], text)):
            raise Malformed(f"{path}.{key}", "is nothing that a wall understands")
    return {key: text for key, text in value.items() if text}
