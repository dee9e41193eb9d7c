"""The one map of a printed report: light land by how many wait, ink triangles with the number of each district.

An SVG of plain shapes, for a page of paper: hue says nothing, the number stands in its mark, and every word is escaped
by whoever writes it into a page.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

from liveroom.city.city import City
from liveroom.city.outline_paths import ACROSS, outline_paths

# Nothing is smaller than 8.5 pt, whatever the size of the map on the page: in millimetres.
SMALLEST_MM = 3.0
# Millimetres that a map has on a page: across and down.
ROOM_MM = (98.0, 84.0)
LOWEST, HIGHEST = 80, 150
# A triangle's height of one complaint, before the largest is brought down to HIGHEST.
OF_ONE = 46
# Units of paper around the city.
MARGIN = 30
# Width of a letter and of a figure, as a part of their size.
LETTER, FIGURE = 0.52, 0.6
# Tones of the land: none, one, two, three and more wait.
TONES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Triangle:
    """A district's mark: corners as SVG points, its number and where that stands, its name where there is room."""

    points: str
    n: int
    x: int
    base: int
    size: int
    name: str
    below: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMap:
    """What a template draws: outlines as paths, areas with their tone, marks."""

    width: int
    height: int
    areas: Sequence[tuple[str, int]]
    districts: Sequence[str]
    marks: Sequence[Triangle]
    elsewhere: int
    name_size: int


def report_map(city: City, waiting: Mapping[str, int], room: tuple[float, float] = ROOM_MM) -> ReportMap:
    """The map of how many wait, by area code; ``elsewhere``: how many of them lie in no area of the city.

    ``room``: the millimetres that it has on the page, by which its letters keep their size.
    """
    drawn = outline_paths(city)
    unit_mm = min(room[0] / (ACROSS + 2 * MARGIN), room[1] / (drawn["height"] + 2 * MARGIN))
    letters = ceil(SMALLEST_MM / unit_mm)
    by_district = Counter[str]()
    for code, n in waiting.items():
        if code in city.areas:
            by_district[city.areas[code].district] += n
    return ReportMap(
        width=ACROSS,
        height=drawn["height"],
        areas=[(one["path"], min(TONES, waiting.get(one["code"], 0))) for one in drawn["areas"]],
        districts=[one["path"] for one in drawn["districts"]],
        marks=_marks(city, drawn["districts"], by_district, letters),
        elsewhere=sum(n for code, n in waiting.items() if code not in city.areas),
        name_size=letters,
    )


def _marks(city: City, places: Sequence[Mapping[str, Any]], counted: Mapping[str, int], letters: int) -> list[Triangle]:
    """Marks of districts where somebody waits, the largest first: a name that would touch another is left out."""
    most = max(counted.values(), default=0)
    unit = min(OF_ONE, HIGHEST / sqrt(most)) if most else OF_ONE
    taken: list[tuple[float, float, float, float]] = []
    marks = []
    for place in sorted(places, key=lambda one: (-counted.get(one["code"], 0), one["code"])):
        n = counted.get(place["code"], 0)
        if n:
            mark = _mark(city.districts[place["code"]].name, place["at"], n, unit, letters)
            marks.append(mark)
            taken.append(_box(mark.x, mark.base - mark.size, 1.3 * mark.size, mark.size))
    return [_with_room(mark, taken, letters) for mark in marks]


def _mark(name: str, at: tuple[int, int], n: int, unit: float, letters: int) -> Triangle:
    # The smallest holds a figure of the smallest size.
    height = max(LOWEST, round(2.2 * letters), round(unit * sqrt(n)))
    half = round(height * 0.6)
    x, y = at
    top, base = y - round(height * 0.7), y + round(height * 0.3)
    room = 1.3 * half / (FIGURE * len(str(n)))
    return Triangle(
        points=f"{x},{top} {x + half},{base} {x - half},{base}",
        n=n,
        x=x,
        base=base - round(height * 0.1),
        size=max(letters, round(min(height * 0.42, room))),
        name=name,
        below=base + letters,
    )


def _with_room(mark: Triangle, taken: list[tuple[float, float, float, float]], letters: int) -> Triangle:
    """The mark with its name, if that meets nothing that stands already."""
    box = _box(mark.x, mark.below - 0.72 * letters, len(mark.name) * letters * LETTER, 0.8 * letters)
    inside = box[0] >= -60 and box[2] <= ACROSS + 60
    if inside and not any(_meet(box, other) for other in taken):
        taken.append(box)
        return mark
    return Triangle(points=mark.points, n=mark.n, x=mark.x, base=mark.base, size=mark.size, name="", below=mark.below)


def _box(x: float, top: float, width: float, height: float) -> tuple[float, float, float, float]:
    return x - width / 2, top, x + width / 2, top + height


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
