"""Users: read and write."""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, insert, or_, select, update

from liveroom.accounts.sources import NameTaken, key_hash
from liveroom.domain.requests import OF_AGENCIES, Role
from liveroom.domain.timestamps import to_micros
from liveroom.log.event_log import EventLog, database_now
from liveroom.log.schema import (
    half_log_in,
    known_place,
    password_link,
    personal_token,
    recovery_code,
    second_factor,
    session,
    setup_link,
    user,
)

# A person who acts: the value that every door gets, whichever way the person proved who they are.

AT_DESKS = frozenset({Role.DUTY, Role.SUPERVISOR, Role.ADMIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``actor`` is the person's stable key, written to events; ``name`` is for other people's eyes.

    ``agency`` is the pack's key for the two agency roles and None for all others.
    """

    actor: str
    name: str
    role: Role
    agency: str | None = None

    @property
    def audience(self) -> str:
        """The feed's audience of this person (design section 4)."""
        if self.role in OF_AGENCIES:
            return f"agency:{self.agency}"
        return "desk" if self.role in AT_DESKS else "lead"


def plain(who: Person) -> dict[str, str | None]:
    """``{actor, name, role, agency}``, as pages and programs are told of a person."""
    return {"actor": who.actor, "name": who.name, "role": who.role.value, "agency": who.agency}


# The people who may log in, as they are read; what is written of them is user_rows.py's.


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with the hash of the password, which no output ever shows."""

    who: Person
    password_hash: str | None = field(default=None, repr=False)


def login_of(name: str) -> str:
    """What two spellings of one name have in common."""
    return name.strip().casefold()


def can_log_in() -> ColumnElement[bool]:
    """Of a person's row: neither removed nor disabled."""
    return and_(user.c.removed_at.is_(None), user.c.disabled_at.is_(None))


def anybody(connection: Connection) -> bool:
    """Whether there is, or was, anybody who logs in."""
    return connection.execute(select(user.c.id).limit(1)).first() is not None


class Users:
    """The people of one room."""

    def __init__(self, log: EventLog) -> None:
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
        query = select(user).where(can_log_in(), user.c.login == login_of(name))
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


def person_of(row: Row[Any]) -> Person:
    """The person of a row that holds a user's columns."""
    return Person(actor=row.id, name=row.name, role=Role(row.role), agency=row.agency)


def _user(row: Row[Any]) -> User:
    return User(who=person_of(row), password_hash=row.password_hash)


# Who they are that act, for other people's eyes; also people who were removed since.


def people_of(connection: Connection, actors: Collection[str]) -> Mapping[str, Person]:
    """By actor, each that is a person who could once log in (at most 500 actors)."""
    if not actors:
        return {}
    return {row.id: person_of(row) for row in connection.execute(select(user).where(user.c.id.in_(actors)))}


def at_desks(connection: Connection) -> list[Person]:
    """Whoever may log in to a desk now, by name."""
    query = select(user).where(can_log_in(), user.c.role.in_([role.value for role in AT_DESKS]))
    return [person_of(row) for row in connection.execute(query.order_by(user.c.name, user.c.id).limit(500))]


def names_of(connection: Connection, actors: Collection[str]) -> Mapping[str, str]:
    """By actor, the name of each that is a person who could once log in (at most 500 actors)."""
    return {actor: who.name for actor, who in people_of(connection, actors).items()}


# One-time links by which the first admin is made: the token in the link, its hash here, one for each web process.
#
# Real time. They stay out of backups: a room that is restored prints its own.

LASTS = timedelta(hours=24)


def give_setup_link(connection: Connection, place: str) -> str:
    """The token of a new link of the process at ``place``; the one that it gave before is void."""
    token, now = secrets.token_urlsafe(32), database_now(connection)
    ended = (setup_link.c.place == place) | (setup_link.c.ends_at <= to_micros(now))
    connection.execute(delete(setup_link).where(ended))
    values = {"id": key_hash(token), "place": place, "ends_at": to_micros(now + LASTS)}
    connection.execute(insert(setup_link).values(**values))
    return token


def is_setup_link(connection: Connection, token: str) -> bool:
    """Whether this token is that of a link which is good now; takes as long for every wrong one."""
    now, shown = to_micros(database_now(connection)), key_hash(token)
    good = connection.execute(select(setup_link.c.id).where(setup_link.c.ends_at > now)).scalars()
    # All of them, in a list: neither which one it is nor how much of it fits shows in the time.
    return any([secrets.compare_digest(shown, one) for one in good])


def end_setup_links(connection: Connection) -> None:
    """Void all of them."""
    connection.execute(delete(setup_link))


# Carved.


def forget_factor(connection: Connection, actor: str) -> bool:
    """Take key and recovery codes away; False for whoever has none."""
    connection.execute(delete(recovery_code).where(recovery_code.c.user_id == actor))
    return bool(connection.execute(delete(second_factor).where(second_factor.c.user_id == actor)).rowcount)


# What is written of the people who log in; a name is never given twice, for the log names actors by it.


class NoUser(Exception):
    """There is nobody of this name, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRecord:
    """A person as kept: ``by_provider``: the role and the log-in are an OpenID provider's."""

    who: Person
    disabled: bool
    by_provider: bool


def user_of(connection: Connection, name: str) -> UserRecord:
    """The person of this name, disabled or not. Raises NoUser."""
    query = select(user).where(user.c.removed_at.is_(None), user.c.login == login_of(name))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NoUser(name)
    return UserRecord(who=person_of(row), disabled=row.disabled_at is not None, by_provider=row.issuer is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderUser:
    """A person as an OpenID provider knows them; ``enters``: neither removed nor disabled here."""

    who: Person
    enters: bool


def user_of_provider(connection: Connection, issuer: str, subject: str) -> ProviderUser | None:
    """The person of this subject, removed or not; None for a new one."""
    query = select(user, can_log_in().label("enters")).where(user.c.issuer == issuer, user.c.subject == subject)
    row = connection.execute(query).one_or_none()
    return None if row is None else ProviderUser(who=person_of(row), enters=bool(row.enters))


def create_user(
    connection: Connection, who: Person, password_hash: str | None, *, known_as: tuple[str, str] | None = None
) -> None:
    """Create a person; ``known_as``: issuer and subject of an OpenID provider. Raises NameTaken, also for the name of one
    who was removed."""
    issuer, subject = known_as or (None, None)
    login = login_of(who.actor)
    if connection.execute(select(user.c.id).where(user.c.login == login)).first():
        raise NameTaken(who.actor)
    values = {"id": who.actor, "login": login, "password_hash": password_hash, **_columns(who)}
    created = to_micros(database_now(connection))
    connection.execute(insert(user).values(**values, issuer=issuer, subject=subject, created_at=created))
    end_setup_links(connection)


def change_user(connection: Connection, who: Person) -> None:
    """Another name, role or agency for ``who.actor``; log-ins end, so that nothing of the old role stays open."""
    connection.execute(update(user).where(user.c.id == who.actor).values(**_columns(who)))
    end_log_ins(connection, who.actor)


def set_password(connection: Connection, actor: str, password_hash: str | None) -> None:
    """Another password, or none; whatever was opened before ends."""
    connection.execute(update(user).where(user.c.id == actor).values(password_hash=password_hash))
    _end_all(connection, actor)


def disable_user(connection: Connection, actor: str, *, disabled: bool) -> None:
    """Let a person in no more, or again."""
    now = to_micros(database_now(connection)) if disabled else None
    connection.execute(update(user).where(user.c.id == actor).values(disabled_at=now))
    _end_all(connection, actor)


def remove_user(connection: Connection, actor: str) -> None:
    """End what a person opened, and every later log-in."""
    now = to_micros(database_now(connection))
    forget_factor(connection, actor)
    connection.execute(delete(known_place).where(known_place.c.user_id == actor))
    connection.execute(update(user).where(user.c.id == actor).values(removed_at=now, password_hash=None))
    _end_all(connection, actor)


def end_log_ins(connection: Connection, actor: str) -> None:
    """Log a person out everywhere, and where they were about to come in."""
    connection.execute(delete(half_log_in).where(half_log_in.c.user_id == actor))
    connection.execute(delete(session).where(session.c.user_id == actor))


def is_logged_in(connection: Connection, actor: str) -> bool:
    """Whether a person has a log-in or a token of a program that stands."""
    theirs = select(personal_token.c.id).where(personal_token.c.user_id == actor, personal_token.c.revoked_at.is_(None))
    logged_in = select(session.c.id).where(session.c.user_id == actor)
    return any(connection.execute(query.limit(1)).first() for query in (theirs, logged_in))


def end_tokens(connection: Connection, actor: str) -> None:
    """End every token of a person's programs."""
    now = to_micros(database_now(connection))
    theirs = update(personal_token).where(personal_token.c.user_id == actor, personal_token.c.revoked_at.is_(None))
    connection.execute(theirs.values(revoked_at=now))


def end_links(connection: Connection, actor: str) -> None:
    """End the link by which a person was to set a password."""
    connection.execute(delete(password_link).where(password_link.c.user_id == actor))


def _end_all(connection: Connection, actor: str) -> None:
    """Log-ins, tokens of programs and the link to set a password: none of them outlives a password or a lock.

    Whoever took one of them over may have made the others.
    """
    end_log_ins(connection, actor)
    end_tokens(connection, actor)
    end_links(connection, actor)


def admins(connection: Connection) -> frozenset[str]:
    """The admins who can log in now: by a password of their own or by the provider."""
    can = or_(user.c.password_hash.is_not(None), user.c.issuer.is_not(None))
    query = select(user.c.id).where(can_log_in(), user.c.role == Role.ADMIN.value, can)
    return frozenset(connection.execute(query).scalars())


def _columns(who: Person) -> dict[str, str | None]:
    return {"name": who.name, "role": who.role.value, "agency": who.agency}
