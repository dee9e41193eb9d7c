"""Two busy days of a drill, on each database: every moment that was noted is shown as it was, and leads on."""

import pytest

from tests.display.past.drilled import drilled
from tests.display.past.test_past_moments import SEVEN, assert_shown
from tests.rooms.databases import Opener

pytestmark = [pytest.mark.soak]


def test_two_busy_days_are_shown_as_they_were(open_standing: Opener) -> None:
    room = open_standing(kind="drill", at=SEVEN)
    assert_shown(drilled(room, hours=42, minutes=10, per_day=900, notes=60), every=997)
