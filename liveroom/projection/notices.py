"""Notices in force: a flood of alarms, surges of complaints; one row each while it lasts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from liveroom.domain.events import Kind, Logged
from liveroom.log import codec, schema
from liveroom.moments import from_text, to_text
from liveroom.projection.upsert import upsert

FLOOD = "flood"
BEGINS = frozenset({Kind.FLOOD_BEGAN, Kind.SURGE_BEGAN, Kind.SURGE_GROWN})
ENDS = frozenset({Kind.FLOOD_ENDED, Kind.SURGE_ENDED})


class FoldedNotices:
    """The notices as one transaction changes them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._begun: dict[str, dict[str, Any]] = {}
        self._ended: set[str] = set()

    def apply(self, logged: Logged) -> None:
        """Fold one event of the room."""
        event = logged.event
        id_ = str(event.payload.get("id", FLOOD))
        if event.kind in BEGINS:
            self._ended.discard(id_)
            self._begun[id_] = {"id": id_, "seq": logged.seq, "body": codec.encode(self._line(logged, id_))}
        if event.kind in ENDS:
            self._begun.pop(id_, None)
            self._ended.add(id_)

    @property
    def flooding_since(self) -> datetime | None:
        """When the flood of alarms in force began, as this transaction leaves it; None without one."""
        if FLOOD in self._begun:
            return _since(self._begun[FLOOD]["body"])
        return None if FLOOD in self._ended else flooding_since(self._connection)

    def _line(self, logged: Logged, id_: str) -> Mapping[str, Any]:
        payload, kind = logged.event.payload, logged.event.kind.value.partition(".")[0]
        since = payload.get("since") or to_text(logged.event.at)
        areas = payload.get("areas") or [None]
        told = {"kind": kind, "category": None, "area": areas[0], "n": payload.get("count"), "since": since}
        return {**told, **payload, "id": id_}

    def flush(self) -> None:
        """Write what began, grew or ended."""
        if self._ended:
            gone = delete(schema.notice).where(schema.notice.c.id.in_(sorted(self._ended)))
            self._connection.execute(gone)
        upsert(self._connection, schema.notice, list(self._begun.values()))
        self._begun, self._ended = {}, set()


def flooding_since(connection: Connection) -> datetime | None:
    """When the flood of alarms in force began; None without one."""
    body = connection.execute(select(schema.notice.c.body).where(schema.notice.c.id == FLOOD)).scalar_one_or_none()
    return None if body is None else _since(body)


def _since(body: str) -> datetime:
    return from_text(codec.decode_payload(body)["since"])


def lines(connection: Connection) -> list[dict[str, Any]]:
    """The notices in force, oldest first, as the feed carries them."""
    query = select(schema.notice.c.body).order_by(schema.notice.c.seq)
    return [codec.decode_payload(body) for body in connection.execute(query).scalars()]
