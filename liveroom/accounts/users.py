"""People with an account: who they are, and the rows that are written when an admin or the room changes them.

A name is never given twice, not even after its owner was removed, because the log names actors by it. Everything here
runs in the caller's transaction; the event that belongs to a change is written by `liveroom.room.commands.users`.
"""

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

# Roles that work at a desk.
AT_DESKS = frozenset({Role.DUTY, Role.SUPERVISOR, Role.ADMIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person who acts, however they proved who they are.

    ``actor`` is the stable key that events carry, ``name`` what other people see. ``agency`` is the pack's key for the
    two agency roles and None for all others.
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
    """``{actor, name, role, agency}``, the JSON form of a person."""
    return {"actor": who.actor, "name": who.name, "role": who.role.value, "agency": who.agency}


# Reading.


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with the hash of their password, which no output ever shows."""

    who: Person
    password_hash: str | None = field(default=None, repr=False)


def login_of(name: str) -> str:
    """The normal form of a name; two spellings of one name have the same."""
    return name.strip().casefold()


def can_log_in() -> ColumnElement[bool]:
    """SQL condition on a user's row: neither removed nor disabled."""
    return and_(user.c.removed_at.is_(None), user.c.disabled_at.is_(None))


def anybody(connection: Connection) -> bool:
    """Whether a user exists or ever existed."""
    return connection.execute(select(user.c.id).limit(1)).first() is not None


class Users:
    """Looks up the users of one room."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._some = False

    def any(self) -> bool:
        """Whether a user exists or ever existed; cached once true."""
        self._some = self._some or self._log.read(anybody)
        return self._some

    def by_name(self, name: str) -> User | None:
        """The person who logs in by this name; None for nobody, or if they may not.

        A name with a NUL is nobody's: PostgreSQL refuses to look for it.
        """
        if "\x00" in name:
            return None
        query = select(user).where(can_log_in(), user.c.login == login_of(name))
        return self._one(lambda c: c.execute(query).one_or_none())

    def known(self, name: str) -> User | None:
        """The person of this name, disabled or not."""
        query = _known().where(user.c.login == login_of(name))
        return self._one(lambda c: c.execute(query).one_or_none())

    def everybody(self) -> Sequence[User]:
        """Every user who was not removed, by name."""
        rows = self._log.read(lambda c: c.execute(_known().order_by(user.c.login)).all())
        return [_user(row) for row in rows]

    def rehash(self, actor: str, password_hash: str) -> None:
        """Replace the hash of an unchanged password by one of today's cost."""
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


def people_of(connection: Connection, actors: Collection[str]) -> Mapping[str, Person]:
    """The person of each of up to 500 actors that is, or was, a user; removed ones too."""
    if not actors:
        return {}
    return {row.id: person_of(row) for row in connection.execute(select(user).where(user.c.id.in_(actors)))}


def at_desks(connection: Connection) -> list[Person]:
    """The people who may log in to a desk now, by name; at most 500."""
    query = select(user).where(can_log_in(), user.c.role.in_([role.value for role in AT_DESKS]))
    return [person_of(row) for row in connection.execute(query.order_by(user.c.name, user.c.id).limit(500))]


def names_of(connection: Connection, actors: Collection[str]) -> Mapping[str, str]:
    """The name of each of up to 500 actors that is, or was, a user."""
    return {actor: who.name for actor, who in people_of(connection, actors).items()}


# Writing.


class NoUser(Exception):
    """There is no user of this name, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRecord:
    """A user as an admin changes them; ``by_provider``: role and log-in come from an OpenID provider."""

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
    """The user of a subject of an OpenID provider; ``enters``: neither removed nor disabled here."""

    who: Person
    enters: bool


def user_of_provider(connection: Connection, issuer: str, subject: str) -> ProviderUser | None:
    """The user of this subject, removed or not; None for a new one."""
    query = select(user, can_log_in().label("enters")).where(user.c.issuer == issuer, user.c.subject == subject)
    row = connection.execute(query).one_or_none()
    return None if row is None else ProviderUser(who=person_of(row), enters=bool(row.enters))


def create_user(
    connection: Connection, who: Person, password_hash: str | None, *, known_as: tuple[str, str] | None = None
) -> None:
    """Create a user; void all set-up links. ``known_as``: issuer and subject of an OpenID provider.

    Raises NameTaken, also for the name of somebody who was removed.
    """
    issuer, subject = known_as or (None, None)
    login = login_of(who.actor)
    if connection.execute(select(user.c.id).where(user.c.login == login)).first():
        raise NameTaken(who.actor)
    values = {"id": who.actor, "login": login, "password_hash": password_hash, **_columns(who)}
    created = to_micros(database_now(connection))
    connection.execute(insert(user).values(**values, issuer=issuer, subject=subject, created_at=created))
    end_setup_links(connection)


def change_user(connection: Connection, who: Person) -> None:
    """Set name, role and agency of ``who.actor``; end the log-ins, so that nothing of the old role stays open."""
    connection.execute(update(user).where(user.c.id == who.actor).values(**_columns(who)))
    end_log_ins(connection, who.actor)


def set_password(connection: Connection, actor: str, password_hash: str | None) -> None:
    """Set another password, or none; end log-ins, tokens and the password link."""
    connection.execute(update(user).where(user.c.id == actor).values(password_hash=password_hash))
    _end_all(connection, actor)


def disable_user(connection: Connection, actor: str, *, disabled: bool) -> None:
    """Disable or enable a user; either way log-ins, tokens and the password link end."""
    now = to_micros(database_now(connection)) if disabled else None
    connection.execute(update(user).where(user.c.id == actor).values(disabled_at=now))
    _end_all(connection, actor)


def remove_user(connection: Connection, actor: str) -> None:
    """Remove a user for good: no log-in, token, password, second factor or known network is left."""
    now = to_micros(database_now(connection))
    forget_factor(connection, actor)
    connection.execute(delete(known_place).where(known_place.c.user_id == actor))
    connection.execute(update(user).where(user.c.id == actor).values(removed_at=now, password_hash=None))
    _end_all(connection, actor)


def forget_factor(connection: Connection, actor: str) -> bool:
    """Delete the key and the recovery codes of a second factor; False if there was none."""
    connection.execute(delete(recovery_code).where(recovery_code.c.user_id == actor))
    return bool(connection.execute(delete(second_factor).where(second_factor.c.user_id == actor)).rowcount)


def end_log_ins(connection: Connection, actor: str) -> None:
    """End every log-in of a person, and those that still wait for a second factor."""
    connection.execute(delete(half_log_in).where(half_log_in.c.user_id == actor))
    connection.execute(delete(session).where(session.c.user_id == actor))


def is_logged_in(connection: Connection, actor: str) -> bool:
    """Whether a person has a log-in or a valid personal token."""
    theirs = select(personal_token.c.id).where(personal_token.c.user_id == actor, personal_token.c.revoked_at.is_(None))
    logged_in = select(session.c.id).where(session.c.user_id == actor)
    return any(connection.execute(query.limit(1)).first() for query in (theirs, logged_in))


def end_tokens(connection: Connection, actor: str) -> None:
    """Revoke every personal token of a person."""
    now = to_micros(database_now(connection))
    theirs = update(personal_token).where(personal_token.c.user_id == actor, personal_token.c.revoked_at.is_(None))
    connection.execute(theirs.values(revoked_at=now))


def end_links(connection: Connection, actor: str) -> None:
    """Void the password link of a person."""
    connection.execute(delete(password_link).where(password_link.c.user_id == actor))


def _end_all(connection: Connection, actor: str) -> None:
    """End log-ins, personal tokens and the password link: whoever took one of them over may have made the others."""
    end_log_ins(connection, actor)
    end_tokens(connection, actor)
    end_links(connection, actor)


def admins(connection: Connection) -> frozenset[str]:
    """Actors of the admins who can log in now, by their own password or through the provider."""
    can = or_(user.c.password_hash.is_not(None), user.c.issuer.is_not(None))
    query = select(user.c.id).where(can_log_in(), user.c.role == Role.ADMIN.value, can)
    return frozenset(connection.execute(query).scalars())


def _columns(who: Person) -> dict[str, str | None]:
    return {"name": who.name, "role": who.role.value, "agency": who.agency}


# Set-up links: one-time links by which the first admin is made, one per web process. Only hashes are stored, in no
# backup: a restored room prints links of its own.

LASTS = timedelta(hours=24)


def give_setup_link(connection: Connection, place: str) -> str:
    """The token of a new link of the process at ``place``; its earlier link becomes void."""
    token, now = secrets.token_urlsafe(32), database_now(connection)
    ended = (setup_link.c.place == place) | (setup_link.c.ends_at <= to_micros(now))
    connection.execute(delete(setup_link).where(ended))
    values = {"id": key_hash(token), "place": place, "ends_at": to_micros(now + LASTS)}
    connection.execute(insert(setup_link).values(**values))
    return token


def is_setup_link(connection: Connection, token: str) -> bool:
    """Whether this is the token of a valid link; takes the same time for every wrong one."""
    now, shown = to_micros(database_now(connection)), key_hash(token)
    good = connection.execute(select(setup_link.c.id).where(setup_link.c.ends_at > now)).scalars()
    # Compares with all, in a list: the time shows neither which one matches nor how much of it.
    return any([secrets.compare_digest(shown, one) for one in good])


def end_setup_links(connection: Connection) -> None:
    """Void every set-up link."""
    connection.execute(delete(setup_link))
