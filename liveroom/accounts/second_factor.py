"""The second factor of a log-in: time codes (TOTP, RFC 6238), recovery codes, and log-ins that still wait for one.

Keys of time codes are stored sealed, recovery codes and tokens as hashes. All in real time, as the telephone shows it:
a drill whose room time runs sixty times faster asks for the same code.
"""

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

log = logging.getLogger(__name__)

# Stored rows.

# How long a log-in waits for its second factor: time to find the telephone, at the first log-in to install an app on
# it.
WAITS = timedelta(minutes=15)
DIGITS, LONGEST_CODE = 6, 64
# Seconds for which a time code is shown; ``step`` below counts these since 1970.
STEP_S = 30


class FactorKeys(Protocol):
    """Checks time codes against sealed keys; ``Seal`` is the implementation, and rows are read and written without
    it."""

    def step(self, actor: str, sealed: str, code: str, now: datetime, after: int) -> int | None:
        """The step, later than ``after``, whose code this is; None if there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A second factor that is set up; ``left``: unused recovery codes."""

    since: datetime
    left: int


def factor_of(connection: Connection, actor: str) -> Factor | None:
    """The second factor of a person; None without one."""
    row = connection.execute(select(second_factor.c.created_at).where(second_factor.c.user_id == actor)).one_or_none()
    if row is None:
        return None
    unused = select(func.count()).where(recovery_code.c.user_id == actor, recovery_code.c.used_at.is_(None))
    return Factor(since=from_micros(row.created_at), left=connection.execute(unused).scalar_one())


def keep_factor(connection: Connection, actor: str, sealed: str, step: int) -> None:
    """Store a sealed key in place of an older one; ``step``: that of the code which confirmed it."""
    connection.execute(delete(second_factor).where(second_factor.c.user_id == actor))
    now = to_micros(database_now(connection))
    values = {"user_id": actor, "sealed": sealed, "last_step": step, "created_at": now}
    connection.execute(insert(second_factor).values(**values))


def keep_recovery(connection: Connection, actor: str, codes: Iterable[str]) -> None:
    """Store these recovery codes in place of older ones."""
    connection.execute(delete(recovery_code).where(recovery_code.c.user_id == actor))
    rows = [{"id": recovery_hash(actor, code), "user_id": actor} for code in codes]
    connection.execute(insert(recovery_code), rows)


def use_timed(connection: Connection, actor: str, code: str, keys: FactorKeys) -> bool:
    """Whether this is a valid time code of the person; each counts once, even when used twice at the same moment."""
    row = connection.execute(select(second_factor).where(second_factor.c.user_id == actor)).one_or_none()
    if row is None or not looks_timed(code):
        return False
    step = keys.step(actor, row.sealed, code, database_now(connection), row.last_step)
    if step is None:
        return False
    mine = update(second_factor).where(second_factor.c.user_id == actor, second_factor.c.last_step < step)
    return bool(connection.execute(mine.values(last_step=step)).rowcount)


def use_recovery(connection: Connection, actor: str, code: str) -> bool:
    """Whether this is an unused recovery code of the person; it is used up by this call."""
    if looks_timed(code):
        return False
    mine = update(recovery_code).where(
        recovery_code.c.id == recovery_hash(actor, code),
        recovery_code.c.user_id == actor,
        recovery_code.c.used_at.is_(None),
    )
    return bool(connection.execute(mine.values(used_at=to_micros(database_now(connection)))).rowcount)


def looks_timed(code: str) -> bool:
    """Whether this has the form of a time code; anything else may be a recovery code."""
    said = "".join(code.split())
    return len(said) == DIGITS and said.isascii() and said.isdigit()


def recovery_hash(actor: str, code: str) -> str:
    """The stored hash of a recovery code; case, spaces and hyphens make no difference."""
    letters = "".join(sign for sign in code[:LONGEST_CODE].upper() if sign.isalnum())
    return hashlib.sha256(f"recovery:{actor}:{letters}".encode("utf-8", "surrogatepass")).hexdigest()


# Half log-ins: the password was right, the second factor is still to come.


def begin_half(connection: Connection, actor: str) -> str:
    """The token of a new half log-in; deletes those that have ended."""
    token, now = secrets.token_urlsafe(32), database_now(connection)
    connection.execute(delete(half_log_in).where(half_log_in.c.ends_at <= to_micros(now)))
    values = {"id": key_hash(token), "user_id": actor, "ends_at": to_micros(now + WAITS)}
    connection.execute(insert(half_log_in).values(**values))
    return token


def half_of(connection: Connection, token: str) -> Person | None:
    """The person of a half log-in; None if it has ended, was used or never existed."""
    query = select(user).join(half_log_in, half_log_in.c.user_id == user.c.id)
    now = to_micros(database_now(connection))
    row = connection.execute(
        query.where(half_log_in.c.id == key_hash(token), half_log_in.c.ends_at > now, can_log_in())
    ).one_or_none()
    return None if row is None else person_of(row)


def end_half(connection: Connection, token: str) -> None:
    """End a half log-in, because it became a session or was given up."""
    connection.execute(delete(half_log_in).where(half_log_in.c.id == key_hash(token)))


# Keys and codes.

# Steps by which a telephone's clock may be off, either way.
DRIFT = 1
RECOVERY_CODES, RECOVERY_BYTES, RECOVERY_GROUP = 10, 10, 4


class Seal:
    """Encrypts the keys of time codes with a key of this server, so that a database or backup alone makes no code.

    ``key``: the server's signing key (``links.key_of``), kept beside the database. If it is lost the time codes stop
    working and recovery codes go on.
    """

    def __init__(self, key: str) -> None:
        # Imported here for its cost: commands that only read rows of this module do not need it.
        from cryptography.fernet import Fernet
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"liveroom second factor").derive(key.encode())
        self._fernet = Fernet(urlsafe_b64encode(derived))

    def close(self, actor: str, secret: str) -> str:
        """The key of this person's time codes, encrypted for storage."""
        return self._fernet.encrypt(json.dumps([actor, secret]).encode()).decode("ascii")

    def open(self, actor: str, sealed: str, lasts_s: int | None = None) -> str | None:
        """The key; None if it is another person's or server's, or was sealed more than ``lasts_s`` seconds ago."""
        from cryptography.fernet import InvalidToken  # for cost, as above

        try:
            owner, secret = json.loads(self._fernet.decrypt(sealed.encode("utf-8", "replace"), lasts_s))
        except InvalidToken:
            return None
        return str(secret) if owner == actor else None

    def step(self, actor: str, sealed: str, code: str, now: datetime, after: int) -> int | None:
        """``step_of`` with the sealed key; None if it cannot be opened."""
        secret = self.open(actor, sealed)
        if secret is None:
            log.warning("a second factor was sealed under another key of this server: its recovery codes still count")
            return None
        return step_of(secret, code, now, after)


def new_secret() -> str:
    """A new key: 160 random bits in base32."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, now: datetime, after: int = 0) -> int | None:
    """The step whose code this is, at most DRIFT from that of ``now`` and later than ``after``; None if there is none.

    ``after`` is the step of the last code used, since each counts once.
    """
    said, codes, current = "".join(code.split()), pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    if not looks_timed(said):
        return None
    steps = range(current - DRIFT, current + DRIFT + 1)
    found = [step for step in steps if secrets.compare_digest(codes.generate_otp(step), said) and step > after]
    return found[0] if found else None


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of 80 random bits each, such as ``ABCD-EFGH-IJKL-MNOP``; shown once."""
    return tuple(_grouped(b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()) for _ in range(RECOVERY_CODES))


def grouped(secret: str) -> str:
    """A key in groups of four letters, for typing."""
    return " ".join(secret[at : at + RECOVERY_GROUP] for at in range(0, len(secret), RECOVERY_GROUP))


def picture(secret: str, actor: str, room_name: str, title: str) -> str:
    """The QR code (inline SVG) for the telephone: key, person and room; black on white in any theme."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=actor, issuer_name=room_name.replace(":", " "))
    drawn: str = segno.make(uri, error="m", micro=False).svg_inline(
        title=title, light="#fff", dark="#000", omitsize=True
    )
    return drawn


def _grouped(letters: str) -> str:
    return grouped(letters).replace(" ", "-")
