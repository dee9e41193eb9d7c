"""Fixtures: a fresh database of each kind we run on, and a standing room in it."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.often import SOAKING
from tests.rooms.journey import walk
from tests.rooms.standing import StandingRoom
from tests.rooms.tables import tabled, tabled_file
from tests.services.once import made_once

if TYPE_CHECKING:
    from tests.services.postgres import Postgres  # pytest loads it by itself, as one of its plugins

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
# In these folders a test stands on each kind in a soak, and otherwise on one of them, the tests of a file in turn: much
# the same is written and read by all of a file. What is marked ``both`` asks how a database keeps its word.
IN_TURN = ("courier", "ingest", "maintenance", "room")
FOLDER = Path(__file__).resolve().parents[1]
Opener = Callable[..., StandingRoom]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests whose turn it is not; what stands on one kind alone has no turns."""
    turns: dict[Path, dict[str, int]] = {}
    due: dict[tuple[Path, str], dict[str, pytest.Item]] = {}
    for item in items:
        kind = _in_turn(item)
        if kind is None:
            continue
        item.add_marker("often")
        name, known = item.nodeid.replace(kind, ""), turns.setdefault(item.path, {})
        known.setdefault(name, len(known) + len(item.path.name))
        due.setdefault((item.path, name), {})[kind] = item
    out: list[pytest.Item] = []
    for (path, name), each in due.items():
        if len(each) > 1 and not SOAKING:
            out.append(each["postgresql" if turns[path][name] % 2 == 0 else "sqlite"])
    if out:
        config.hook.pytest_deselected(items=out)
        left = set(out)
        items[:] = [item for item in items if item not in left]


def _in_turn(item: pytest.Item) -> str | None:
    """The kind of database on which it runs, where it takes turns."""
    if "both" in item.keywords or item.path.parent.parent != FOLDER or item.path.parent.name not in IN_TURN:
        return None
    asked = getattr(item, "callspec", None)
    kind = asked.params.get("database") if asked and "database" in item.fixturenames else None
    return kind if kind in ("sqlite", "postgresql") else None


class Databases(Protocol):
    """Gives addresses of databases of one kind: `database()` of an empty one, `tabled()` of one with our tables.

    `copy(kept)` gives that of a copy of one that was `kept(url)`, when nobody used it any more.
    """

    def __call__(self) -> str: ...
    def tabled(self) -> str: ...
    def kept(self, url: str) -> Any: ...
    def copy(self, kept: Any) -> str: ...


class Files:
    """SQLite files in a folder; what is kept is their bytes."""

    def __init__(self, folder: Path) -> None:
        self._paths = (folder / f"room-{number}.db" for number in count())

    def __call__(self) -> str:
        return f"sqlite:///{next(self._paths)}"

    def tabled(self) -> str:
        return tabled_file(next(self._paths))

    def kept(self, url: str) -> bytes:
        return Path(url.removeprefix("sqlite:///")).read_bytes()

    def copy(self, kept: bytes) -> str:
        path = next(self._paths)
        path.write_bytes(kept)
        return f"sqlite:///{path}"


class OnPostgres:
    """Databases of the tests' PostgreSQL; what is kept is their name."""

    def __init__(self, server: "Postgres") -> None:
        self.tabled = server.tabled_database
        self.copy = server.fresh_database

    def __call__(self) -> str:
        return self.copy("template1")

    def kept(self, url: str) -> str:
        return url.rpartition("/")[2]


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    """Databases of one kind; the test runs once for each kind."""
    if request.param == "sqlite":
        return Files(tmp_path)
    return OnPostgres(request.getfixturevalue("postgres"))


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


# The database of PostgreSQL with a walked room: each worker has a server of its own.
_walked: list[str] = []


def _walk(url: str) -> None:
    first = StandingRoom(url)
    walk(first)
    first.close()


def _kept_walk(database: Databases) -> Any:
    """What is kept of a room that was walked through for all."""
    if isinstance(database, Files):
        return made_once("walked.db", lambda path: _walk(tabled_file(path))).read_bytes()
    if not _walked:
        url = database.tabled()
        _walk(url)
        _walked.append(database.kept(url))
    return _walked[0]


@pytest.fixture
def walked(database: Databases, open_standing: Opener) -> StandingRoom:
    """A standing room in which everything has happened once."""
    return open_standing(tabled(database.copy(_kept_walk(database))), names_from=10_000)


@pytest.fixture
def on_file(tmp_path: Path) -> Iterator[StandingRoom]:
    """A standing room in a SQLite file, for what does not depend on the kind of database."""
    room = StandingRoom(tabled_file(tmp_path / "room.db"))
    yield room
    room.close()
