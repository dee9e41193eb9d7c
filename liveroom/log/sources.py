"""Who may hand in reports: each source with its own key, kept as a hash, and when it was last heard."""

import hashlib
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from liveroom.domain.alarm_ids import FEED
from liveroom.log import schema
from liveroom.log.book import Log
from liveroom.log.head import database_now
from liveroom.moments import to_micros
from liveroom.time import monotonic

_source = schema.source
_OF_KEY = select(_source.c.id, _source.c.name, _source.c.every_s).where(
    _source.c.key_hash == bindparam("hash"), _source.c.revoked_at.is_(None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An app or channel that feeds the room; ``every_s`` how often it is heard at least, None if nobody knows."""

    id: str
    name: str
    every_s: int | None = None


class Taken(Exception):
    """A source of this name exists already."""


def key_hash(key: str) -> str:
    """SHA-256 of a key; keys are 256 random bits, so a plain hash keeps them."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class Sources:
    """The sources of one room."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._noted: dict[str, float] = {}

    def add(self, name: str, every_s: int | None) -> str:
        """Create a source; returns its bearer key, which is shown once. Raises Taken."""
        key = secrets.token_urlsafe(32)

        def create(connection: Connection) -> str:
            if connection.execute(select(_source.c.id).where(_source.c.name == name)).first():
                raise Taken(name)
            _insert(connection, name, every_s, key_hash(key))
            return key

        return self._log.touch(create)

    def ensure(self, name: str, every_s: int | None) -> str:
        """The id of the source of this name, created without a key if need be."""

        def find(connection: Connection) -> str:
            query = select(_source.c.id).where(_source.c.name == name)
            found: str | None = connection.execute(query).scalar_one_or_none()
            if found is None:
                with suppress(IntegrityError), connection.begin_nested():  # another process may be as fast
                    return _insert(connection, name, every_s, None)
            return found or str(connection.execute(query).scalar_one())

        return self._log.touch(find)

    def rekey(self, name: str, every_s: int | None) -> str:
        """A new key for the source of this name, created if need be; an older key ends."""
        id_, key = self.ensure(name, every_s), secrets.token_urlsafe(32)
        change = update(_source).where(_source.c.id == id_).values(key_hash=key_hash(key))
        self._log.touch(lambda c: c.execute(change))
        return key

    def by_key(self, key: str) -> Source | None:
        """The source whose key this is; None for an unknown or revoked one."""
        asked = {"hash": key_hash(key)}
        row = self._log.read(lambda c: c.execute(_OF_KEY, asked).one_or_none())
        return None if row is None else Source(id=row.id, name=row.name, every_s=row.every_s)

    def heard(self, id_: str) -> None:
        """Note a sign of life of a source, at most once a second: it is no event and older than that at once."""
        if monotonic() - self._noted.get(id_, -1.0) < 1.0:
            return
        self._noted[id_] = monotonic()

        def note(connection: Connection) -> None:
            now = to_micros(database_now(connection))
            connection.execute(update(_source).where(_source.c.id == id_).values(heard_at=now))

        self._log.note(note)


def is_source(connection: Connection, id_: str) -> bool:
    """Whether there is a source with this id."""
    return connection.execute(select(_source.c.id).where(_source.c.id == id_)).first() is not None


def _insert(connection: Connection, name: str, every_s: int | None, hash_: str | None) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48] or "source"
    taken = slug == FEED or connection.execute(select(_source.c.id).where(_source.c.id == slug)).first()
    id_ = f"{slug}-{secrets.token_hex(3)}" if taken else slug
    created = to_micros(database_now(connection))
    values = {"id": id_, "name": name, "every_s": every_s, "key_hash": hash_, "created_at": created}
    connection.execute(insert(_source).values(**values))
    return id_
