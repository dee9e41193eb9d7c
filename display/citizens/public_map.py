"""/lapor/peta."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from math import cos, floor, radians

import msgspec
from flask import Response, request

from display.citizens.responses import STATIC, Counter, closed, policy, shown, spoken
from display.feed.snapshot import SingleFlight
from display.pages.wall import language_of
from liveroom.city.city import City
from liveroom.courier.content import category_in, day_in, moment_in
from liveroom.domain.surge import METRES_A_DEGREE
from liveroom.domain.timestamps import from_micros
from liveroom.log.event_log import EventLog, Slices, room_now
from liveroom.projection import public
from liveroom.projection.public import LATEST, DoneKey, Spot
from liveroom.projection.search import NEWEST, Key
from liveroom.runtime.config import MapSettings
from liveroom.runtime.time import monotonic

# Places made coarse for everybody's eyes: squares of some 250 m, since an exact point may be somebody's house.
#
# All that is told of a place follows from its square alone, the area too: what two answers have in common says no more.

SIDE_M = 250.0
# A square of the grid: row from the south, column from the west.
Square = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coarse:
    """A place as everybody may know it; ``area`` is that of the square's middle."""

    square: Square
    area: str


class Grid:
    """The squares over one city; they lie where they lie as long as its outlines do, so no average finds a house."""

    def __init__(self, city: City) -> None:
        self._city = city
        self.south, self.west = city.bounds[0]
        self.high = SIDE_M / METRES_A_DEGREE
        self.wide = self.high / cos(radians(city.centre[0]))
        self._areas: dict[Square, str | None] = {}

    def of(self, lat: float | None, lon: float | None, area: str) -> Coarse | None:
        """The coarse place of a complaint: the square of its point, else of the middle of its area; None without."""
        if lat is not None and lon is not None:
            square = self._square(lat, lon)
            if (found := self._area_of(square)) is not None:
                return Coarse(square=square, area=found)
        known = self._city.areas.get(area)
        if known is None:
            return None
        lon, lat = known.centroid
        return Coarse(square=self._square(lat, lon), area=area)

    def middle(self, square: Square) -> tuple[float, float]:
        """Latitude and longitude of a square's middle."""
        return self.south + (square[0] + 0.5) * self.high, self.west + (square[1] + 0.5) * self.wide

    def _square(self, lat: float, lon: float) -> Square:
        return floor((lat - self.south) / self.high), floor((lon - self.west) / self.wide)

    def _area_of(self, square: Square) -> str | None:
        """Of a square on the city's edge, whose middle is outside, the first area that it touches."""
        if square not in self._areas:
            lat, lon = self.middle(square)
            near = self._city.areas_near(lat, lon, SIDE_M / 2)
            self._areas[square] = self._city.locate(lat, lon) or min(near, default=None)
        return self._areas[square]


# What everybody may know of the city's complaints at one moment: counts by square, area and matter, without a person.
#
# Delicate matters, and those that the city does not know, are counted in the whole city alone: never by place.

# Of open ones and of those done, newest first; what is older is said to be left out.
MOST = 20_000
A_SLICE = 250


@dataclass(slots=True)
class AreaTally:
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
    total: AreaTally = field(default_factory=AreaTally)
    placeless: AreaTally = field(default_factory=AreaTally)
    areas: dict[str, AreaTally] = field(default_factory=lambda: defaultdict(AreaTally))
    lists: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    squares: dict[tuple[Square, str], dict[str, AreaTally]] = field(default_factory=lambda: defaultdict(dict))
    left_out: int = 0


class Painter:
    """Paints a city's picture from one moment of its log."""

    def __init__(self, log: EventLog, city: City, days: int) -> None:
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
            here.setdefault(spot.category, AreaTally()).add(spot)
            day = self._city.policy.day(from_micros(spot.received_at))
            entry = Entry(status=spot.status, overdue=spot.overdue, category=spot.category, day=day)
            picture.lists[place.area].append(entry)


# ``/lapor/peta``: the map that everybody may open, where the settings say so; built once a minute for however many.

KEPT_S = 60
# What takes longer than this to paint is painted more seldom in proportion: never above 2 % of a process.
QUICK_S = 1.2
LISTED = 100
MINUTE = f"public, max-age={KEPT_S}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A picture, when it was painted, what that took, and the answers that were made of it: a few a language."""

    picture: Picture
    when: float
    took: float
    answers: dict[tuple[str, str], bytes] = field(default_factory=dict)


class PublicMap:
    """The page with its lists, and the squares for its map. Nobody's request reads the log while a picture is young."""

    def __init__(self, counter: Counter, tiles: MapSettings) -> None:
        self._counter = counter
        self._tiles = tiles
        self._painter = Painter(counter.room.log, counter.room.city, counter.public.map_days)
        self._flight: SingleFlight[_Kept] = SingleFlight()
        self._kept: _Kept | None = None

    def page(self) -> Response:
        """The whole city by areas, or one area's complaints."""
        city, area = self._counter.room.city, request.args.get("area", "")
        if not self._counter.public.map or (area and area not in city.areas):
            return closed(self._counter, "none", 404)
        kept, name = self._now(), (language_of(city), area)
        if name not in kept.answers:
            kept.answers[name] = self._written(kept.picture, area)
        headers = {"Cache-Control": MINUTE, "X-Robots-Tag": "noindex, nofollow"}
        headers["Content-Security-Policy"] = policy(self._tiles.image_source if self._tiles.tiles else None)
        return Response(kept.answers[name], 200, headers, mimetype="text/html")

    def squares(self) -> Response:
        """The squares with their counts by matter, as JSON."""
        if not self._counter.public.map:
            return closed(self._counter, "none", 404)
        kept, city = self._now(), self._counter.room.city
        name = language_of(city), "squares"
        if name not in kept.answers:
            kept.answers[name] = msgspec.json.encode(self._squares(kept.picture, city))
        return Response(kept.answers[name], 200, {"Cache-Control": MINUTE}, mimetype="application/json")

    def _now(self) -> _Kept:
        """A picture at most a minute old. Raises Unavailable."""
        return self._flight.run("picture", self._fresh)

    def _fresh(self) -> _Kept:
        kept = self._kept
        if kept is None or monotonic() - kept.when >= KEPT_S * max(1.0, kept.took / QUICK_S):
            begun = monotonic()
            picture = self._painter.paint()
            kept = self._kept = _Kept(picture=picture, when=monotonic(), took=monotonic() - begun)
        return kept

    def _written(self, picture: Picture, area: str) -> bytes:
        city = self._counter.room.city
        language = spoken(language_of(city))
        context = {
            "picture": picture,
            "tiles": self._tiles,
            "days": self._counter.public.map_days,
            "now": moment_in(city, picture.at, language),
            "none": AreaTally(),
            "districts": _districts(picture, city),
        }
        if not area:
            return bytes(shown(self._counter, "lapor_map.html", context).get_data())
        entries = [
            (entry, category_in(city, entry.category, language), day_in(entry.day, language))
            for entry in picture.lists.get(area, [])[:LISTED]
        ]
        more = {"area": city.areas[area], "entries": entries, "tally": picture.areas.get(area, AreaTally())}
        return bytes(shown(self._counter, "lapor_area.html", context | more).get_data())

    def _squares(self, picture: Picture, city: City) -> dict[str, object]:
        """Rows ``[row, column, area, [matter, waiting, in process, done, overdue], …]``; names by their index."""
        grid, language = self._painter.grid, spoken(language_of(city))
        areas = list(dict.fromkeys(area for _, area in picture.squares))
        matters = list(dict.fromkeys(matter for here in picture.squares.values() for matter in here))
        rows = [
            [*square, areas.index(area), *([matters.index(matter), *_numbers(tally)] for matter, tally in here.items())]
            for (square, area), here in sorted(picture.squares.items(), key=lambda pair: pair[0])
        ]
        return {
            "grid": {"south": grid.south, "west": grid.west, "high": grid.high, "wide": grid.wide},
            "areas": [city.areas[area].name for area in areas],
            "matters": [category_in(city, matter, language) for matter in matters],
            "squares": rows,
        }


def _numbers(tally: AreaTally) -> tuple[int, int, int, int]:
    return tally.waiting, tally.in_process, tally.done, tally.overdue


def _districts(picture: Picture, city: City) -> list[tuple[str, AreaTally, list[tuple[str, str, AreaTally]]]]:
    """Every district with its sum and its areas, in the order of the pack."""
    found = []
    for code, district in city.districts.items():
        of = [area for area in city.areas.values() if area.district == code]
        rows = [(area.code, area.name, picture.areas.get(area.code, AreaTally())) for area in of]
        whole = AreaTally(*(sum(part) for part in zip(*(_numbers(tally) for _, _, tally in rows), strict=True)))
        found.append((district.name, whole, rows))
    return found


# What the page loads only when asked, or to be installed: the city's outlines, the manifest, the service worker.

A_DAY = "public, max-age=86400"
# Five decimals are a metre.
DECIMALS = 4


class Ground:
    """Public files that depend on the city."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._outlines = msgspec.json.encode(_outlines(counter.room.city))

    def outlines(self) -> Response:
        """The districts as GeoJSON, each with where its name stands, the city's bounds and whose data it is."""
        return Response(self._outlines, 200, {"Cache-Control": A_DAY}, content_type="application/json")

    def manifest(self) -> Response:
        """What a telephone needs to keep the page beside its apps."""
        city = self._counter.room.city
        english = language_of(city) == "en"
        name = ("Report to " if english else "Lapor ") + city.name
        icons = [_icon(size) for size in (192, 512)]
        told = {
            "id": "/lapor",
            "name": name,
            "short_name": "Report" if english else "Lapor",
            "lang": language_of(city),
            "start_url": f"/lapor?lang={language_of(city)}",
            "scope": "/lapor",
            "display": "standalone",
            "background_color": COLOUR,
            "theme_color": COLOUR,
            "icons": [*icons, {"src": "/static/icons/lapor.svg", "sizes": "any", "type": "image/svg+xml"}],
        }
        return Response(msgspec.json.encode(told), 200, {"Cache-Control": A_DAY}, mimetype="application/manifest+json")

    def worker(self) -> Response:
        """The service worker, under the path of the page that it serves."""
        text = (STATIC / "sw_lapor.js").read_text("utf-8")
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/lapor"}
        return Response(text, 200, headers, content_type="text/javascript; charset=utf-8")


# The ground of tokens.css, which a manifest cannot read.
COLOUR = "#11161C"


def _icon(size: int) -> dict[str, str]:
    src = f"/static/icons/lapor-{size}.png"
    return {"src": src, "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}


def _outlines(city: City) -> dict[str, object]:
    shapes = [
        {"type": "Feature", "properties": {"name": one.name, "anchor": one.anchor}, "geometry": _rounded(one.geometry)}
        for one in city.districts.values()
    ]
    whose = {"attribution": city.attribution, "attribution_en": city.attribution_en}
    return {"type": "FeatureCollection", "features": shapes, "bounds": city.bounds, **whose}


def _rounded(value: object) -> object:
    """The same with shorter numbers, for a slow network."""
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return list(map(partial(_rounded), value))
    return value
