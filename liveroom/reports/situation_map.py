"""The situation map: how many reports are open in each area, drawn by folium, as one HTML file that asks for nothing.

Areas and districts are its finest places: no report, no point and no word of a citizen is in it, so that it may leave
the room. Leaflet is inside, and the page forbids itself every other address.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from markupsafe import Markup, escape

from liveroom.city.areas import Area
from liveroom.city.city import City
from liveroom.log.event_log import Slices
from liveroom.projection import complaints as complaint_rows
from liveroom.projection import reports
from liveroom.reports.brief import ReportMoment, ReportPosition
from liveroom.reports.paper import Print, ReportLanguage, frame, rendered

LEAFLET = Path(__file__).resolve().parents[2] / "static" / "vendor" / "leaflet"
# Tones of the land by how many are open: none, up to 2, up to 5, up to 10, more; each darker, for paper too.
TONES = ("#EDF1F5", "#DCE4EC", "#C6D2DE", "#A9BACD", "#7F93A8")
_LIMITS = (0, 2, 5, 10)
_SEAM, _BORDER = "#FFFFFF", "#4A5563"
# Of a degree: 11 m. Neighbours keep their common edge.
_DECIMALS = 4
_ADDRESS = re.compile(r"url\([^)]*\)")


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What the map shows: by area code how many wait, are in process and are overdue; "" has no area of the city."""

    position: ReportPosition
    open_n: int
    waiting: Mapping[str, int]
    in_process: Mapping[str, int]
    overdue: Mapping[str, int]
    working_day_s: int


def read_situation(slices: Slices, city: City) -> Situation:
    """The situation now, at one position of the log."""
    moment = ReportMoment(slices, city)
    counts: Any = moment.read(partial(complaint_rows.counts, date=moment.today.isoformat()))
    read = {name: moment.read(partial(reports.open_by_area, what=name)) for name in reports.OPEN_PARTS}
    return Situation(
        position=moment.position, open_n=counts["stock"]["open"], working_day_s=moment.working_day_s(), **read
    )


def situation_html(situation: Situation, city: City, language: str) -> str:
    """The map as one HTML file."""
    speech = ReportLanguage(city, language, situation.working_day_s)
    elsewhere = sum(
        n for part in (situation.waiting, situation.in_process) for code, n in part.items() if code not in city.areas
    )
    script, name = _drawn(situation, city, speech)
    context = {
        **frame(situation, situation.position, speech, Print(language=language)),
        "title": speech.say("printed.title.map", of=city.name),
        "headline": speech.say("printed.open_now", n=situation.open_n),
        "elsewhere": speech.say("printed.where_elsewhere", n=elsewhere) if elsewhere else "",
        "map_id": name,
        "script": Markup(script),
        "leaflet": Markup((LEAFLET / "leaflet.js").read_text("utf-8")),
        "leaflet_css": Markup(_ADDRESS.sub("none", (LEAFLET / "leaflet.css").read_text("utf-8"))),
        "legend": [(tone, said) for tone, said in zip(TONES, ("0", "1–2", "3–5", "6–10", "> 10"), strict=True)],
    }
    return rendered("map.html", context)


def _drawn(situation: Situation, city: City, speech: ReportLanguage) -> tuple[str, str]:
    """Folium's script, and the id of the element that it draws in; every id is set by hand: its own are random."""
    import folium

    whole = folium.Map(location=city.centre, zoom_start=12, tiles=None, zoom_snap=0, zoom_animation=False)
    whole._id, whole.default_js, whole.default_css = "situation", [], []
    fit = folium.FitBounds(city.bounds, padding=(8, 8))
    fit._id = "city"
    whole.add_child(fit)
    areas = folium.GeoJson(
        {"type": "FeatureCollection", "features": [_feature(one, situation, speech) for one in city.areas.values()]},
        style_function=lambda one: {
            "color": _SEAM,
            "weight": 1,
            "fillColor": one["properties"]["tone"],
            "fillOpacity": 1,
        },
        smooth_factor=0,
        # Leaflet writes both into the page as HTML.
        tooltip=folium.GeoJsonTooltip(fields=["said"], aliases=[""], labels=False),
        attribution=str(escape(speech.attribution)),
    )
    areas._id = "areas"
    areas.add_to(whole)
    borders = folium.GeoJson(
        {
            "type": "FeatureCollection",
            "features": [_outline(one.code, one.geometry) for one in city.districts.values()],
        },
        style_function=lambda _: {"color": _BORDER, "weight": 1.5, "fill": False},
        smooth_factor=0,
        interactive=False,
    )
    borders._id = "districts"
    borders.add_to(whole)
    _add_numbers(whole, situation, city)
    root: Any = whole.get_root()
    root.render()
    return root.script.render(), whole.get_name()


def _add_numbers(whole: Any, situation: Situation, city: City) -> None:
    """How many are open in each district, at its mark, with its name."""
    import folium

    counted = Counter[str]()
    for part in (situation.waiting, situation.in_process):
        for code, n in part.items():
            if code in city.areas:
                counted[city.areas[code].district] += n
    for number, district in enumerate(city.districts.values()):
        lon, lat = district.anchor
        number_ = f"<b>{counted[district.code]}</b><span>{_entities(district.name)}</span>"
        # A marker would first ask for Leaflet's own picture; this mark has nothing to draw but its words.
        label = folium.Tooltip(number_, sticky=False, permanent=True, direction="center", class_name="mark")
        mark = folium.CircleMarker((lat, lon), radius=1, stroke=False, fill=False, interactive=False, tooltip=label)
        mark._id, label._id = f"mark{number}", f"label{number}"
        mark.add_to(whole)


def _entities(name: str) -> str:
    """A name of which nothing can become markup or script: folium writes it into HTML within a script."""
    return "".join(one if one.isalnum() or one in " .,-" else f"&#{ord(one)};" for one in name)


def _feature(area: Area, situation: Situation, speech: ReportLanguage) -> dict[str, Any]:
    waiting, in_process, overdue = (
        part.get(area.code, 0) for part in (situation.waiting, situation.in_process, situation.overdue)
    )
    number = waiting + in_process
    said = speech.say("printed.area_open", n=number, waiting=waiting, in_process=in_process, overdue=overdue)
    tone = TONES[sum(number > limit for limit in _LIMITS)]
    outline = _outline(area.code, area.geometry)
    return outline | {"properties": {"tone": tone, "said": f"<b>{_entities(area.name)}</b><br>{escape(said)}"}}


def _outline(code: str, geometry: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "id": code, "properties": {}, "geometry": _rounded(dict(geometry))}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, list | tuple) else value
