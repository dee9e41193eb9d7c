"""TOTP (RFC 6238), recovery codes, and what is kept of them."""

import hashlib
import json
import logging
import secrets
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import pyotp
import segno
from sqlalchemy import Connection, delete, func, insert, select, update

from liveroom.accounts.sources import key_hash
from liveroom.accounts.users import Person, can_log_in, person_of
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.event_log import database_now
from liveroom.log.schema import half_log_in, recovery_code, second_factor, user

# What is kept of people's second factors, and the log-ins that wait for one: their password was right, no more.
#
# Real time. Keys of codes are sealed, recovery codes and tokens are hashes.

# Time to find the telephone, and at the first log-in to install something on it.
WAITS = timedelta(minutes=15)
DIGITS, LONGEST_CODE = 6, 64
# How long a code lasts, in seconds: ``last_step`` counts in these since 1970.
STEP_S = 30


class FactorKeys(Protocol):
    """What opens sealed keys (``second_factor.Seal``); the command line needs none and does not load it."""

    def step(self, actor: str, sealed: str, code: str, now: datetime, after: int) -> int | None:
        """The step of time whose code this is, later than ``after``; None for none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A second factor that is set up; ``left``: recovery codes not used yet."""

    since: datetime
    left: int


def factor_of(connection: Connection, actor: str) -> Factor | None:
    """The person's second factor; None without one."""
    row = connection.execute(select(second_factor.c.created_at).where(second_factor.c.user_id == actor)).one_or_none()
    if row is None:
        return None
    unused = select(func.count()).where(recovery_code.c.user_id == actor, recovery_code.c.used_at.is_(None))
    return Factor(since=from_micros(row.created_at), left=connection.execute(unused).scalar_one())


def keep_factor(connection: Connection, actor: str, sealed: str, step: int) -> None:
    """This key from now on, instead of an older one; ``step``: of the code that confirmed it."""
    connection.execute(delete(second_factor).where(second_factor.c.user_id == actor))
    now = to_micros(database_now(connection))
    values = {"user_id": actor, "sealed": sealed, "last_step": step, "created_at": now}
    connection.execute(insert(second_factor).values(**values))


def keep_recovery(connection: Connection, actor: str, codes: Iterable[str]) -> None:
    """These recovery codes and no older ones."""
    connection.execute(delete(recovery_code).where(recovery_code.c.user_id == actor))
    rows = [{"id": recovery_hash(actor, code), "user_id": actor} for code in codes]
    connection.execute(insert(recovery_code), rows)


def use_timed(connection: Connection, actor: str, code: str, keys: FactorKeys) -> bool:
    """Whether this is a code of the person's key now; a code counts once, also for two who show it at once."""
    row = connection.execute(select(second_factor).where(second_factor.c.user_id == actor)).one_or_none()
    if row is None or not looks_timed(code):
        return False
    step = keys.step(actor, row.sealed, code, database_now(connection), row.last_step)
    if step is None:
        return False
    mine = update(second_factor).where(second_factor.c.user_id == actor, second_factor.c.last_step < step)
    return bool(connection.execute(mine.values(last_step=step)).rowcount)


def use_recovery(connection: Connection, actor: str, code: str) -> bool:
    """Whether this is a recovery code of the person's that was not used; now it is."""
    if looks_timed(code):
        return False
    mine = update(recovery_code).where(
        recovery_code.c.id == recovery_hash(actor, code),
        recovery_code.c.user_id == actor,
        recovery_code.c.used_at.is_(None),
    )
    return bool(connection.execute(mine.values(used_at=to_micros(database_now(connection)))).rowcount)


def looks_timed(code: str) -> bool:
    """Whether this can be a code by time at all; anything else may be a recovery code."""
    said = "".join(code.split())
    return len(said) == DIGITS and said.isascii() and said.isdigit()


def recovery_hash(actor: str, code: str) -> str:
    """What is kept of a recovery code; small letters, spaces and hyphens make no difference."""
    letters = "".join(sign for sign in code[:LONGEST_CODE].upper() if sign.isalnum())
    return hashlib.sha256(f"recovery:{actor}:{letters}".encode("utf-8", "surrogatepass")).hexdigest()


def begin_half(connection: Connection, actor: str) -> str:
    """The token of a log-in whose password was right; what has ended is swept away."""
    token, now = secrets.token_urlsafe(32), database_now(connection)
    connection.execute(delete(half_log_in).where(half_log_in.c.ends_at <= to_micros(now)))
    values = {"id": key_hash(token), "user_id": actor, "ends_at": to_micros(now + WAITS)}
    connection.execute(insert(half_log_in).values(**values))
    return token


def half_of(connection: Connection, token: str) -> Person | None:
    """Whose half log-in this is; None for one that has ended, was used or never was."""
    query = select(user).join(half_log_in, half_log_in.c.user_id == user.c.id)
    now = to_micros(database_now(connection))
    row = connection.execute(
        query.where(half_log_in.c.id == key_hash(token), half_log_in.c.ends_at > now, can_log_in())
    ).one_or_none()
    return None if row is None else person_of(row)


def end_half(connection: Connection, token: str) -> None:
    """The log-in is whole, or is given up."""
    connection.execute(delete(half_log_in).where(half_log_in.c.id == key_hash(token)))


# The second factor of a log-in: codes by time (TOTP, RFC 6238), recovery codes, and the seal on the key at rest.
#
# Real time, as the telephone shows it: a drill room whose own time runs sixty times faster asks for the same code.

log = logging.getLogger(__name__)
# A telephone's clock may be off by one step either way.
DRIFT = 1
RECOVERY_CODES, RECOVERY_BYTES, RECOVERY_GROUP = 10, 10, 4


class Seal:
    """Encrypts the keys of people's codes under a key of this server: a database or backup alone makes no code.

    ``key``: what the server keeps beside its database (``agency_links.key_of``). Without it the keys are lost, and
    recovery codes go on working.
    """

    def __init__(self, key: str) -> None:
        # For cost: commands that only read rows of this module do not need it.
        from cryptography.fernet import Fernet
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"liveroom second factor").derive(key.encode())
        self._fernet = Fernet(urlsafe_b64encode(derived))

    def close(self, actor: str, secret: str) -> str:
        """The key of this person's codes, as it may be kept."""
        return self._fernet.encrypt(json.dumps([actor, secret]).encode()).decode("ascii")

    def open(self, actor: str, sealed: str, lasts_s: int | None = None) -> str | None:
        """The key; None for another person's, of another server, or from longer ago than ``lasts_s``."""
        from cryptography.fernet import InvalidToken  # for cost, as above

        try:
            owner, secret = json.loads(self._fernet.decrypt(sealed.encode("utf-8", "replace"), lasts_s))
        except InvalidToken:
            return None
        return str(secret) if owner == actor else None

    def step(self, actor: str, sealed: str, code: str, now: datetime, after: int) -> int | None:
        """``step_of`` with the key that is sealed; None where it cannot be opened."""
        secret = self.open(actor, sealed)
        if secret is None:
            log.warning("a second factor was sealed under another key of this server: its recovery codes still count")
            return None
        return step_of(secret, code, now, after)


def new_secret() -> str:
    """A fresh key: 160 random bits in base32."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, now: datetime, after: int = 0) -> int | None:
    """The step of time whose code this is, at most one from ``now``'s; None for none, or one not later than ``after``:
    each code counts once."""
    said, codes, current = "".join(code.split()), pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    if not looks_timed(said):
        return None
    steps = range(current - DRIFT, current + DRIFT + 1)
    found = [step for step in steps if secrets.compare_digest(codes.generate_otp(step), said) and step > after]
    return found[0] if found else None


def new_recovery_codes() -> tuple[str, ...]:
    """Ten of 80 random bits, such as ``ABCD-EFGH-IJKL-MNOP``; shown once."""
    return tuple(_grouped(b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()) for _ in range(RECOVERY_CODES))


def grouped(secret: str) -> str:
    """A key in groups of four, as somebody types it."""
    return " ".join(secret[at : at + RECOVERY_GROUP] for at in range(0, len(secret), RECOVERY_GROUP))


def picture(secret: str, actor: str, room_name: str, title: str) -> str:
    """The SVG that a telephone reads: the key, who it is of, and which room; black on white in any theme."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=actor, issuer_name=room_name.replace(":", " "))
    drawn: str = segno.make(uri, error="m", micro=False).svg_inline(
        title=title, light="#fff", dark="#000", omitsize=True
    )
    return drawn


def _grouped(letters: str) -> str:
    return grouped(letters).replace(" ", "-")
