"""Fixtures by which passwords cost little; what argon2 costs is tried in tests/accounts/test_users.py alone."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from liveroom.accounts import credentials

DEAR = credentials._hasher


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> Iterator[None]:
    """One pass over 8 KiB."""
    credentials._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    credentials._dummy_hash.cache_clear()
    yield
    credentials._hasher = DEAR
    credentials._dummy_hash.cache_clear()


@pytest.fixture
def dear_hasher() -> PasswordHasher:
    """The product's own."""
    return DEAR
