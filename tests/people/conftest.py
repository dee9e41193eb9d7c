"""Passwords of these tests cost little: what argon2 costs is tried in test_passwords.py alone."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from liveroom import passwords


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> Iterator[None]:
    """One pass over 8 KiB."""
    dear, passwords._hasher = passwords._hasher, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobodys.cache_clear()
    yield
    passwords._hasher = dear
    passwords._nobodys.cache_clear()
