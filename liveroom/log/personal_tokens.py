"""Bearer tokens of people, for their own programs: kept as a hash, good until revoked or their owner is removed."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.event_log import Log, database_now
from liveroom.log.schema import personal_token, user
from liveroom.log.sources import key_hash
from liveroom.log.texts import new_id
from liveroom.log.users import may_enter, who_of
from liveroom.people import Who

_token = personal_token


def add_token(connection: Connection, actor: str) -> tuple[str, str]:
    """Id of a new token of this person, and the token, which is shown once."""
    id_, token = new_id(), secrets.token_urlsafe(32)
    created = to_micros(database_now(connection))
    values = {"id": id_, "user_id": actor, "token_hash": key_hash(token), "created_at": created}
    connection.execute(insert(_token).values(**values))
    return id_, token


def revoke_token(connection: Connection, actor: str, id_: str) -> bool:
    """End one token of this person, at once; False when they have none of this id that holds."""
    mine = update(_token).where(_token.c.user_id == actor, _token.c.id == id_, _token.c.revoked_at.is_(None))
    now = to_micros(database_now(connection))
    return bool(connection.execute(mine.values(revoked_at=now)).rowcount)


class PersonalTokens:
    """The tokens of one room's people."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def of(self, actor: str) -> tuple[tuple[str, datetime], ...]:
        """Id and age of each token of this person that still holds, oldest first; of the tokens themselves only a hash
        is known."""
        query = select(_token.c.id, _token.c.created_at).where(_token.c.user_id == actor, _token.c.revoked_at.is_(None))
        rows = self._log.read(lambda c: c.execute(query.order_by(_token.c.created_at, _token.c.id)).all())
        return tuple((row.id, from_micros(row.created_at)) for row in rows)

    def who(self, token: str) -> Who | None:
        """Whose token this is; None for an unknown or revoked one."""
        query = select(user).join(_token, _token.c.user_id == user.c.id)
        query = query.where(_token.c.token_hash == key_hash(token), _token.c.revoked_at.is_(None))
        row = self._log.read(lambda c: c.execute(query.where(may_enter())).one_or_none())
        return None if row is None else who_of(row)
