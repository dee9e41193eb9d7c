"""The rooms of these tests stand on a database of each kind; one served room is shared by the tests of a file."""

from collections.abc import Iterator

import pytest

from tests.room.databases import database, open_standing, standing
from tests.screens.house import House, served
from tests.services.server import Server

__all__ = ["database", "open_standing", "standing"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A served test room whose time stands, without a screen yet."""
    folder = tmp_path_factory.mktemp("house")
    found = served(lambda env: Server(data=folder, env=env).start(), folder)
    yield found
    found.server.kill()
