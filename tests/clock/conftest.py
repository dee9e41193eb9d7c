"""The databases and rooms that the tests beside this file stand in."""

from tests.room.databases import database, on_file, open_standing, standing

__all__ = ["database", "on_file", "open_standing", "standing"]
