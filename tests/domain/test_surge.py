"""Surges: many of one category in areas that hang together; one line while it lasts, never an alarm."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from liveroom.domain.alarms.model import AlarmRules
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.surge import Recent, Surge, surge_events, surges
from liveroom.domain.timestamps import read
from tests.domain.little_room import START

MINUTE = timedelta(minutes=1)
RULES = AlarmRules()
# a - b - c in a row, d beyond c; x lies apart.
TOUCH = {"a": {"b"}, "b": {"a", "c"}, "c": {"b", "d"}, "d": {"c"}, "x": set()}
NEIGHBOURS = {area: frozenset(others) for area, others in TOUCH.items()}


def reported(count: int, areas: str = "ab", *, category: str = "banjir", first: int = 0) -> list[Recent]:
    """So many complaints a minute apart, in turn in the areas."""
    return [
        Recent(id=f"{category}{n}", category=category, area=areas[n % len(areas)], at=START + n * MINUTE)
        for n in range(first, first + count)
    ]


def found(recent: list[Recent]) -> tuple[Surge, ...]:
    return surges(recent, NEIGHBOURS, RULES)


def moved(known: list[Surge], recent: list[Recent]) -> tuple[Event, ...]:
    return surge_events(known, recent, NEIGHBOURS, RULES, now=START + 20 * MINUTE)


def folded(event: Event) -> Surge:
    """A surge as its event tells it."""
    told = event.fields
    return Surge(
        id=told["id"], category=told["category"], areas=tuple(told["areas"]), n=told["n"], since=read(told["since"])
    )


def test_twelve_of_one_category_in_neighbouring_areas_are_a_surge_eleven_are_none() -> None:
    assert found(reported(11)) == ()
    (surge,) = found(reported(12))
    assert (surge.id, surge.category, surge.areas, surge.n) == ("surge:banjir0", "banjir", ("a", "b"), 12)
    assert surge.since == START
    counted = [replace(reported(1)[0], n=7), replace(reported(2)[1], n=5)]
    assert found(counted) == (surge,)
    assert found([counted[0], replace(counted[1], n=4)]) == ()


def test_different_categories_do_not_add_up() -> None:
    assert found(reported(11) + reported(11, category="jalan_rusak")) == ()
    assert len(found(reported(12) + reported(12, category="jalan_rusak"))) == 2


def test_areas_hang_together_through_others_that_have_it_too() -> None:
    assert [surge.areas for surge in found(reported(12, "abcd"))] == [("a", "b", "c", "d")]
    assert found(reported(12, "ac")) == (), "nothing in b between them"
    assert found(reported(12, "ax")) == ()


def test_the_order_in_which_they_are_told_changes_nothing() -> None:
    recent = reported(15) + reported(13, "x", category="jalan_rusak")
    expected = found(recent)
    random.Random(1).shuffle(recent)
    assert found(recent) == expected


def test_it_begins_once_and_grows_by_number_and_by_area() -> None:
    (began,) = moved([], reported(12))
    assert (began.kind, began.subject, began.at) == (Kind.SURGE_BEGAN, Subject.ROOM, START + 20 * MINUTE)
    known = folded(began)
    assert moved([known], reported(12)) == ()
    (grown,) = moved([known], reported(14))
    assert (grown.kind, grown.fields["id"], grown.fields["n"]) == (Kind.SURGE_GROWN, known.id, 14)
    (further,) = moved([known], reported(12, "abc"))
    assert (further.kind, further.fields["areas"], further.fields["since"]) == (
        Kind.SURGE_GROWN,
        ["a", "b", "c"],
        began.fields["since"],
    )


def test_it_keeps_its_name_while_its_first_complaints_leave_the_window() -> None:
    known = folded(moved([], reported(12))[0])
    (grown,) = moved([known], reported(14, first=6))
    assert grown.fields["id"] == known.id


@pytest.mark.parametrize(("left", "kinds"), [(6, []), (5, [Kind.SURGE_ENDED]), (0, [Kind.SURGE_ENDED])])
def test_it_ends_when_fewer_than_half_remain(left: int, kinds: list[Kind]) -> None:
    known = folded(moved([], reported(12))[0])
    assert [event.kind for event in moved([known], reported(left, first=12 - left))] == kinds


def test_two_that_grow_together_are_the_older_one() -> None:
    older, younger = folded(moved([], reported(12, "a"))[0]), folded(moved([], reported(12, "c", first=3))[0])
    assert older.id != younger.id
    together = reported(12, "a") + [replace(one, id=f"c{one.id}") for one in reported(12, "cb", first=3)]
    events = moved([younger, older], together)
    assert [(event.kind, event.fields["id"]) for event in events] == [
        (Kind.SURGE_GROWN, older.id),
        (Kind.SURGE_ENDED, younger.id),
    ]


def test_an_end_makes_room_for_another() -> None:
    known = folded(moved([], reported(12, "a"))[0])
    kinds = [event.kind for event in moved([known], reported(12, "x", first=30))]
    assert kinds == [Kind.SURGE_ENDED, Kind.SURGE_BEGAN]


def test_its_times_are_text_and_its_names_fit() -> None:
    long = [replace(one, id=f"01977c2e-0000-7000-8000-0000000000{n:02}") for n, one in enumerate(reported(12))]
    (event,) = moved([], long)
    assert len(event.fields["id"]) <= 64
    assert isinstance(read(event.fields["since"]), datetime)
