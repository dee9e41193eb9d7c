"""The second factor of a log-in: codes by time (TOTP, RFC 6238), recovery codes, and the seal on the key at rest.

Real time, as the telephone shows it: a drill room whose own time runs sixty times faster asks for the same code.
"""

import json
import logging
import secrets
from base64 import b32encode, urlsafe_b64encode
from datetime import datetime

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from liveroom.log.second_factors import STEP_S as STEP_S
from liveroom.log.second_factors import looks_timed

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
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"liveroom second factor").derive(key.encode())
        self._fernet = Fernet(urlsafe_b64encode(derived))

    def close(self, actor: str, secret: str) -> str:
        """The key of this person's codes, as it may be kept."""
        return self._fernet.encrypt(json.dumps([actor, secret]).encode()).decode("ascii")

    def open(self, actor: str, sealed: str, lasts_s: int | None = None) -> str | None:
        """The key; None for another person's, of another server, or from longer ago than ``lasts_s``."""
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
