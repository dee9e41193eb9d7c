"""Passwords of these tests cost little, and a room in this process starts no other to see how files are looked into."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from tests.rooms.passwords import cheap_passwords

__all__ = ["cheap_passwords"]


@pytest.fixture(autouse=True, scope="session")
def unannounced() -> Iterator[None]:
    """Each would start a process for the line in its log, which tests/media tries."""
    with patch("app.announce", lambda *_: None):
        yield
