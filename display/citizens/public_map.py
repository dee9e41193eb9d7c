"""The public map `/lapor/peta`: complaints by square and area, without people; and files of the city for these pages.

Places are made coarse, to squares of some 250 m, since an exact point may be somebody's house. All that is said of a
place, its area too, follows from its square alone, so that two answers together say no more than one. Private matters,
and categories that the city does not know, are counted for the whole city only. The map exists where the settings say
so, and is built once a minute for however many ask.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

import msgspec
from flask import Response, request

from display.citizens.responses import STATIC, CitizenSite, content_policy, message_page, render
from display.pages.map import rounded
from display.pages.page import language_of
from liveroom.city.city import City
from liveroom.city.grid import Grid, Square
from liveroom.city.sheet import named
from liveroom.courier.content import category_in, moment_in
from liveroom.domain.timestamps import from_micros
from liveroom.log.event_log import EventLog, Slices, room_now
from liveroom.projection import public
from liveroom.projection.public import LATEST, DoneKey, Spot
from liveroom.projection.search import NEWEST, Key
from liveroom.runtime.config import MapSettings
from liveroom.runtime.language import text, written_day
from liveroom.runtime.single_flight import SingleFlight
from liveroom.runtime.time import monotonic

# Of open complaints and of those done, newest first; how many older ones are left out is said.
MOST = 20_000
# Complaints a slice.
A_SLICE = 250
KEPT_S = 60
# A map that takes longer than this to build is built less often in proportion: never above 2 % of a process.
QUICK_S = 1.2
# Complaints in the list of an area.
LISTED = 100
CACHE_MINUTE = f"public, max-age={KEPT_S}"
CACHE_DAY = "public, max-age=86400"
# The background of tokens.css, which a manifest cannot read.
COLOUR = "#FFFFFF"


# What the map shows.


@dataclass(slots=True)
class AreaTally:
    """Counts by status; ``overdue`` are among the open ones."""

    waiting: int = 0
    in_process: int = 0
    done: int = 0
    overdue: int = 0

    def add(self, spot: Spot) -> None:
        """Count a complaint."""
        setattr(self, spot.status, getattr(self, spot.status) + 1)
        self.overdue += spot.overdue

    @property
    def all(self) -> int:
        """Open and done."""
        return self.waiting + self.in_process + self.done


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaEntry:
    """One complaint in the list of its area."""

    status: str
    overdue: bool
    category: str
    day: date


@dataclass(slots=True, kw_only=True)
class MapData:
    """The map's counts and lists at one moment.

    ``at``: room time; ``since``: the first day of complaints done; ``placeless``: those of ``total`` that have no
    place on the map; ``left_out``: older ones that were not counted, 0 except in a very large room.
    """

    at: datetime
    since: date
    total: AreaTally = field(default_factory=AreaTally)
    placeless: AreaTally = field(default_factory=AreaTally)
    areas: dict[str, AreaTally] = field(default_factory=lambda: defaultdict(AreaTally))
    lists: dict[str, list[AreaEntry]] = field(default_factory=lambda: defaultdict(list))
    squares: dict[tuple[Square, str], dict[str, AreaTally]] = field(default_factory=lambda: defaultdict(dict))
    left_out: int = 0


class MapBuilder:
    """Builds the map of a city from one moment of its log; ``days``: how long complaints done are shown."""

    def __init__(self, log: EventLog, city: City, days: int) -> None:
        self._log = log
        self._city = city
        self._days = timedelta(days=days)
        self.grid = Grid(city)

    def build(self) -> MapData:
        """The map as of now, read in slices. Raises Unavailable."""
        with self._log.slices() as slices:
            at = slices.run(room_now)
            data = MapData(at=at, since=self._city.policy.day(at) - self._days)
            self._open(data, slices)
            self._done(data, slices)
            there = slices.run(partial(public.how_many, first=data.since.isoformat()))
        data.left_out = sum(max(0, n - MOST) for n in there)
        for entries in data.lists.values():
            entries.sort(key=lambda entry: entry.day, reverse=True)
        return data

    def _open(self, data: MapData, slices: Slices) -> None:
        key: Key | None = NEWEST
        for _ in range(MOST // A_SLICE):
            if key is not None:
                spots, key = slices.run(partial(public.open_before, key=key, limit=A_SLICE))
                self._put(data, spots)

    def _done(self, data: MapData, slices: Slices) -> None:
        key: DoneKey | None = LATEST
        read = partial(public.done_before, first=data.since.isoformat(), limit=A_SLICE)
        for _ in range(MOST // A_SLICE):
            if key is not None:
                spots, key = slices.run(partial(read, key=key))
                self._put(data, spots)

    def _put(self, data: MapData, spots: list[Spot]) -> None:
        for spot in spots:
            data.total.add(spot)
            private = self._city.policy.is_private(spot.category)
            place = None if private else self.grid.of(spot.lat, spot.lon, spot.area)
            if place is None:
                data.placeless.add(spot)
                continue
            data.areas[place.area].add(spot)
            here = data.squares[place.square, place.area]
            here.setdefault(spot.category, AreaTally()).add(spot)
            day = self._city.policy.day(from_micros(spot.received_at))
            entry = AreaEntry(status=spot.status, overdue=spot.overdue, category=spot.category, day=day)
            data.lists[place.area].append(entry)


# The page.


@dataclass(frozen=True, slots=True, kw_only=True)
class _BuiltMap:
    """A map, ``when`` it was built (monotonic), how long it ``took``, and its answers by language and page."""

    data: MapData
    when: float
    took: float
    answers: dict[tuple[str, str], bytes] = field(default_factory=dict)


class PublicMap:
    """The page with its lists, and the squares for its map; requests within a minute share one reading of the log."""

    def __init__(self, site: CitizenSite, tiles: MapSettings) -> None:
        self._site = site
        self._tiles = tiles
        self._builder = MapBuilder(site.room.log, site.room.city, site.public.map_days)
        self._flight: SingleFlight[_BuiltMap] = SingleFlight()
        self._kept: _BuiltMap | None = None

    def page(self) -> Response:
        """The whole city by areas, or the complaints of one area."""
        city, area = self._site.room.city, request.args.get("area", "")
        if not self._site.public.map or (area and area not in city.areas):
            return message_page(self._site, "none", 404)
        kept, name = self._current(), (language_of(city), area)
        if name not in kept.answers:
            kept.answers[name] = self._render(kept.data, area)
        headers = {"Cache-Control": CACHE_MINUTE, "X-Robots-Tag": "noindex, nofollow"}
        headers["Content-Security-Policy"] = content_policy(self._tiles.image_source if self._tiles.tiles else None)
        return Response(kept.answers[name], 200, headers, mimetype="text/html")

    def squares(self) -> Response:
        """The squares with their counts by category, as JSON."""
        if not self._site.public.map:
            return message_page(self._site, "none", 404)
        kept, city = self._current(), self._site.room.city
        name = language_of(city), "squares"
        if name not in kept.answers:
            kept.answers[name] = msgspec.json.encode(self._squares(kept.data, city))
        return Response(kept.answers[name], 200, {"Cache-Control": CACHE_MINUTE}, mimetype="application/json")

    def _current(self) -> _BuiltMap:
        """The map, at most a minute old. Raises Unavailable."""
        return self._flight.run("picture", self._fresh)

    def _fresh(self) -> _BuiltMap:
        kept = self._kept
        if kept is None or monotonic() - kept.when >= KEPT_S * max(1.0, kept.took / QUICK_S):
            begun = monotonic()
            data = self._builder.build()
            kept = self._kept = _BuiltMap(data=data, when=monotonic(), took=monotonic() - begun)
        return kept

    def _render(self, data: MapData, area: str) -> bytes:
        city = self._site.room.city
        language = language_of(city)
        context = {
            "picture": data,
            "tiles": self._tiles,
            "days": self._site.public.map_days,
            "now": moment_in(city, data.at, language),
            "none": AreaTally(),
            "districts": _districts(data, city),
        }
        if not area:
            return bytes(render(self._site, "lapor_map.html", context).get_data())
        entries = [
            (entry, category_in(city, entry.category, language), written_day(entry.day, language))
            for entry in data.lists.get(area, [])[:LISTED]
        ]
        more = {"area": city.areas[area], "entries": entries, "tally": data.areas.get(area, AreaTally())}
        return bytes(render(self._site, "lapor_area.html", context | more).get_data())

    def _squares(self, data: MapData, city: City) -> dict[str, object]:
        """Rows ``[row, column, area, [matter, waiting, in process, done, overdue], …]``; areas and matters by index."""
        grid, language = self._builder.grid, language_of(city)
        areas = list(dict.fromkeys(area for _, area in data.squares))
        matters = list(dict.fromkeys(matter for here in data.squares.values() for matter in here))
        rows = [
            [*square, areas.index(area), *([matters.index(matter), *_numbers(tally)] for matter, tally in here.items())]
            for (square, area), here in sorted(data.squares.items(), key=lambda pair: pair[0])
        ]
        return {
            "grid": {"south": grid.south, "west": grid.west, "high": grid.high, "wide": grid.wide},
            "areas": [city.areas[area].name for area in areas],
            "matters": [category_in(city, matter, language) for matter in matters],
            "squares": rows,
        }


def _numbers(tally: AreaTally) -> tuple[int, int, int, int]:
    return tally.waiting, tally.in_process, tally.done, tally.overdue


def _districts(data: MapData, city: City) -> list[tuple[str, AreaTally, list[tuple[str, str, AreaTally]]]]:
    """Every district with its sum and its areas, in the order of the pack."""
    found = []
    for code, district in city.districts.items():
        of = [area for area in city.areas.values() if area.district == code]
        rows = [(area.code, area.name, data.areas.get(area.code, AreaTally())) for area in of]
        whole = AreaTally(*(sum(part) for part in zip(*(_numbers(tally) for _, _, tally in rows), strict=True)))
        found.append((district.name, whole, rows))
    return found


# Files that depend on the city.


class CityFiles:
    """The outlines for the maps, and the manifest and service worker with which the page can be installed."""

    def __init__(self, site: CitizenSite) -> None:
        self._site = site
        self._outlines = msgspec.json.encode(_outlines(site.room.city))

    def outlines(self) -> Response:
        """The districts as GeoJSON, each with the anchor of its name, and the city's bounds and attribution."""
        return Response(self._outlines, 200, {"Cache-Control": CACHE_DAY}, content_type="application/json")

    def manifest(self) -> Response:
        """The web app manifest."""
        city = self._site.room.city
        language = language_of(city)
        icons = [_icon(size) for size in (192, 512)]
        content = {
            "id": "/lapor",
            "name": text("citizen_page.app_name", language, city=city.name),
            "short_name": text("citizen_page.app_short_name", language),
            "lang": language,
            "start_url": f"/lapor?lang={language}",
            "scope": "/lapor",
            "display": "standalone",
            "background_color": COLOUR,
            "theme_color": COLOUR,
            "icons": [*icons, {"src": "/static/icons/lapor.svg", "sizes": "any", "type": "image/svg+xml"}],
        }
        return Response(
            msgspec.json.encode(content), 200, {"Cache-Control": CACHE_DAY}, mimetype="application/manifest+json"
        )

    def worker(self) -> Response:
        """The service worker, under the path that it serves."""
        files = msgspec.json.encode(self._site.assets.addresses("lapor_report")).decode()
        text = f"self.FILES = {files};\n{(STATIC / 'sw_lapor.js').read_text('utf-8')}"
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/lapor"}
        return Response(text, 200, headers, content_type="text/javascript; charset=utf-8")


def _icon(size: int) -> dict[str, str]:
    src = f"/static/icons/lapor-{size}.png"
    return {"src": src, "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}


def _outlines(city: City) -> dict[str, object]:
    shapes = [
        {"type": "Feature", "properties": {"name": one.name, "anchor": one.anchor}, "geometry": rounded(one.geometry)}
        for one in city.districts.values()
    ]
    whose = named("attribution", city.attribution, city.attributions)
    return {"type": "FeatureCollection", "features": shapes, "bounds": city.bounds, **whose}
