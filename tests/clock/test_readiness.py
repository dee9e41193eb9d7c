"""What /readyz says to whoever is on call."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from display.feed.tail import Tail
from display.health import reasons
from liveroom.log.head import database_now
from liveroom.time import monotonic
from tests.room.standing import StandingRoom


def test_a_clock_set_back_is_told_and_no_pulse_from_ahead_passes_for_a_sign_of_life(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert standing.tick()
    standing.receive()
    tail = cast(Tail, SimpleNamespace(read_at=monotonic()))
    assert reasons(standing.log, tail) == []
    set_back: Callable[[Any], Any] = lambda connection: database_now(connection) - timedelta(hours=7)  # noqa: E731
    monkeypatch.setattr("display.health.database_now", set_back)
    clock, time = reasons(standing.log, tail)
    assert clock.startswith("clock: last pulse at ")
    assert time.startswith("time: the log is 25") and time.endswith("is that machine's time right?")
