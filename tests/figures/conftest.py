"""Rooms in fresh databases of both kinds, and their figures."""

from collections.abc import Callable
from typing import Any

import pytest

from display.figures.routes import Figures
from tests.room.databases import database, on_file, open_standing, standing
from tests.room.standing import StandingRoom

__all__ = ["database", "figure", "on_file", "open_standing", "standing"]
Figure = Callable[[str], dict[str, Any]]


@pytest.fixture
def figure(standing: StandingRoom) -> Figure:
    """Return `figure(scene) -> dict`, built anew for each call by one process."""
    figures = Figures(standing.log, standing.room.city, kept_s=0)
    return lambda scene: figures.of(scene).figure
