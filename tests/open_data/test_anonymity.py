"""Whoever counts the cells of any month, and of any two editions of it, finds nobody alone."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from liveroom.open_data.anonymity import Cell, Days, Entry, K, Register, partition

DAYS = Days(first=date(2026, 11, 1), last=date(2026, 11, 30))
CATEGORIES = {"lamp": "roads", "hole": "roads", "flood": "water", "noise": "order"}
AREAS = {"a1": "a", "a2": "a", "a3": "a", "b1": "b", "b2": "b", None: None}


@st.composite
def entries(draw: st.DrawFn, prefix: str = "c") -> list[Entry]:
    """Some complaints, crowded into few cells so that there are some of any size; a few of one reporter."""
    said = st.tuples(
        st.sampled_from(sorted(CATEGORIES)), st.sampled_from(list(AREAS)), st.integers(0, 29), st.integers(0, 9)
    )
    found = []
    for number, (category, area, day, who) in enumerate(draw(st.lists(said, max_size=60))):
        id_ = f"{prefix}{number}"
        received = DAYS.first + timedelta(days=day // 3)
        reporter = "same" if who == 0 else id_
        found.append(Entry(id_, reporter, category, CATEGORIES[category], area, AREAS[area], received))
    return found


def register() -> Register:
    return Register(cells=[], placed={}, withdrawn=set(), secret="s")


def says(cell: Cell, one: Entry) -> bool:
    """Whether all that the cell says is true of a complaint."""
    given = (
        (cell.category, one.category),
        (cell.group, one.group),
        (cell.area, one.area),
        (cell.district, one.district),
    )
    return all(value in (None, true) for value, true in given) and cell.first <= one.day <= cell.last


@given(entries())
def test_every_cell_holds_enough_reporters_and_says_what_is_true(every: list[Entry]) -> None:
    by_id = {one.id: one for one in every}
    found = partition(every, DAYS)
    assert sorted([*found.left, *(id_ for ids in found.members.values() for id_ in ids)]) == sorted(by_id)
    for cell, ids in found.members.items():
        assert len({by_id[id_].reporter for id_ in ids}) >= K
        assert all(says(cell, by_id[id_]) for id_ in ids)
    assert not found.left or len({by_id[id_].reporter for id_ in found.left}) < K


@given(entries(), entries("d"), st.sets(st.integers(0, 59), max_size=3))
def test_two_editions_together_say_no_more_than_one(first: list[Entry], later: list[Entry], gone: set[int]) -> None:
    known = register()
    before = known.edition(first, DAYS)
    kept = [one for number, one in enumerate(first) if number not in gone]
    after = known.edition([*kept, *later], DAYS)
    moved = Counter((before.get(id_), after.get(id_)) for id_ in {*before, *after})
    # Whatever cell a complaint had before and has now, at least K have both: nobody is told apart by the difference.
    assert all(n >= K for (old, new), n in moved.items() if new is not None or old is not None)
    assert all(old == new for old, new in moved if old is not None and new is not None)
    assert not {first[number].id for number in gone if number < len(first)} & set(after)


def crowd(n: int, category: str = "lamp", area: str = "a1", day: int = 3, prefix: str = "") -> list[Entry]:
    """So many complaints that are alike, each by somebody else."""
    received = DAYS.first + timedelta(days=day)
    ids = [f"{prefix}{category}{area}{day}-{number}" for number in range(n)]
    return [Entry(id_, id_, category, CATEGORIES[category], area, AREAS[area], received) for id_ in ids]


def levels(every: Sequence[Entry]) -> dict[tuple[str | None, str | None, str | None, int], int]:
    """How many rows name so much: category, district, area, and within how many days."""
    found = Counter[tuple[str | None, str | None, str | None, int]]()
    for cell, ids in partition(every, DAYS).members.items():
        found[cell.category, cell.district, cell.area, (cell.last - cell.first).days + 1] += len(ids)
    return dict(found)


def test_a_place_becomes_coarser_step_by_step() -> None:
    assert levels(crowd(5)) == {("lamp", "a", "a1", 1): 5}
    assert levels([*crowd(4), *crowd(3, area="a2")]) == {("lamp", "a", None, 1): 7}
    assert levels([*crowd(4), *crowd(3, area="b1")]) == {("lamp", None, None, 1): 7}
    # Two left over would be two by subtraction: the smallest part joins them.
    assert levels([*crowd(9), *crowd(6, area="b1"), *crowd(2, area="b2")]) == {
        ("lamp", "a", "a1", 1): 9,
        ("lamp", None, None, 1): 8,
    }


def test_a_rare_matter_is_its_group_and_one_person_is_no_crowd() -> None:
    assert levels([*crowd(3), *crowd(3, "hole")]) == {(None, "a", "a1", 1): 6}
    alone = [one._replace(reporter="same") for one in crowd(20)]
    assert partition(alone, DAYS) == ({}, [one.id for one in alone])


def test_a_day_becomes_a_part_of_the_month_and_then_all_of_it() -> None:
    spread = [*crowd(3, day=0), *crowd(3, day=6)]
    assert levels(spread) == {("lamp", "a", "a1", 7): 6}
    assert levels([*crowd(3, day=6), *crowd(3, day=7)]) == {("lamp", "a", "a1", 30): 6}
    assert DAYS.part(date(2026, 11, 30)) == (date(2026, 11, 29), date(2026, 11, 30))


def test_who_is_erased_takes_a_cell_and_others_with_it_for_ever() -> None:
    areas = ("a1", "a2", "a3", "b1", "b2")
    every = [one for area in areas for day in (1, 9) for one in crowd(5, area=area, day=day)]
    known = register()
    assert len(known.edition(every, DAYS)) == 50
    after = known.edition(every[1:], DAYS)
    assert len(after) == 25 and every[1].id not in after
    # A resend of what was erased, and five more like it, change nothing about that.
    again = known.edition([*every, *crowd(5, day=1, prefix="new")], DAYS)
    assert again == after
