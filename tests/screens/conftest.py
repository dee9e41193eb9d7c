"""One served room, shared by the tests of a file."""

from collections.abc import Iterator

import pytest

from tests.screens.house import House, served
from tests.services.server import Server


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A served test room whose time stands, without a screen yet."""
    folder = tmp_path_factory.mktemp("house")
    found = served(lambda env: Server(data=folder, env=env).start(), folder)
    yield found
    found.server.kill()
