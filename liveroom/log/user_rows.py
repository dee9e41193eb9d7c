"""What is written of the people who log in; a name is never given twice, for the log names actors by it."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, or_, select, update

from liveroom.domain.requests import Role
from liveroom.domain.timestamps import to_micros
from liveroom.log._forget_factor import forget_factor
from liveroom.log.event_log import database_now
from liveroom.log.schema import half_log_in, known_place, password_link, personal_token, session, user
from liveroom.log.setup_links import end_setup_links
from liveroom.log.sources import Taken
from liveroom.log.users import login_of, may_enter, who_of
from liveroom.people import Who


class NoUser(Exception):
    """There is nobody of this name, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A person as kept: ``by_provider``: the role and the log-in are an OpenID provider's."""

    who: Who
    disabled: bool
    by_provider: bool


def user_of(connection: Connection, name: str) -> Kept:
    """The person of this name, disabled or not. Raises NoUser."""
    query = select(user).where(user.c.removed_at.is_(None), user.c.login == login_of(name))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NoUser(name)
    return Kept(who=who_of(row), disabled=row.disabled_at is not None, by_provider=row.issuer is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A person as an OpenID provider knows them; ``enters``: neither removed nor disabled here."""

    who: Who
    enters: bool


def known_by(connection: Connection, issuer: str, subject: str) -> Known | None:
    """The person of this subject, removed or not; None for a new one."""
    query = select(user, may_enter().label("enters")).where(user.c.issuer == issuer, user.c.subject == subject)
    row = connection.execute(query).one_or_none()
    return None if row is None else Known(who=who_of(row), enters=bool(row.enters))


def create_user(
    connection: Connection, who: Who, password_hash: str | None, *, known_as: tuple[str, str] | None = None
) -> None:
    """Create a person; ``known_as``: issuer and subject of an OpenID provider. Raises Taken, also for the name of one
    who was removed."""
    issuer, subject = known_as or (None, None)
    login = login_of(who.actor)
    if connection.execute(select(user.c.id).where(user.c.login == login)).first():
        raise Taken(who.actor)
    values = {"id": who.actor, "login": login, "password_hash": password_hash, **_kept(who)}
    created = to_micros(database_now(connection))
    connection.execute(insert(user).values(**values, issuer=issuer, subject=subject, created_at=created))
    end_setup_links(connection)


def change_user(connection: Connection, who: Who) -> None:
    """Another name, role or agency for ``who.actor``; log-ins end, so that nothing of the old role stays open."""
    connection.execute(update(user).where(user.c.id == who.actor).values(**_kept(who)))
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
    query = select(user.c.id).where(may_enter(), user.c.role == Role.ADMIN.value, can)
    return frozenset(connection.execute(query).scalars())


def _kept(who: Who) -> dict[str, str | None]:
    return {"name": who.name, "role": who.role.value, "agency": who.agency}
