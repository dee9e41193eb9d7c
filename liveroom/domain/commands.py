"""The commands people give, and what the room asks of them before it decides; the table itself is in specs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from liveroom.domain.events import Kind
from liveroom.domain.fields import read
from liveroom.domain.names import Name, Role
from liveroom.domain.refusals import Malformed
from liveroom.domain.specs import SPECS

__all__ = ["Command", "Name", "Role", "conflicts", "may", "media_fields", "needs", "parse", "text_fields"]

NAMES = frozenset(name.value for name in Name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command, fields already parsed: times aware UTC, free texts replaced by text ids (none reaches an event).

    ``bulk``: given to many at once, so its giver may not have seen who looks into this one.
    """

    name: Name
    complaint: str
    actor: str
    role: Role
    actor_agency: str | None = None
    bulk: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)


def parse(name: str, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The command's own fields, typed and bounded (times aware UTC). Raises Malformed naming the first bad field."""
    if name not in NAMES:
        raise Malformed("command", "is not a command")
    fields = read(SPECS[Name(name)].fields, raw)
    if name == Name.TRIAGE:
        _check_triage(fields)
    return fields


def _check_triage(fields: Mapping[str, Any]) -> None:
    if not fields:
        raise Malformed("category", "give at least one of category, class, agency, priority, area, lat and lon")
    for one, other in (("lat", "lon"), ("lon", "lat")):
        if one in fields and other not in fields:
            raise Malformed(other, "is required beside " + one)


def text_fields(name: str) -> tuple[str, ...]:
    """Which fields are free text: the room keeps each as a row and hands its id to ``decide`` instead."""
    return tuple(field.name for field in SPECS[Name(name)].fields if field.text)


def media_fields(name: str) -> tuple[str, ...]:
    """Which fields are lists of links: the room keeps each link as a row and hands the ids to ``decide`` instead."""
    return tuple(field.name for field in SPECS[Name(name)].fields if field.media)


def conflicts(name: str) -> frozenset[Kind]:
    """The events that make the command stale when logged on its complaint after the sequence number its giver saw."""
    return SPECS[Name(name)].conflicts


def needs(name: str, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of other complaints ``decide`` must be given in ``others``."""
    wanted = {Name.MERGE: "into", Name.SPLIT: "child"}.get(Name(name), "")
    return (fields[wanted],) if wanted in fields else ()


def may(name: str, role: Role) -> bool:
    """Whether the role gives this command at all; on which complaints is ``standing``'s to say."""
    return role in SPECS[Name(name)].roles
