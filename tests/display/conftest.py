"""Passwords of these tests cost little."""

from tests.rooms.passwords import cheap_passwords

__all__ = ["cheap_passwords"]
