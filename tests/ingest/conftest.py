"""Fixtures of the doors in."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.ingest.clerk import Clerk


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    return Clerk(tmp_path)


@pytest.fixture(autouse=True)
def at_leisure(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a runner of these tests spawns runs at once, so nobody renews a lease meanwhile: none lapses, however slow
    the machine is."""
    monkeypatch.setattr("ingest.runner.LASTS", timedelta(hours=1))
