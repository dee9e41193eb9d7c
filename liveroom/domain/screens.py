"""Commands on screens, for supervisors and admins: their names, fields, and which of them are possible now."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from liveroom.domain.complaints.commands import LEADERS
from liveroom.domain.events import Event, Subject
from liveroom.domain.events.account_payloads import ScreenPayload
from liveroom.domain.fields import CommandSpec, Field
from liveroom.domain.requests import Malformed, Role

LONGEST = 60


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


def allowed(role: Role, *, paired: bool, heard: bool, frozen: bool) -> tuple[ScreenCommandName, ...]:
    """The commands that this role could give now on a screen in use, or on a page that is not ``paired`` with one.

    What is not ``heard`` is neither called nor frozen: nobody would see it.
    """
    possible = frozenset(ScreenCommandName) - {ScreenCommandName.PAIR} if paired else CALLS
    if not heard:
        possible -= CALLS
    if not frozen:
        possible -= {ScreenCommandName.UNFREEZE} if heard else {ScreenCommandName.UNFREEZE, ScreenCommandName.FREEZE}
    return tuple(name for name in ScreenCommandName if role in LEADERS and name in possible)


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


def _settings(known: Mapping[str, str]) -> Field:
    """The settings that are set; an empty text removes one."""

    def read(path: str, value: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            raise Malformed(path, "must be an object")
        for key, text in value.items():
            if key not in known:
                raise Malformed(f"{path}.{str(key)[:32]}", "is no setting of a screen")
            if not isinstance(text, str) or (text and not re.fullmatch(known[key], text)):
                raise Malformed(f"{path}.{key}", "is nothing that a wall understands")
        return {key: text for key, text in value.items() if text}

    each = {name: {"type": "string", "pattern": f"^(?:{pattern})?$"} for name, pattern in known.items()}
    schema = {"type": "object", "properties": each, "additionalProperties": False}
    return Field(name="settings", read=read, schema=schema)


def _refuse_nothing(fields: dict[str, Any]) -> dict[str, Any]:
    if not fields:
        raise Malformed("name", "nothing to change: give name, place or settings")
    return fields


_LABEL_SCHEMA: Mapping[str, Any] = {"type": "string", "maxLength": LONGEST}
_CODE, _NAME = (Field(name=name, read=_label, schema=_LABEL_SCHEMA, required=True) for name in ("code", "name"))
_PLACE = Field(name="place", read=_label_or_blank, schema=_LABEL_SCHEMA)


def screen_specs(settings: Mapping[str, str]) -> Mapping[ScreenCommandName, CommandSpec]:
    """The table of commands; ``settings``: by name, the pattern of the values that a wall understands."""
    shown = (_PLACE, _settings(settings))
    return {
        **{name: CommandSpec(roles=LEADERS) for name in ScreenCommandName},
        ScreenCommandName.PAIR: CommandSpec(roles=LEADERS, fields=(_CODE, _NAME, *shown)),
        ScreenCommandName.CHANGE: CommandSpec(
            roles=LEADERS, fields=(replace(_NAME, required=False), *shown), check=_refuse_nothing
        ),
    }


def about_screen(screen: str, payload: ScreenPayload, *, at: datetime) -> Event:
    """An event about a screen."""
    return Event(kind=payload.KIND, subject=Subject.SCREEN, id=screen, at=at, payload=payload)
