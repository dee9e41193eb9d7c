"""Log-in sessions: a random id in the browser, its hash here, an end when idle and an end in any case.

In real time. The person can put off both ends, the second one up to twice its length (CR-101).
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, exists, func, insert, not_, select, update

from liveroom.accounts.sources import key_hash
from liveroom.accounts.users import Person, can_log_in, person_of
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.event_log import EventLog, database_now
from liveroom.log.schema import password_link, personal_token, second_factor, session, user
from liveroom.runtime.config import SessionLimits

# How often the last activity is written: a session in use costs one small write a minute.
NOTED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A valid session: ``left`` until it ends if nothing is done, ``more`` whether that end can be put off."""

    who: Person
    idle_for: timedelta
    left: timedelta
    more: bool


class Sessions:
    """The sessions of one room."""

    def __init__(self, log: EventLog, limits: SessionLimits) -> None:
        self._log = log
        self.limits = limits
        self._idle, self._longest = _micros(limits.idle), _micros(limits.longest)

    def begin(self, actor: str, instead_of: str | None = None) -> str:
        """The token of a new session; ``instead_of``, the one that the browser brought, ends."""
        token = secrets.token_urlsafe(32)

        def create(connection: Connection) -> str:
            now = to_micros(database_now(connection))
            if instead_of:
                connection.execute(delete(session).where(session.c.id == key_hash(instead_of)))
            connection.execute(delete(session).where(~self._stands(now)))
            values = {"id": key_hash(token), "user_id": actor, "created_at": now, "seen_at": now}
            connection.execute(insert(session).values(**values, ends_at=now + self._longest))
            connection.execute(update(user).where(user.c.id == actor).values(logged_in_at=now))
            return token

        return self._log.touch(create)

    def of(self, token: str) -> Session | None:
        """The session of this token; None if there is none or it has ended."""
        return self._log.read(lambda connection: self._of(connection, token))

    def seen(self, token: str) -> None:
        """Note activity, which moves the idle end; written at most once a minute."""

        def note(connection: Connection) -> None:
            now = to_micros(database_now(connection))
            mine = and_(session.c.id == key_hash(token), session.c.seen_at < now - _micros(NOTED), self._stands(now))
            connection.execute(update(session).where(mine).values(seen_at=now))

        self._log.touch(note)

    def extend(self, token: str) -> Session | None:
        """Put off both ends as far as they go; None if the session has ended."""

        def put_off(connection: Connection) -> Session | None:
            now = to_micros(database_now(connection))
            mine = and_(session.c.id == key_hash(token), self._stands(now))
            row = connection.execute(select(session.c.created_at, session.c.ends_at).where(mine)).one_or_none()
            if row is None:
                return None
            ends = max(row.ends_at, min(now + self._idle, row.created_at + 2 * self._longest))
            connection.execute(update(session).where(mine).values(seen_at=now, ends_at=ends))
            return self._of(connection, token)

        return self._log.touch(put_off)

    def end(self, token: str) -> None:
        """End one session."""
        self._log.touch(lambda c: c.execute(delete(session).where(session.c.id == key_hash(token))))

    def end_all(self, actor: str) -> None:
        """End every session of a person."""
        self._log.touch(lambda c: c.execute(delete(session).where(session.c.user_id == actor)))

    def people(self, hashes: Collection[str]) -> Mapping[str, Person]:
        """The person behind each hash of a session or personal token; those no longer valid are missing."""
        if not hashes:
            return {}

        def look(connection: Connection) -> Mapping[str, Person]:
            stands = self._stands(to_micros(database_now(connection)))
            by_session = self._whole().where(stands, session.c.id.in_(hashes)).add_columns(session.c.id.label("shown"))
            tokens = select(user, personal_token.c.token_hash.label("shown"))
            by_token = tokens.join(personal_token, personal_token.c.user_id == user.c.id).where(
                can_log_in(),
                personal_token.c.revoked_at.is_(None),
                personal_token.c.token_hash.in_(hashes),
            )
            return {row.shown: person_of(row) for query in (by_session, by_token) for row in connection.execute(query)}

        return self._log.read(look)

    def _of(self, connection: Connection, token: str) -> Session | None:
        now = to_micros(database_now(connection))
        query = self._whole().where(session.c.id == key_hash(token), self._stands(now))
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        left = min(row.seen_at + self._idle, row.ends_at) - now
        more = row.ends_at < row.begun_at + 2 * self._longest or row.seen_at + self._idle < row.ends_at
        idle, left_for = timedelta(microseconds=now - row.seen_at), timedelta(microseconds=left)
        return Session(who=person_of(row), idle_for=idle, left=left_for, more=more)

    def _stands(self, now: int) -> ColumnElement[bool]:
        return _is_standing(self.limits, now)

    def _whole(self) -> Select[Any]:
        """Query of sessions with their users, without those who still lack the second factor that their role needs."""
        columns = (session.c.created_at.label("begun_at"), session.c.seen_at, session.c.ends_at)
        joined = select(user, *columns).join(session, session.c.user_id == user.c.id).where(can_log_in())
        if not self.limits.second_factor:
            return joined
        has_one = exists().where(second_factor.c.user_id == user.c.id)
        return joined.where(
            not_(and_(user.c.role.in_(self.limits.second_factor), user.c.issuer.is_(None), not_(has_one)))
        )


def _is_standing(limits: SessionLimits, now: int) -> ColumnElement[bool]:
    """SQL condition on a session's row: it has not ended at ``now`` (microseconds)."""
    return and_(session.c.seen_at > now - _micros(limits.idle), session.c.ends_at > now)


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


# The list of users that an admin sees.


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A user with the state of their credentials; times are aware UTC.

    ``state``: active, disabled, or invited (no password yet; the link to set one is valid until ``link_until``).
    ``sessions``: how many are valid, ``seen_at``: the last activity in one; ``tokens``: how many personal tokens are
    valid.
    """

    who: Person
    state: str
    by_provider: bool
    logged_in_at: datetime | None
    sessions: int
    seen_at: datetime | None
    tokens: int
    link_until: datetime | None
    second_factor: bool


def read_staff(connection: Connection, limits: SessionLimits) -> tuple[UserRow, ...]:
    """Every user who was not removed, by name, read in one transaction."""
    now = to_micros(database_now(connection))
    log_ins = {row.user_id: row for row in connection.execute(_log_ins().where(_is_standing(limits, now)))}
    holding = select(personal_token.c.user_id, func.count().label("n")).where(personal_token.c.revoked_at.is_(None))
    tokens = {row.user_id: row.n for row in connection.execute(holding.group_by(personal_token.c.user_id))}
    links = select(password_link.c.user_id, password_link.c.ends_at).where(password_link.c.ends_at > now)
    until = {row.user_id: row.ends_at for row in connection.execute(links)}
    with_factor = frozenset(connection.execute(select(second_factor.c.user_id)).scalars())
    query = select(user).where(user.c.removed_at.is_(None)).order_by(user.c.login)
    return tuple(
        UserRow(
            who=person_of(row),
            state=_state(row),
            by_provider=row.issuer is not None,
            logged_in_at=_moment(row.logged_in_at),
            sessions=log_ins[row.id].n if row.id in log_ins else 0,
            seen_at=_moment(log_ins[row.id].seen_at) if row.id in log_ins else None,
            tokens=tokens.get(row.id, 0),
            link_until=_moment(until.get(row.id)),
            second_factor=row.id in with_factor,
        )
        for row in connection.execute(query)
    )


def _log_ins() -> Select[Any]:
    columns = (session.c.user_id, func.count().label("n"), func.max(session.c.seen_at).label("seen_at"))
    return select(*columns).group_by(session.c.user_id)


def _state(row: Row[Any]) -> str:
    if row.disabled_at is not None:
        return "disabled"
    return "active" if row.password_hash is not None or row.issuer is not None else "invited"


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
