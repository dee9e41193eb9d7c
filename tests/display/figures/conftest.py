"""The figures of a standing room."""

from collections.abc import Callable
from typing import Any

import pytest

from display.figures.routes import Figures
from tests.rooms.standing import StandingRoom

Figure = Callable[[str], dict[str, Any]]


@pytest.fixture
def figure(standing: StandingRoom) -> Figure:
    """Return `figure(scene) -> dict`, built anew for each call by one process."""
    figures = Figures(standing.log, standing.room.city, kept_s=0)
    return lambda scene: figures.of(scene).figure
