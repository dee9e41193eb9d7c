"""While guests are in the room every wall is given what guests may see (CR-81).

Whether they are is read in the very transaction that reads what is sent, and kept nowhere: whoever comes back is masked
by the read that answers, and a database that cannot be read sends nothing at all.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from liveroom.domain.room import LineName, in_force
from liveroom.log.engine import Connection
from liveroom.log.event_log import database_now
from liveroom.projection.notices import notice

SCREENS, GUESTS = "wall", "visit"


def welcomed(lines: Iterable[Mapping[str, Any]], real: datetime) -> Mapping[str, Any] | None:
    """The visit in force among the notices of a moment; None without one."""
    return next((line for line in lines if line["id"] == LineName.VISIT and in_force(line, real)), None)


def worn(audience: str, lines: Iterable[Mapping[str, Any]], real: datetime) -> str:
    """The audience as which one with a right to ``audience`` is served at that moment."""
    return GUESTS if audience == SCREENS and welcomed(lines, real) is not None else audience


def visit_now(connection: Connection) -> Mapping[str, Any] | None:
    """The visit in force as of this read; None without one."""
    line = notice(connection, LineName.VISIT)
    return welcomed(() if line is None else (line,), database_now(connection))


def worn_now(connection: Connection, audience: str) -> str:
    """The audience as which one with a right to ``audience`` is served as of this read."""
    return GUESTS if audience == SCREENS and visit_now(connection) is not None else audience
