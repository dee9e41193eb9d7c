"""Screens with a token of their own: read-only, never a person's log-in; kept as a hash."""

import json
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.event_log import Log, database_now
from liveroom.log.sources import Taken, key_hash

_screen = schema.screen
LONGEST_NAME = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A registered screen; ``settings`` are parameters of the wall's address, which stand above those typed there."""

    id: str
    name: str
    audience: str
    created_at: datetime
    revoked_at: datetime | None = None
    place: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


class Screens:
    """The screens of one room."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def add(self, name: str, audience: str) -> str:
        """Create a screen for an audience; returns its token, which is shown once. Raises Taken."""
        token = secrets.token_urlsafe(32)
        self._log.touch(lambda c: create_screen(c, name, token_hash=key_hash(token), audience=audience))
        return token

    def by_token(self, token: str) -> Screen | None:
        """The screen whose token this is; None for an unknown or revoked one. Raises Unavailable."""
        query = select(_screen).where(_screen.c.token_hash == key_hash(token), _screen.c.revoked_at.is_(None))
        row = self._log.read(lambda c: c.execute(query).one_or_none())
        return None if row is None else _of(row)

    def audience_of(self, token: str) -> str | None:
        """The audience of the screen whose token this is; None for an unknown or revoked one."""
        found = self.by_token(token)
        return found.audience if found is not None else None

    def all(self) -> tuple[Screen, ...]:
        """Every screen ever registered, those in use first, then by name."""
        return self._log.read(all_screens)


def all_screens(connection: Connection) -> tuple[Screen, ...]:
    """Every screen ever registered, those in use first, then by name."""
    query = select(_screen).order_by(_screen.c.revoked_at.is_not(None), _screen.c.name)
    return tuple(_of(row) for row in connection.execute(query))


def screen_of(connection: Connection, id_: str) -> Screen | None:
    """One screen, revoked or not; None if there is none."""
    row = connection.execute(select(_screen).where(_screen.c.id == id_)).one_or_none()
    return None if row is None else _of(row)


def is_screen(connection: Connection, id_: str) -> bool:
    """Whether a screen in use has this id."""
    found = screen_of(connection, id_)
    return found is not None and found.revoked_at is None


def named_screen(connection: Connection, name: str) -> Screen | None:
    """The screen of this name; None if there is none."""
    row = connection.execute(select(_screen).where(_screen.c.name == name)).one_or_none()
    return None if row is None else _of(row)


def revoked_among(connection: Connection, ids: Collection[str]) -> frozenset[str]:
    """Those of ``ids`` whose token has ended."""
    if not ids:
        return frozenset()
    query = select(_screen.c.id).where(_screen.c.id.in_(tuple(ids)), _screen.c.revoked_at.is_not(None))
    return frozenset(connection.execute(query).scalars())


def create_screen(connection: Connection, name: str, *, token_hash: str, audience: str = "wall", **more: Any) -> str:
    """A new screen's id, made from its name. A revoked screen gives its name up. Raises Taken."""
    _give_up(connection, name)
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:36] or "layar"
    taken = connection.execute(select(_screen.c.id).where(_screen.c.id == slug)).first()
    id_ = f"{slug}-{secrets.token_hex(3)}" if taken else slug
    values = {"id": id_, "name": name, "audience": audience, "created_at": to_micros(database_now(connection))}
    connection.execute(insert(_screen).values(**values, token_hash=token_hash, **_written(more)))
    return id_


def change_screen(connection: Connection, id_: str, **values: Any) -> None:
    """Set name, place or settings. Raises Taken."""
    if "name" in values:
        _give_up(connection, values["name"], but=id_)
    connection.execute(update(_screen).where(_screen.c.id == id_).values(**_written(values)))


def revoke_screen(connection: Connection, id_: str) -> None:
    """End a screen's token; its row stays, for whoever reads the log."""
    connection.execute(
        update(_screen)
        .where(_screen.c.id == id_, _screen.c.revoked_at.is_(None))
        .values(revoked_at=to_micros(database_now(connection)))
    )


def _give_up(connection: Connection, name: str, but: str = "") -> None:
    query = select(_screen.c.id, _screen.c.revoked_at).where(_screen.c.name == name, _screen.c.id != but)
    found = connection.execute(query).one_or_none()
    if found is None:
        return
    if found.revoked_at is None:
        raise Taken(name)
    former = f"{name[: LONGEST_NAME - 10]} ({secrets.token_hex(3)})"
    connection.execute(update(_screen).where(_screen.c.id == found.id).values(name=former))


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: json.dumps(value) if key == "settings" else value for key, value in values.items()}


def _of(row: Row[Any]) -> Screen:
    return Screen(
        id=row.id,
        name=row.name,
        audience=row.audience,
        created_at=from_micros(row.created_at),
        revoked_at=from_micros(row.revoked_at) if row.revoked_at is not None else None,
        place=row.place,
        settings=json.loads(row.settings or "{}"),
    )
