"""Codes by which a new screen is let in: short, for ten minutes, each bound to one browser by a secret only it holds.

The secret is what later is the screen's token: nobody but the browser ever has it, and the database has its hash.
"""

import secrets
from datetime import timedelta

from sqlalchemy import Connection, delete, func, insert, select

from liveroom.domain.timestamps import to_micros
from liveroom.log.event_log import database_now
from liveroom.log.schema import pairing
from liveroom.log.sources import key_hash

# Nothing that is read as something else from across a room: no 0 O Q D, 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET = "3467ACEFGHJKMNPRTWXY"
LENGTH = 6
LASTS = timedelta(minutes=10)
# A hall of screens behind one address pairs at once; more of them at a time is somebody else.
AN_ADDRESS, ALL = 30, 200


class TooMany(Exception):
    """So many screens wait to be paired that one more is not let in."""


def waiting(connection: Connection, secret: str) -> tuple[str, int] | None:
    """(code, seconds it still holds) of the browser with this secret; None when it waits under none."""
    now = to_micros(database_now(connection))
    query = select(pairing).where(pairing.c.secret_hash == key_hash(secret), pairing.c.ends_at > now)
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.code, (row.ends_at - now) // 1_000_000)


def offer(connection: Connection, secret: str, address: str) -> str:
    """A code for the browser with this secret. Raises TooMany."""
    now = database_now(connection)
    connection.execute(delete(pairing).where(pairing.c.ends_at <= to_micros(now)))
    _refuse_many(connection, address)
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    values = {"secret_hash": key_hash(secret), "code": code, "address": address, "ends_at": to_micros(now + LASTS)}
    connection.execute(insert(pairing).values(**values))
    return code


def _refuse_many(connection: Connection, address: str) -> None:
    count = select(func.count()).select_from(pairing)
    here = connection.execute(count.where(pairing.c.address == address)).scalar_one()
    if here >= AN_ADDRESS or connection.execute(count).scalar_one() >= ALL:
        raise TooMany(address)


def redeem(connection: Connection, code: str) -> str | None:
    """The hash of the secret that waits under a code, which is used up; None for an unknown or lapsed one."""
    typed = "".join(sign for sign in code.upper() if sign.isalnum())
    now = to_micros(database_now(connection))
    query = select(pairing.c.secret_hash).where(pairing.c.code == typed, pairing.c.ends_at > now)
    found: str | None = connection.execute(query).scalar_one_or_none()
    if found is not None:
        connection.execute(delete(pairing).where(pairing.c.secret_hash == found))
    return found
