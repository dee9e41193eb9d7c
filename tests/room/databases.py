"""Fixtures: a fresh database of each kind we run on, and a standing room in it."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.room.standing import StandingRoom

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
Opener = Callable[..., StandingRoom]


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Return `database() -> url` of an empty database of one kind; the test runs once for each kind."""
    numbers = count()
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path / f'room-{next(numbers)}.db'}"
    return request.getfixturevalue("postgres").fresh_database


@pytest.fixture
def open_standing(database: Callable[[], str]) -> Iterator[Opener]:
    """Return `open_standing(url="", **options) -> StandingRoom`, in a fresh database unless one is named."""
    opened: list[StandingRoom] = []

    def open_one(url: str = "", **options: Any) -> StandingRoom:
        opened.append(StandingRoom(url or database(), **options))
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
    room = StandingRoom(f"sqlite:///{tmp_path / 'room.db'}")
    yield room
    room.close()
