"""The figure `signs` of a room: planted growth shows and goes, places recur, a young room and guests hear nothing."""

from datetime import timedelta
from typing import Any

import pytest

from display.figures import signs
from display.figures.routes import Figures
from display.figures.signs import shown_to
from liveroom.projection.similar import Suggester
from tests.display.figures.conftest import Figure
from tests.display.figures.handled import imported
from tests.rooms.city import wib
from tests.rooms.standing import PLACE, StandingRoom

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
FAR = {"lat": -6.1705, "lon": 106.6403}


def lived(room: StandingRoom, weeks: int) -> None:
    """So many weeks with a complaint each Tuesday and Thursday at nine."""
    for back in range(1, weeks + 1):
        for day in ("24", "26"):
            at = wib(f"{day} 09:00") - back * WEEK
            imported(room, at, after=HOUR, **FAR)


def planted(room: StandingRoom, n: int = 8) -> None:
    for number in range(n):
        room.at(wib("24 13:00") + timedelta(minutes=5 * number)).receive(description=f"Lubang besar {number}")


@pytest.mark.each_database
def test_growth_shows_with_its_usual_interval_and_is_taken_back(standing: StandingRoom, figure: Figure) -> None:
    lived(standing, 8)
    standing.at("24 13:00").tick()
    assert (figure("signs")["history"], figure("signs")["unusual"]) == ("enough", [])
    planted(standing)
    standing.at("24 13:40").tick()
    found = figure("signs")
    (sign,) = found["unusual"]
    assert (sign["category"], sign["hours"], sign["n"]) == ("jalan_rusak", 1, 8)
    assert sign["district"] == standing.room.city.areas[standing.room.city.locate(**PLACE) or ""].district
    assert (sign["low"], sign["since"]) == (0, "2026-11-24T06:00:00Z")
    assert sign["high"] < 4
    (matter,) = found["growing"]
    assert (matter["category"], matter["n"], matter["since"]) == ("jalan_rusak", 8, "2026-11-24T06:00:00Z")
    assert len(matter["complaints"]) == 8
    standing.at("24 15:00").tick()
    (sign,) = figure("signs")["unusual"]
    assert sign["hours"] == 3
    standing.at("25 13:40").tick()
    assert (figure("signs")["unusual"], figure("signs")["growing"]) == ([], [])


def test_a_young_room_says_nothing_and_says_so(standing: StandingRoom, figure: Figure) -> None:
    lived(standing, 7)
    planted(standing)
    found = figure("signs")
    assert (found["weeks"], found["weeks_needed"], found["history"]) == (7, 8, "young")
    assert (found["unusual"], found["cells"]) == ([], 0)


@pytest.mark.each_database
def test_a_place_recurs_when_it_was_finished_and_came_back(
    standing: StandingRoom, figure: Figure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signs, "PLACES_SLICE", 1)
    ids = [imported(standing, wib("24 09:00") - back * WEEK, after=24 * HOUR) for back in (9, 5)]
    imported(standing, wib("24 09:00") - 60 * WEEK, after=HOUR)  # too long ago
    imported(standing, wib("24 09:00") - 7 * WEEK, after=HOUR, category="sampah")
    imported(standing, wib("24 09:00") - 6 * WEEK, after=HOUR, **FAR)
    now = standing.receive()
    assert figure("signs")["recurring"][0]["complaint"] == now
    again = standing.receive(lat=PLACE["lat"] + 0.0002)  # 22 m north, while it is open
    (place,) = figure("signs")["recurring"]
    assert (place["complaint"], place["n"], place["since"]) == (again, 3, "2026-09-22T02:00:00Z")
    assert [one["complaints"] for one in place["times"]] == [[ids[0]], [ids[1]], [now, again]]
    assert [one["finished_at"] for one in place["times"]] == ["2026-09-23T02:00:00Z", "2026-10-21T02:00:00Z", None]
    times = Suggester(standing.log, standing.room.city).for_(now).times
    assert [[each.id for each in one.occurrences] for one in times] == [[ids[0]], [ids[1]], [now, again]]
    assert Suggester(standing.log, standing.room.city).for_(standing.receive(**FAR)).times == ()


def test_guests_hear_nothing_and_walls_nothing_of_one_complaint(standing: StandingRoom) -> None:
    policy = standing.room.city.policy
    private = next(key for key in policy.categories if policy.is_private(key))
    rows: list[dict[str, Any]] = [{"category": "macet", "complaints": ["1"]}, {"category": private, "complaints": []}]
    figure = {"weeks": 13, "unusual": rows, "growing": rows, "recurring": rows}
    assert shown_to(figure, "desk", policy) == figure
    assert shown_to(figure, "visit", policy) == {"weeks": 13, "unusual": [], "growing": [], "recurring": []}
    wall = shown_to(figure, "wall", policy)
    assert (wall["unusual"], wall["growing"], wall["recurring"]) == (rows[:1], [{"category": "macet"}], [])


def test_the_model_is_fitted_once_a_day(standing: StandingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[int] = []
    fit = signs._fit
    monkeypatch.setattr(signs, "_fit", lambda *args: (times.append(1), fit(*args))[1])
    monkeypatch.setattr(signs, "SLICE", 3)
    lived(standing, 8)
    figures = Figures(standing.log, standing.room.city, kept_s=0)
    for at in ("24 13:00", "24 23:00", "25 00:01", "25 01:00"):
        standing.at(at).tick()
        figures.of("signs")
    assert len(times) == 2
