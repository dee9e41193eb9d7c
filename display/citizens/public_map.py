"""``/lapor/peta``: the map that everybody may open, where the settings say so; built once a minute for however many."""

from dataclasses import dataclass, field

import msgspec
from flask import Response, request

from display.citizens.picture import Painter, Picture, Tally
from display.citizens.showing import Counter, closed, policy, shown
from display.citizens.words import spoken
from display.feed.single_flight import SingleFlight
from display.pages import language_of
from liveroom.city.city import City
from liveroom.courier.content import category_in, day_in, moment_in
from liveroom.runtime.config import MapSettings
from liveroom.runtime.time import monotonic

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
        headers["Content-Security-Policy"] = policy(self._tiles.pictures if self._tiles.tiles else None)
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
        return self._flight.do("picture", self._fresh)

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
            "none": Tally(),
            "districts": _districts(picture, city),
        }
        if not area:
            return bytes(shown(self._counter, "lapor_map.html", context).get_data())
        entries = [
            (entry, category_in(city, entry.category, language), day_in(entry.day, language))
            for entry in picture.lists.get(area, [])[:LISTED]
        ]
        more = {"area": city.areas[area], "entries": entries, "tally": picture.areas.get(area, Tally())}
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


def _numbers(tally: Tally) -> tuple[int, int, int, int]:
    return tally.waiting, tally.in_process, tally.done, tally.overdue


def _districts(picture: Picture, city: City) -> list[tuple[str, Tally, list[tuple[str, str, Tally]]]]:
    """Every district with its sum and its areas, in the order of the pack."""
    found = []
    for code, district in city.districts.items():
        of = [area for area in city.areas.values() if area.district == code]
        rows = [(area.code, area.name, picture.areas.get(area.code, Tally())) for area in of]
        whole = Tally(*(sum(part) for part in zip(*(_numbers(tally) for _, _, tally in rows), strict=True)))
        found.append((district.name, whole, rows))
    return found
