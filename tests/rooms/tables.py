"""The room's tables in a database, laid out once for each kind and then copied: that costs less than to make each."""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import inspect

from liveroom.log import schema
from liveroom.log.engine import open_engine


def lay_out(url: str) -> None:
    """Make the tables where there are none."""
    engine = open_engine(url, synced=False)
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        present = set(inspect(connection).get_table_names())
        if not present >= set(schema.metadata.tables):
            schema.metadata.create_all(connection)
    engine.dispose()


def tabled_file(path: Path) -> str:
    """Write a SQLite file with the tables, empty, and return its address."""
    path.write_bytes(_laid_out())
    return f"sqlite:///{path}"


@cache
def _laid_out() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "room.db"
        lay_out(f"sqlite:///{path}")
        assert [one.name for one in path.parent.iterdir()] == ["room.db"], "not everything is in the file"
        return path.read_bytes()
