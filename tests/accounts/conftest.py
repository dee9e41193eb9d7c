"""Passwords of these tests cost little."""

from tests.rooms.passwords import cheap_passwords, dear_hasher

__all__ = ["cheap_passwords", "dear_hasher"]
