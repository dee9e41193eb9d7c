"""Passwords of these tests cost little, and a room in this process starts no other to see how files are looked into."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.often import SOAKING
from tests.rooms.passwords import cheap_passwords

__all__ = ["cheap_passwords"]


@pytest.fixture(autouse=True, scope="session")
def unannounced() -> Iterator[None]:
    """Each would start a process for the line in its log, which tests/media tries."""
    with patch("app.announce", lambda *_: None):
        yield


# What these read they read by few statements in many cases. Between them the tests marked `each_database` send
# PostgreSQL every statement that those of the folder do; the other cases are tried on it by `make soak` alone.
CASES_OF_FEW_STATEMENTS = [Path(__file__).with_name(name) for name in ("feed", "figures")]


def on_postgresql_by_the_soak(item: pytest.Item) -> bool:
    """Whether it is a case for PostgreSQL that `make test` leaves out."""
    case = getattr(item, "callspec", None)
    is_on_it = case is not None and case.params.get("database") == "postgresql"
    return is_on_it and item.path.parent in CASES_OF_FEW_STATEMENTS and "each_database" not in item.keywords


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave those out, or in a soak let it choose them."""
    left_out = [item for item in items if on_postgresql_by_the_soak(item)]
    if SOAKING:
        for item in left_out:
            item.add_marker("often")
    elif left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
