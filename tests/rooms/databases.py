"""Fixtures: a fresh database of each kind we run on, and a standing room in it."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.rooms.standing import StandingRoom
from tests.rooms.tables import tabled_file

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
Opener = Callable[..., StandingRoom]


class Databases:
    """Gives addresses of databases of one kind: `database()` of an empty one, `tabled()` of one with our tables."""

    def __init__(self, empty: Callable[[], str], tabled: Callable[[], str]) -> None:
        self._empty = empty
        self.tabled = tabled

    def __call__(self) -> str:
        return self._empty()


def files(folder: Path) -> Databases:
    """SQLite files in a folder."""
    paths = (folder / f"room-{number}.db" for number in count())
    return Databases(lambda: f"sqlite:///{next(paths)}", lambda: tabled_file(next(paths)))


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    """Databases of one kind; the test runs once for each kind."""
    if request.param == "sqlite":
        return files(tmp_path)
    postgres = request.getfixturevalue("postgres")
    return Databases(postgres.fresh_database, postgres.tabled_database)


@pytest.fixture
def open_standing(database: Databases) -> Iterator[Opener]:
    """Return `open_standing(url="", **options) -> StandingRoom`, in a fresh database unless one is named."""
    opened: list[StandingRoom] = []

    def open_one(url: str = "", **options: Any) -> StandingRoom:
        opened.append(StandingRoom(url or database.tabled(), **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def standing(open_standing: Opener) -> StandingRoom:
    """A standing room in a fresh database."""
    return open_standing()


@pytest.fixture
def on_file(tmp_path: Path) -> Iterator[StandingRoom]:
    """A standing room in a SQLite file, for what does not depend on the kind of database."""
    room = StandingRoom(tabled_file(tmp_path / "room.db"))
    yield room
    room.close()
