"""Bearer tokens of people, for their own programs: kept as a hash, good until revoked or their owner is removed."""

import secrets

from sqlalchemy import Connection, insert, select

from liveroom.log.book import Log
from liveroom.log.head import database_now
from liveroom.log.schema_people import personal_token, user
from liveroom.log.sources import key_hash
from liveroom.log.texts import new_id
from liveroom.log.users import NoUser, login_of, who_of
from liveroom.moments import to_micros
from liveroom.people import Who

_token = personal_token


class PersonalTokens:
    """The tokens of one room's people."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def add(self, name: str) -> str:
        """A new token for the person of this name, shown once. Raises NoUser."""
        token = secrets.token_urlsafe(32)

        def create(connection: Connection) -> str:
            standing = select(user.c.id).where(user.c.login == login_of(name), user.c.removed_at.is_(None))
            id_ = connection.execute(standing).scalar_one_or_none()
            if id_ is None:
                raise NoUser(name)
            created = to_micros(database_now(connection))
            values = {"id": new_id(), "user_id": id_, "token_hash": key_hash(token), "created_at": created}
            connection.execute(insert(_token).values(**values))
            return token

        return self._log.touch(create)

    def who(self, token: str) -> Who | None:
        """Whose token this is; None for an unknown or revoked one."""
        query = select(user).join(_token, _token.c.user_id == user.c.id)
        query = query.where(_token.c.token_hash == key_hash(token), _token.c.revoked_at.is_(None))
        row = self._log.read(lambda c: c.execute(query.where(user.c.removed_at.is_(None))).one_or_none())
        return None if row is None else who_of(row)
