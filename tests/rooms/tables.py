"""The room's tables in a database, laid out once for each kind and then copied: that costs less than to make each.

The statements on them are made once, too: an engine keeps for itself what it has compiled, and each test has an engine.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import inspect
from sqlalchemy.util import LRUCache

from liveroom.log import engine as engines
from liveroom.log import schema
from liveroom.log.engine import migrate, open_engine
from tests.services.once import made_once

# Databases that were made with the tables, until they are opened for the first time: to look costs a connection each.
_copies: set[str] = set()


def tabled(url: str) -> str:
    """Note that a new database has the tables already; returns its address."""
    _copies.add(url)
    return url


def lay_out(url: str) -> None:
    """Make the tables where there are none."""
    if url in _copies:
        _copies.remove(url)
        return
    engine = open_engine(url, synced=False)
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        present = set(inspect(connection).get_table_names())
        if not present >= set(schema.metadata.tables):
            schema.metadata.create_all(connection)
    engine.dispose()


def tabled_file(path: Path) -> str:
    """Write a SQLite file with the tables, empty, and return its address."""
    path.write_bytes(_laid_out())
    return tabled(f"sqlite:///{path}")


def migrated_file(path: Path) -> None:
    """Write a SQLite file as the migrations leave an empty one, for this user alone as the room itself would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(_migrated())


@cache
def _laid_out() -> bytes:
    return made_once("laid-out.db", lambda path: _make(path, lay_out)).read_bytes()


@cache
def _migrated() -> bytes:
    def run(url: str) -> None:
        engine = open_engine(url, synced=False)
        migrate(engine)
        engine.dispose()

    return made_once("migrated.db", lambda path: _make(path, run)).read_bytes()


def _make(path: Path, make: Callable[[str], None]) -> None:
    make(f"sqlite:///{path}")
    assert [one.name for one in path.parent.glob(f"{path.name}*")] == [path.name], "not everything is in the file"


class Statements:
    """What the engines of one kind of database have compiled, as each of them keeps it: by its dialect and the rest."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def get(self, key: tuple[Any, ...]) -> Any:
        return _compiled.get((self._kind, *key[1:]))

    def __setitem__(self, key: tuple[Any, ...], statement: Any) -> None:
        _compiled[self._kind, *key[1:]] = statement


_compiled: LRUCache[Any, Any] = LRUCache(2000)


def _engine(url: str, **options: Any) -> sqlalchemy.Engine:
    one = sqlalchemy.create_engine(url, **options)
    one._compiled_cache = Statements(one.name)  # type: ignore[assignment]
    return one


engines.create_engine = _engine
