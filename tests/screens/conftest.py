"""The rooms of these tests stand on a database of each kind."""

from tests.room.databases import database, open_standing, standing

__all__ = ["database", "open_standing", "standing"]
