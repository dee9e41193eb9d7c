"""The people who may log in: added and removed by the command line, never reused under the same name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from liveroom.domain.names import Role
from liveroom.log.book import Log
from liveroom.log.head import database_now
from liveroom.log.schema_people import personal_token, session, user
from liveroom.log.sources import Taken
from liveroom.moments import to_micros
from liveroom.people import Who


class NoUser(Exception):
    """There is nobody of this name, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with the hash of the password, which no output ever shows."""

    who: Who
    password_hash: str | None = field(default=None, repr=False)


def login_of(name: str) -> str:
    """What two spellings of one name have in common."""
    return name.strip().casefold()


class Users:
    """The people of one room."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._some = False

    def any(self) -> bool:
        """Whether anybody can log in; once true it stays so for this process."""
        self._some = self._some or self._log.read(lambda c: c.execute(select(user.c.id).limit(1)).first()) is not None
        return self._some

    def add(self, who: Who, password_hash: str | None, *, known_as: tuple[str, str] | None = None) -> None:
        """Create a person; ``known_as``: issuer and subject of an OpenID provider.

        Raises Taken, also for the name of one who was removed: the log names actors for ever.
        """
        issuer, subject = known_as or (None, None)

        def create(connection: Connection) -> None:
            login = login_of(who.actor)
            if connection.execute(select(user.c.id).where(user.c.login == login)).first():
                raise Taken(who.actor)
            values = {"id": who.actor, "login": login, "password_hash": password_hash, **_kept(who)}
            created = to_micros(database_now(connection))
            connection.execute(insert(user).values(**values, issuer=issuer, subject=subject, created_at=created))

        self._log.touch(create)

    def by_name(self, name: str) -> User | None:
        """The person who logs in by this name."""
        return self._one(lambda c: c.execute(_standing().where(user.c.login == login_of(name))).one_or_none())

    def by_subject(self, issuer: str, subject: str) -> User | None:
        """The person whom an OpenID provider knows by this subject."""
        query = _standing().where(user.c.issuer == issuer, user.c.subject == subject)
        return self._one(lambda c: c.execute(query).one_or_none())

    def was_removed(self, issuer: str, subject: str) -> bool:
        """Whether somebody known by this subject was removed here: a provider does not bring them back."""
        query = select(user.c.id).where(
            user.c.issuer == issuer, user.c.subject == subject, user.c.removed_at.is_not(None)
        )
        return self._log.read(lambda c: c.execute(query).first()) is not None

    def everybody(self) -> Sequence[User]:
        """Whoever can log in, by name."""
        rows = self._log.read(lambda c: c.execute(_standing().order_by(user.c.login)).all())
        return [_user(row) for row in rows]

    def set_password(self, name: str, password_hash: str, *, keep_sessions: bool = False) -> None:
        """Another password; every log-in by the old one ends unless it is the same one, hashed anew. Raises NoUser."""

        def change(connection: Connection) -> None:
            id_ = _id_of(connection, name)
            connection.execute(update(user).where(user.c.id == id_).values(password_hash=password_hash))
            if not keep_sessions:
                connection.execute(delete(session).where(session.c.user_id == id_))

        self._log.touch(change)

    def change(self, who: Who) -> None:
        """Another name, role or agency for ``who.actor``; log-ins end, so that nothing of the old role stays open.

        Raises NoUser.
        """

        def alter(connection: Connection) -> None:
            id_ = _id_of(connection, who.actor)
            connection.execute(update(user).where(user.c.id == id_).values(**_kept(who)))
            connection.execute(delete(session).where(session.c.user_id == id_))

        self._log.touch(alter)

    def remove(self, name: str) -> None:
        """End a person's sessions and tokens and every later log-in. Raises NoUser."""

        def end(connection: Connection) -> None:
            id_, now = _id_of(connection, name), to_micros(database_now(connection))
            connection.execute(update(user).where(user.c.id == id_).values(removed_at=now, password_hash=None))
            connection.execute(delete(session).where(session.c.user_id == id_))
            tokens = update(personal_token).where(personal_token.c.user_id == id_)
            connection.execute(tokens.where(personal_token.c.revoked_at.is_(None)).values(revoked_at=now))

        self._log.touch(end)

    def _one(self, query: Callable[[Connection], Row[Any] | None]) -> User | None:
        row = self._log.read(query)
        return None if row is None else _user(row)


def _standing() -> Select[Any]:
    return select(user).where(user.c.removed_at.is_(None))


def _id_of(connection: Connection, name: str) -> str:
    found = connection.execute(_standing().where(user.c.login == login_of(name))).one_or_none()
    if found is None:
        raise NoUser(name)
    return str(found.id)


def _kept(who: Who) -> dict[str, str | None]:
    return {"name": who.name, "role": who.role.value, "agency": who.agency}


def who_of(row: Row[Any]) -> Who:
    """The person of a row that holds a user's columns."""
    return Who(actor=row.id, name=row.name, role=Role(row.role), agency=row.agency)


def _user(row: Row[Any]) -> User:
    return User(who=who_of(row), password_hash=row.password_hash)
