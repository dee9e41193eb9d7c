"""What everybody may know of the city's complaints at one moment: counts by square, area and matter, without a person.

Delicate matters, and those that the city does not know, are counted in the whole city alone: never by place.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from display.citizens.coarse import Grid, Square
from liveroom.city.city import City
from liveroom.domain.timestamps import from_micros
from liveroom.log.event_log import Log, Slices, room_now
from liveroom.projection import public
from liveroom.projection.public import LATEST, DoneKey, Spot
from liveroom.projection.search import NEWEST, Key

# Of open ones and of those done, newest first; what is older is said to be left out.
MOST = 20_000
A_SLICE = 250


@dataclass(slots=True)
class Tally:
    """How many; those overdue are among the open ones."""

    waiting: int = 0
    in_process: int = 0
    done: int = 0
    overdue: int = 0

    def add(self, spot: Spot) -> None:
        """Count one."""
        setattr(self, spot.status, getattr(self, spot.status) + 1)
        self.overdue += spot.overdue

    @property
    def all(self) -> int:
        """Open and done."""
        return self.waiting + self.in_process + self.done


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One complaint in the list of its area."""

    status: str
    overdue: bool
    category: str
    day: date


@dataclass(slots=True, kw_only=True)
class Picture:
    """``at`` room time; ``since`` the first day of what is done; ``placeless`` of ``total`` are shown at no place.

    ``left_out``: older ones that were not looked at, 0 but in a very large room.
    """

    at: datetime
    since: date
    total: Tally = field(default_factory=Tally)
    placeless: Tally = field(default_factory=Tally)
    areas: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    lists: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    squares: dict[tuple[Square, str], dict[str, Tally]] = field(default_factory=lambda: defaultdict(dict))
    left_out: int = 0


class Painter:
    """Paints a city's picture from one moment of its log."""

    def __init__(self, log: Log, city: City, days: int) -> None:
        self._log = log
        self._city = city
        self._days = timedelta(days=days)
        self.grid = Grid(city)

    def paint(self) -> Picture:
        """The picture of now; others run between its slices. Raises Unavailable."""
        with self._log.slices() as slices:
            at = slices.run(room_now)
            picture = Picture(at=at, since=self._city.policy.day(at) - self._days)
            self._open(picture, slices)
            self._done(picture, slices)
            there = slices.run(partial(public.how_many, first=picture.since.isoformat()))
        picture.left_out = sum(max(0, n - MOST) for n in there)
        for entries in picture.lists.values():
            entries.sort(key=lambda entry: entry.day, reverse=True)
        return picture

    def _open(self, picture: Picture, slices: Slices) -> None:
        key: Key | None = NEWEST
        for _ in range(MOST // A_SLICE):
            if key is not None:
                spots, key = slices.run(partial(public.open_before, key=key, limit=A_SLICE))
                self._put(picture, spots)

    def _done(self, picture: Picture, slices: Slices) -> None:
        key: DoneKey | None = LATEST
        read = partial(public.done_before, first=picture.since.isoformat(), limit=A_SLICE)
        for _ in range(MOST // A_SLICE):
            if key is not None:
                spots, key = slices.run(partial(read, key=key))
                self._put(picture, spots)

    def _put(self, picture: Picture, spots: list[Spot]) -> None:
        for spot in spots:
            picture.total.add(spot)
            private = self._city.policy.is_private(spot.category)
            place = None if private else self.grid.of(spot.lat, spot.lon, spot.area)
            if place is None:
                picture.placeless.add(spot)
                continue
            picture.areas[place.area].add(spot)
            here = picture.squares[place.square, place.area]
            here.setdefault(spot.category, Tally()).add(spot)
            day = self._city.policy.day(from_micros(spot.received_at))
            entry = Entry(status=spot.status, overdue=spot.overdue, category=spot.category, day=day)
            picture.lists[place.area].append(entry)
