"""What a figure costs is bounded: it reads what it needs in small slices, and no complaint twice a day."""

from collections.abc import Callable

import pytest

from display.figures import measure, overdue, routes
from display.figures.routes import FigureAnswer, Figures
from liveroom.log.engine import Connection
from liveroom.log.event_log import Slices
from tests.display.figures.handled import finish, handle
from tests.rooms.standing import StandingRoom


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the slices that ran, in order."""
    ran: list[str] = []
    run = Slices.run

    def note(self: Slices, work: Callable[[Connection], object]) -> object:
        ran.append(getattr(getattr(work, "func", work), "__name__", ""))
        return run(self, work)

    monkeypatch.setattr(Slices, "run", note)
    return ran


def test_a_day_is_measured_once_until_it_changes(on_file: StandingRoom, slices: list[str]) -> None:
    ids = [handle(on_file, "24 08:00") for _ in range(3)]
    finish(on_file, ids[0], "24 09:00")
    figures = Figures(on_file.log, on_file.room.city, kept_s=0)
    figures.of("agencies")
    assert slices.count("_measure") == 3  # one day's forwards, acceptances and finishes
    slices.clear()
    figures.of("agencies")
    figures.of("visit")
    assert slices.count("_measure") == 0
    finish(on_file, ids[1], "24 10:00")
    slices.clear()
    figures.of("visit")
    assert slices.count("_measure") == 1


def test_many_are_read_in_many_slices(
    on_file: StandingRoom, slices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "SLICE", 2)
    monkeypatch.setattr(overdue, "SLICE", 2)
    ids = [handle(on_file, "24 08:00") for _ in range(5)]
    for id_ in ids[:4]:
        finish(on_file, id_, "24 09:00")
    for _ in range(4):
        on_file.receive()
    on_file.at("26 12:00").tick()
    figures = Figures(on_file.log, on_file.room.city, kept_s=0)
    slices.clear()
    (span,) = figures.of("agencies").figure["room"]["stages"]["finish"]
    assert span["cases_s"] == [3600] * 4
    # 5 forwards in 3 slices, 4 acceptances and 4 finishes in 3 each: the last finds nothing more.
    assert slices.count("_measure") == 9
    slices.clear()
    assert figures.of("overdue").figure["overdue"] == 5
    assert slices.count("_scan_slice") == 4


def test_what_is_slow_to_build_is_built_more_seldom(on_file: StandingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    figures, seconds = Figures(on_file.log, on_file.room.city), 100.0
    times: list[float] = []

    def slow(scene: str) -> FigureAnswer:
        times.append(seconds)
        return FigureAnswer(epoch="e", seq=1, at="", figure={"scene": scene}, when=seconds, took=1.0)

    monkeypatch.setattr(routes, "monotonic", lambda: seconds)
    monkeypatch.setattr(figures, "_build", slow)
    for now in (100.0, 105.0, 119.9, 120.0, 121.0):
        seconds = now
        figures.of("overdue")
    assert times == [100.0, 120.0]
