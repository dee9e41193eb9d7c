"""Fixtures of the doors in."""

from pathlib import Path

import pytest

from tests.ingest.clerk import Clerk


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    return Clerk(tmp_path)
