"""The people who may log in, as they are read; what is written of them is user_rows.py's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select, update

from liveroom.domain.requests import Role
from liveroom.log.event_log import Log
from liveroom.log.schema import user
from liveroom.people import Who


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with the hash of the password, which no output ever shows."""

    who: Who
    password_hash: str | None = field(default=None, repr=False)


def login_of(name: str) -> str:
    """What two spellings of one name have in common."""
    return name.strip().casefold()


def may_enter() -> ColumnElement[bool]:
    """Of a person's row: neither removed nor disabled."""
    return and_(user.c.removed_at.is_(None), user.c.disabled_at.is_(None))


def anybody(connection: Connection) -> bool:
    """Whether there is, or was, anybody who logs in."""
    return connection.execute(select(user.c.id).limit(1)).first() is not None


class Users:
    """The people of one room."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._some = False

    def any(self) -> bool:
        """Whether anybody can log in; once true it stays so for this process."""
        self._some = self._some or self._log.read(anybody)
        return self._some

    def by_name(self, name: str) -> User | None:
        """The person who logs in by this name; nobody's holds a NUL, which PostgreSQL does not even look for."""
        if "\x00" in name:
            return None
        query = select(user).where(may_enter(), user.c.login == login_of(name))
        return self._one(lambda c: c.execute(query).one_or_none())

    def known(self, name: str) -> User | None:
        """The person of this name, disabled or not."""
        query = _known().where(user.c.login == login_of(name))
        return self._one(lambda c: c.execute(query).one_or_none())

    def everybody(self) -> Sequence[User]:
        """Whoever was not removed, by name."""
        rows = self._log.read(lambda c: c.execute(_known().order_by(user.c.login)).all())
        return [_user(row) for row in rows]

    def rehash(self, actor: str, password_hash: str) -> None:
        """The same password, hashed at today's cost."""
        change = update(user).where(user.c.id == actor, user.c.password_hash.is_not(None))
        self._log.touch(lambda c: c.execute(change.values(password_hash=password_hash)))

    def _one(self, query: Callable[[Connection], Row[Any] | None]) -> User | None:
        row = self._log.read(query)
        return None if row is None else _user(row)


def _known() -> Select[Any]:
    return select(user).where(user.c.removed_at.is_(None))


def who_of(row: Row[Any]) -> Who:
    """The person of a row that holds a user's columns."""
    return Who(actor=row.id, name=row.name, role=Role(row.role), agency=row.agency)


def _user(row: Row[Any]) -> User:
    return User(who=who_of(row), password_hash=row.password_hash)
