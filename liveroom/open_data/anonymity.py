"""Who is said together with whom: every row of a file has the place, matter and time of at least K complaints.

`Partition` divides the complaints of a month into cells of at least K reporters: an area, a category and a day where
that many are alike, and coarser steps where not. `Register` remembers under which cell each complaint was published,
so that the difference between two editions of a month tells no more about one complaint than either of them: a cell
keeps its members or goes whole, and what comes later is divided among itself.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import NamedTuple

import msgspec

# Reporters in the smallest cell.
K = 5
# Days of the parts of a month: the 1st to the 7th, and so on; the last has what is left.
PART_DAYS = 7


class Entry(NamedTuple):
    """A complaint that may be published.

    ``reporter``: equal for two of one person as far as the room knows, else the complaint's own id. ``area`` and
    ``district``: codes, None where it has no place in the city. ``day``: the city's date of receipt.
    """

    id: str
    reporter: str
    category: str
    group: str
    area: str | None
    district: str | None
    day: date


class Cell(NamedTuple):
    """What is published of matter, place and time; None where that would say too much. Both days are included."""

    category: str | None
    group: str | None
    area: str | None
    district: str | None
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days of a month, both included, and the parts that it is divided into."""

    first: date
    last: date

    def part(self, day: date) -> tuple[date, date]:
        """First and last day of the part that ``day`` is in."""
        start = self.first + timedelta(days=(day - self.first).days // PART_DAYS * PART_DAYS)
        return start, min(self.last, start + timedelta(days=PART_DAYS - 1))


class Partition(NamedTuple):
    """``members``: ids by cell; ``left``: ids that not even the coarsest cell can say among K."""

    members: dict[Cell, list[str]]
    left: list[str]


def partition(entries: Sequence[Entry], days: Days) -> Partition:
    """Divide complaints into the finest cells of at least K reporters: by matter first, then place, then time."""
    members: dict[Cell, list[str]] = {}
    matters, left = _coarsen(entries, (lambda one: one.category, lambda one: one.group))
    for matter, alike in matters:
        for place, near in _coarsen(alike, (lambda one: one.area, lambda one: one.district))[0]:
            for time, together in _coarsen(near, (lambda one: one.day, lambda one: days.part(one.day)))[0]:
                members[_cell(together[0], (matter, place, time), days)] = [one.id for one in together]
    return Partition(members, [one.id for one in left])


def _cell(one: Entry, levels: tuple[int, int, int], days: Days) -> Cell:
    matter, place, time = levels
    first, last = ((one.day, one.day), days.part(one.day), (days.first, days.last))[time]
    return Cell(
        category=one.category if matter == 0 else None,
        group=one.group if matter <= 1 else None,
        area=one.area if place == 0 else None,
        district=one.district if place <= 1 else None,
        first=first,
        last=last,
    )


_Key = Callable[[Entry], Hashable]
# The level of the ladder on which these are alike (one above the last: on none), and who they are.
_Part = tuple[int, list[Entry]]


def _coarsen(entries: Iterable[Entry], ladder: Sequence[_Key]) -> tuple[list[_Part], list[Entry]]:
    """Those who are enough on a step of the ladder stay there, all others go on to the next and end together.

    If too few are left at the end, the smallest part comes back to them, for the sake of every row. Also returns those
    who are too few even all together.
    """
    parts: list[_Part] = []
    waiting = list(entries)
    for level, key in enumerate(ladder):
        alike: dict[Hashable, list[Entry]] = defaultdict(list)
        for one in waiting:
            alike[key(one)].append(one)
        waiting = alike.pop(None, [])
        for found in alike.values():
            if _enough(found):
                parts.append((level, found))
            else:
                waiting.extend(found)
    while waiting and not _enough(waiting) and parts:
        smallest = min(parts, key=lambda part: len(part[1]))
        parts.remove(smallest)
        waiting.extend(smallest[1])
    if waiting and _enough(waiting):
        return [*parts, (len(ladder), waiting)], []
    return parts, waiting


def _enough(entries: Sequence[Entry]) -> bool:
    return len(entries) >= K and len({one.reporter for one in entries}) >= K


class Register(msgspec.Struct, kw_only=True):
    """What was published of a month in all its editions. It is kept beside the files and shown to nobody.

    ``cells``: each by its number; ``placed``: the number of the cell of every complaint; ``withdrawn``: numbers of
    cells that are published no more; ``secret``: random, so that nobody can tell which cells went for a reason.
    """

    cells: list[Cell]
    placed: dict[str, int]
    withdrawn: set[int]
    secret: str

    def edition(self, entries: Sequence[Entry], days: Days) -> dict[str, Cell]:
        """The cells of the next edition by complaint; whoever of ``entries`` is not in it is only counted.

        ``entries`` are all that may be published now: of what was published and is not among them (erased, or private
        by now) the whole cell goes.
        """
        self._withdraw({one.id for one in entries})
        self._add(partition([one for one in entries if one.id not in self.placed], days).members)
        shown = ((one.id, self.placed.get(one.id)) for one in entries)
        return {id_: self.cells[n] for id_, n in shown if n is not None and n not in self.withdrawn}

    def _withdraw(self, present: Collection[str]) -> None:
        """Withdraw the cells of what is gone, and others with them: K in all, so that none is known for the one."""
        gone = {cell for id_, cell in self.placed.items() if id_ not in present} - self.withdrawn
        if gone:
            others = (n for n in range(len(self.cells)) if n not in self.withdrawn and n not in gone)
            gone.update(sorted(others, key=self._draw)[: max(0, K - len(gone))])
            self.withdrawn |= gone

    def _draw(self, number: int) -> str:
        return sha256(f"{self.secret} {number}".encode()).hexdigest()

    def _add(self, members: dict[Cell, list[str]]) -> None:
        numbers = {cell: number for number, cell in enumerate(self.cells)}
        for cell, ids in members.items():
            number = numbers.get(cell)
            if number is None:
                number = len(self.cells)
                self.cells.append(cell)
            if number not in self.withdrawn:
                self.placed.update(dict.fromkeys(ids, number))
