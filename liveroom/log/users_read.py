"""The people who log in with what an admin has to know of them, read in one moment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.event_log import database_now
from liveroom.log.schema import password_link, personal_token, second_factor, session, user
from liveroom.log.sessions import standing
from liveroom.log.users import who_of
from liveroom.people import Who
from liveroom.runtime.config import SessionLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``state``: active, disabled, or invited (a password is yet to be set, by a link that holds until ``link_until``).

    ``seen_at``: the last act of the log-ins that stand; ``tokens`` of programs that hold; ``second_factor`` is set up.
    """

    who: Who
    state: str
    by_provider: bool
    logged_in_at: datetime | None
    sessions: int
    seen_at: datetime | None
    tokens: int
    link_until: datetime | None
    second_factor: bool


def read_staff(connection: Connection, limits: SessionLimits) -> tuple[Person, ...]:
    """Everybody who was not removed, by name."""
    now = to_micros(database_now(connection))
    log_ins = {row.user_id: row for row in connection.execute(_log_ins().where(standing(limits, now)))}
    holding = select(personal_token.c.user_id, func.count().label("n")).where(personal_token.c.revoked_at.is_(None))
    tokens = {row.user_id: row.n for row in connection.execute(holding.group_by(personal_token.c.user_id))}
    links = select(password_link.c.user_id, password_link.c.ends_at).where(password_link.c.ends_at > now)
    until = {row.user_id: row.ends_at for row in connection.execute(links)}
    with_factor = frozenset(connection.execute(select(second_factor.c.user_id)).scalars())
    query = select(user).where(user.c.removed_at.is_(None)).order_by(user.c.login)
    return tuple(
        Person(
            who=who_of(row),
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
