"""Warnings in the room: which are in force, in whatever order their documents come, and when they are over."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice, permutations
from random import Random
from typing import Any

import pytest

from ingest.hazards.cap_document import read_alert
from liveroom.domain.hazards.cap_alert import CapArea
from liveroom.domain.timestamps import to_text
from liveroom.log.event_log import Slices
from liveroom.projection.fold import rebuild
from liveroom.projection.hazards import HazardProjector, hazards
from tests.rooms.cap_documents import BANDUNG, document, info
from tests.rooms.databases import Opener
from tests.rooms.standing import START, StandingRoom

LATER = START + timedelta(minutes=10)


@pytest.fixture
def room(open_standing: Opener) -> StandingRoom:
    return open_standing(kind="real")


def hear(room: StandingRoom, *bodies: bytes, source: str = "bmkg") -> list[bool]:
    """Whether each was new."""
    return [one.created for one in room.room.hear_many([read_alert(body) for body in bodies], source=source)]


def shown(room: StandingRoom) -> list[dict[str, Any]]:
    return room.read(hazards)


def said(room: StandingRoom, after: int = 0) -> list[str]:
    return [kind for kind in room.kinds(after) if kind.startswith("hazard.")]


def test_a_warning_that_touches_the_city_is_in_force_and_is_heard_once(room: StandingRoom) -> None:
    assert hear(room, document("A"), document("A")) == [True, False]
    (one,) = shown(room)
    assert (one["event"], one["sender_name"], one["severity"]) == ("Hujan lebat disertai petir", "BMKG", "Moderate")
    assert {code[:8] for code in one["areas"]} >= {"36.71.06", "36.71.13"} and "36.71.07" not in {
        code[:8] for code in one["areas"]
    }
    assert len(one["polygons"]) == 1 and one["polygons"][0][0][0] == one["polygons"][0][0][-1]
    assert said(room) == ["hazard.issued"]
    assert "Hujan" not in str([logged.event.payload for logged in room.events()])


@pytest.mark.parametrize(
    "body",
    [
        document("B", infos=[info(polygon=BANDUNG)]),
        document("B", status="Test"),
        document("B", status="Exercise"),
        document("B", scope="Restricted"),
        document("B", "Ack"),
        document("B", infos=[info(urgency="Past")]),
        document("B", infos=[info(responseType="AllClear")]),
        document("B", infos=[info(expires="2026-11-24T01:00:00Z")]),
    ],
)
def test_what_is_elsewhere_over_or_not_meant_is_heard_and_not_shown(room: StandingRoom, body: bytes) -> None:
    assert hear(room, body, body) == [True, False]
    assert shown(room) == [] and said(room) == []


def test_an_exercise_is_shown_in_a_drill_alone(open_standing: Opener) -> None:
    drill = open_standing(kind="drill")
    hear(drill, document("A", status="Exercise"), document("B", status="Test"))
    assert len(shown(drill)) == 1


def story(name: str) -> list[bytes]:
    """An alert, two updates and the end of one of them, of which the first names its time with another offset."""
    first = document(f"{name}-A")
    second = document(f"{name}-B", "Update", sent=LATER, refers=[(f"{name}-A", START)], infos=[info(severity="Severe")])
    both = [(f"{name}-A", START), (f"{name}-B", LATER)]
    third = document(f"{name}-C", "Update", sent=LATER + timedelta(minutes=1), refers=both, infos=[info(event="Angin")])
    other = document(f"{name}-D", sent=START, infos=[info(event="Banjir")])
    end = document(f"{name}-E", "Cancel", sent=LATER, refers=[(f"{name}-D", START)])
    return [first, second, third, other, end]


def test_in_any_order_the_same_is_in_force_in_the_end(room: StandingRoom) -> None:
    for number, order in enumerate(islice(permutations(range(5)), 0, None, 5)):
        documents = story(f"S{number}")
        some = [documents[place] for place in order]
        hear(room, *some[: number % 6])
        hear(room, *some[number % 6 :])
        assert [one["event"] for one in shown(room)] == ["Angin"], order
        last = document(f"S{number}-F", "Cancel", sent=LATER + timedelta(minutes=2), refers=_third(number))
        hear(room, last)
        assert shown(room) == []
    assert_sound(room)


def _third(number: int) -> list[tuple[str, Any]]:
    return [(f"S{number}-C", LATER + timedelta(minutes=1))]


def test_a_service_that_keeps_the_identifier_replaces_the_earlier_one(room: StandingRoom) -> None:
    old, new = document("A"), document("A", sent=LATER, infos=[info(event="Angin")])
    for first, second in ((old, new), (new, old)):
        hear(room, first, second)
        assert [one["event"] for one in shown(room)] == ["Angin"]


def test_nobody_ends_the_warning_of_another_sender(room: StandingRoom) -> None:
    hear(room, document("A"))
    end = document("E", "Cancel", refers=[("A", START)]).replace(b"<sender>nowcast@bmkg", b"<sender>somebody@bmkg")
    hear(room, end, source="pos")
    assert len(shown(room)) == 1


def test_an_update_that_leaves_the_city_ends_the_warning(room: StandingRoom) -> None:
    hear(room, document("A"))
    hear(room, document("B", "Update", sent=LATER, refers=[("A", START)], infos=[info(polygon=BANDUNG)]))
    assert shown(room) == [] and said(room) == ["hazard.issued", "hazard.cancelled"]


def test_the_clock_ends_it_when_its_time_is_over_also_after_a_stop(room: StandingRoom) -> None:
    hear(room, document("A"), document("B", infos=[info(expires="2026-11-24T03:00:00Z")]))
    room.at("24 10:00").tick()
    room.at("24 14:00").tick()
    ended = [logged.event for logged in room.events() if logged.event.kind.value == "hazard.expired"]
    assert [one.at for one in ended] == [START + timedelta(hours=1), START + timedelta(hours=2)]
    assert shown(room) == []
    assert_sound(room)


def test_a_cancel_that_comes_after_the_end_and_before_the_clock_finds_nothing(room: StandingRoom) -> None:
    hear(room, document("A"))
    room.at("24 12:00")
    hear(room, document("E", "Cancel", sent=LATER, refers=[("A", START)]))
    assert said(room) == ["hazard.issued", "hazard.expired"]


def test_what_a_cancel_ended_does_not_come_back_after_the_cancel_is_old(room: StandingRoom) -> None:
    """Also where the service dates it wrong, or a day later."""
    far = START + timedelta(days=365)
    hear(room, document("E", "Cancel", sent=START - timedelta(days=365), refers=[("A", START), ("B", far)]))
    room.at("25 09:00").tick()
    hear(room, document("A", infos=[info(expires=to_text(START + timedelta(days=9)))]))
    hear(room, document("B", sent=far, infos=[info(expires=None)]))
    assert shown(room) == [] and said(room) == []


def test_the_twenty_worst_are_shown_however_many_there_are(room: StandingRoom) -> None:
    many = [document(f"M{n}", infos=[info(severity="Minor")]) for n in range(20)]
    worse = document("S", infos=[info(severity="Severe")])
    longer = document("L", infos=[info(severity="Severe", expires=to_text(START + timedelta(hours=3)))])
    hear(room, *many, worse, longer, document("U", infos=[info(severity="Unknown")]))
    found = shown(room)
    assert [one["severity"] for one in found] == ["Severe"] * 2 + ["Minor"] * 18
    assert found[0]["expires"] > found[1]["expires"]
    assert_sound(room)


def test_a_shape_that_crosses_itself_touches_all_that_it_goes_around(room: StandingRoom) -> None:
    """One that does so without end takes minutes as it is, so its hull counts."""
    west, middle, east = (106.56, 106.65, 106.74)
    bow = ((west, -6.3), (east, -6.1), (east, -6.3), (west, -6.1), (west, -6.3))
    chance = Random(1)
    tangle = tuple((chance.uniform(106.5, 106.8), chance.uniform(-6.4, -6.0)) for _ in range(200))
    city = room.room.city
    both, hull = (city.footprint((CapArea(polygons=(ring,)),)) for ring in (bow, tangle))
    assert both is not None and hull is not None
    lobes = [{lon < middle for lon, _ in polygon[0] if lon != middle} for polygon in both.polygons]
    assert sorted(map(str, lobes)) == ["{False}", "{True}"]
    assert set(hull.areas) == set(city.areas) and len(hull.polygons) == 1


def assert_sound(room: StandingRoom) -> None:
    """A rebuild makes the same rows of the log, and the recount finds nothing."""

    def slices() -> Iterator[Slices]:
        with room.log.slices() as some:
            yield some

    assert [HazardProjector.recount(some) for some in slices()] == [[]]
    before = room.tables(["hazard"])
    room.log.write(rebuild)
    assert room.tables(["hazard"]) == before
