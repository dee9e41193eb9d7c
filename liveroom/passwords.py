"""Passwords: which are refused, how they are hashed (argon2id), and that an unknown name costs the same time.

Every function here takes a tenth of a second of a processor: call it through ``Runtime.run_aside``.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST, FEWEST_DIFFERENT = 10, 256, 5
# 64 MiB three times, on one processor: of two the other one stays the hub's.
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)


class Weak(ValueError):
    """The password is refused; the text says why, and ``why`` in one word: length, variety or name."""

    def __init__(self, why: str, words: str) -> None:
        super().__init__(words)
        self.why = why


def refuse_weak(password: str, *names: str) -> None:
    """Raises Weak for a password that is short, monotonous, or holds one of the person's own names."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Weak("length", f"the password must have {SHORTEST} to {LONGEST} characters")
    if len(set(password)) < FEWEST_DIFFERENT:
        raise Weak("variety", f"the password must have at least {FEWEST_DIFFERENT} different characters")
    held = password.casefold()
    if any(len(name) > 2 and name.casefold() in held for name in names):
        raise Weak("name", "the password must not hold the person's own name")


def hashed(password: str) -> str:
    """The argon2id hash of a password, with its own salt and cost in it."""
    return _hasher.hash(password)


def fits(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one hashed; without a hash False after the same time."""
    try:
        _hasher.verify(password_hash or _nobodys(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether the hash was made at another cost than today's."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")
