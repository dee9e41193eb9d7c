"""drill.yaml, the script of a city's drill: how much is reported, when, where, and in which words.

- `Script` and its parts: the file's shape. `read_script` names every fault of it at once (ConfigError).
- `plain_script`: the drill of a pack without the file.
- `DrillPlaces`: random points inside the areas, a little off their outlines.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from string import Formatter
from typing import Annotated

from msgspec import Meta
from shapely import Point, prepare
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from liveroom.city.areas import Area
from liveroom.city.city import City
from liveroom.city.sheet import Text, read_yaml, refer
from liveroom.runtime.errors import ConfigError, Fault

FILE = "drill.yaml"
HOURS = 24
# Slots that templates may hold.
SAYS = frozenset({"landmark", "since", "just", "n", "street", "area"})
OPENS = frozenset({"text", "Text"})
ADDRESSES = frozenset({"street", "no", "rt", "rw"})
PLACES = frozenset({"address", "area", "district"})
# One degree of latitude in metres; how far points stay off an outline, in degrees.
METRES = 110_574.0
MARGIN = 15 / METRES
TRIES = 200

Weight = Annotated[int, Meta(ge=0, le=10_000)]
Count = Annotated[int, Meta(ge=0, le=5_000)]
TimeOfDay = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="a time of day like 07:30")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillChannel:
    """A source the drill plays, ``every`` so many seconds alive.

    ``weight`` counts among ordinary reports, ``emergency`` among critical ones.
    ``office``: open while the shift is. ``opens`` hold the slots text and Text (capital first), ``closes`` may be "".
    """

    name: Text
    every: Annotated[int, Meta(ge=1, le=86_400)] = 60
    weight: Weight = 1
    emergency: Weight = 1
    office: bool = False
    opens: tuple[Text, ...] = ("{Text}.",)
    closes: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The same matter, reported ``reports`` times within ``minutes``, around the time of day ``at``."""

    category: str
    reports: Count
    minutes: Annotated[int, Meta(ge=1, le=600)]
    at: TimeOfDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """A cloudburst: many reports from neighbouring areas within ``minutes``, each day at another time in the window.

    ``areas``: reports by area code. ``also``: the category of every twentieth report.
    """

    category: str
    also: str | None = None
    minutes: Annotated[int, Meta(ge=1, le=600)]
    earliest: TimeOfDay
    latest: TimeOfDay
    areas: Mapping[str, Count]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words of a category: ``says`` one case each, ``adds`` a second sentence, ``done`` what the agency did."""

    weight: Weight = 10
    says: tuple[Text, ...]
    adds: tuple[Text, ...] = ()
    done: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Words for the slots. ``addresses`` hold street, no, rt and rw; ``places`` address, area and district."""

    streets: tuple[Text, ...]
    addresses: tuple[Text, ...]
    places: tuple[Text, ...]
    landmarks: tuple[Text, ...]
    since: tuple[Text, ...]
    just: tuple[Text, ...]
    first_names: tuple[Text, ...]
    surnames: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPhrases:
    """Phrases of simulated staff, by occasion."""

    decline: tuple[Text, ...]
    reject: tuple[Text, ...]
    ask: tuple[Text, ...]
    answer: tuple[Text, ...]
    hold: tuple[Text, ...]
    send_back: tuple[Text, ...]
    reopen: tuple[Text, ...]
    close: tuple[Text, ...]
    refer: tuple[Text, ...]
    reply: tuple[Text, ...]
    note: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillShift:
    """Working hours of staff and offices that are not open around the clock, every day of the drill."""

    opens: TimeOfDay = "06:30"
    closes: TimeOfDay = "22:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """drill.yaml. ``curve``: shares by hour of the day, 24 numbers.

    A category of weight 0 comes in bursts and clusters only.
    """

    per_day: Count
    emergencies: Count
    curve: tuple[Weight, ...]
    shift: DrillShift = field(default_factory=DrillShift)
    channels: tuple[DrillChannel, ...]
    clusters: tuple[Cluster, ...] = ()
    burst: Burst | None = None
    vocabulary: Vocabulary
    staff: StaffPhrases
    categories: Mapping[str, Wording]


# The plain drill, in English: the city's categories and areas by name.

CURVE = (5, 3, 2, 2, 3, 7, 14, 26, 46, 54, 49, 33, 23, 24, 26, 26, 24, 22, 25, 42, 46, 27, 14, 9)


def plain_script(city: City) -> Script:
    """400 reports a day by one source, every category alike; the words say that it is practice."""
    return Script(
        per_day=400,
        emergencies=8,
        curve=CURVE,
        channels=(DrillChannel(name="Drill"),),
        vocabulary=VOCABULARY,
        staff=STAFF,
        categories={
            key: Wording(says=(_practice_report(category.label),)) for key, category in city.categories.items()
        },
    )


def _practice_report(label: str) -> str:
    """The template of a category; braces in its label are no slots."""
    escaped = label.replace("{", "{{").replace("}", "}}")
    return f"practice report, {escaped}, {{landmark}} in {{area}}"


VOCABULARY = Vocabulary(
    streets=("First Example Street", "Second Example Street", "Third Example Street", "Example Lane"),
    addresses=("{no} {street}",),
    places=("{address}, {area}, {district}",),
    landmarks=("near the school", "by the bridge", "at the corner", "in front of the shop", "behind the station"),
    since=("since yesterday", "for two days", "for a week"),
    just=("just now", "ten minutes ago"),
    first_names=("Alex", "Kim", "Robin", "Sam", "Jo"),
    surnames=("Example", "Sample", "Practice"),
)
STAFF = StaffPhrases(
    decline=("Practice: not ours",),
    reject=("Practice: nothing to act on",),
    ask=("Practice: where exactly?",),
    answer=("Practice: at the corner",),
    hold=("Practice: waiting for material",),
    send_back=("Practice: the picture shows another place",),
    reopen=("Practice: it is back",),
    close=("Practice: answered at the counter",),
    refer=("Practice: belongs elsewhere",),
    reply=("Practice: somebody is on the way",),
    note=("Practice: finished",),
)


# The file and its faults.


def read_script(folder: Path, city: City) -> Script:
    """The drill of the pack in ``folder``. Raises ConfigError with every fault of its drill.yaml."""
    path = folder / FILE
    if not path.exists():
        return plain_script(city)
    faults: list[Fault] = []
    script = read_yaml(path, Script, faults=faults)
    # A part whose shape is faulty is left out of the script, so the rest cannot be judged.
    if script is not None and not faults:
        faults += _check(script, city)
    if script is None or faults:
        raise ConfigError(faults)
    return script


def _check(script: Script, city: City) -> list[Fault]:
    """Faults beyond the shape: 24 hours, keys that exist, slots that are known, lists that are not empty."""
    faults = list(_unknown_keys(script, city))
    if len(script.curve) != HOURS or not any(script.curve):
        faults.append(Fault(f"{FILE}: curve", f"needs {HOURS} numbers, not all of them 0"))
    if not any(wording.weight for wording in script.categories.values()):
        faults.append(Fault(f"{FILE}: categories", "needs one with a weight"))
    if not script.channels or not any(channel.weight and not channel.office for channel in script.channels):
        faults.append(Fault(f"{FILE}: channels", "needs one with a weight that is always open"))
    for where, templates, slots in _templates(script):
        faults += [
            Fault(f"{FILE}: {where}[{n}]", fault)
            for n, text in enumerate(templates)
            for fault in _template_faults(text, slots)
        ]
    return [*faults, *_empty_lists(script)]


def _unknown_keys(script: Script, city: City) -> Iterator[Fault]:
    """References to what the rest of the pack does not have."""
    for key in script.categories:
        yield from refer(key, city.categories, where=f"{FILE}: categories.{key}", what="category")
    categories = {f"clusters[{n}].category": cluster.category for n, cluster in enumerate(script.clusters)}
    if script.burst is not None:
        categories["burst.category"] = script.burst.category
        if script.burst.also is not None:
            categories["burst.also"] = script.burst.also
        for code in script.burst.areas:
            yield from refer(code, city.areas, where=f"{FILE}: burst.areas.{code}", what="area")
    for where, key in categories.items():
        yield from refer(key, script.categories, where=f"{FILE}: {where}", what="category of this drill")


def _templates(script: Script) -> Iterator[tuple[str, Iterable[str], frozenset[str]]]:
    """Every list of templates with the slots that it may hold."""
    for key, wording in script.categories.items():
        yield f"categories.{key}.says", wording.says, SAYS
        yield f"categories.{key}.adds", wording.adds, SAYS
    for channel in script.channels:
        yield f"channels.{channel.name}.opens", channel.opens, OPENS
    yield "vocabulary.addresses", script.vocabulary.addresses, ADDRESSES
    yield "vocabulary.places", script.vocabulary.places, PLACES


def _empty_lists(script: Script) -> Iterator[Fault]:
    """Lists to draw from that hold nothing."""
    for part in ("vocabulary", "staff"):
        for name in getattr(script, part).__slots__:
            if not getattr(getattr(script, part), name):
                yield Fault(f"{FILE}: {part}.{name}", "needs at least one")
    for key, wording in script.categories.items():
        if not wording.says:
            yield Fault(f"{FILE}: categories.{key}.says", "needs at least one")


def _template_faults(template: str, slots: frozenset[str]) -> list[str]:
    try:
        named = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    except ValueError as error:
        return [f"is no template: {error}"]
    return [f"knows no slot {name!r}, only {', '.join(sorted(slots))}" for name in sorted(named - slots)]


# Places.


class DrillPlaces:
    """Points inside the areas; ``weights`` grow with an area's size, up to a cap."""

    def __init__(self, areas: Iterable[Area]) -> None:
        """``areas`` in the order of the pack."""
        outlines = {area.code: shape(area.geometry) for area in areas}
        sizes = sorted(outline.area for outline in outlines.values())
        cap = 2 * sizes[len(sizes) // 2]
        self.codes = tuple(outlines)
        self.weights = tuple(math.sqrt(min(outline.area, cap)) for outline in outlines.values())
        self._inner = {code: _inner(outline) for code, outline in outlines.items()}

    def point(self, rng: Random, code: str) -> tuple[float, float]:
        """Latitude and longitude anywhere in an area, in degrees to 5 places (1 m)."""
        west, south, east, north = self._inner[code].bounds
        return self._first_inside(code, ((rng.uniform(west, east), rng.uniform(south, north)) for _ in range(TRIES)))

    def near(self, rng: Random, code: str, centre: tuple[float, float], metres: float) -> tuple[float, float]:
        """A point within ``metres`` of ``centre`` (lat, lon), inside the area."""
        lat, lon = centre
        across = METRES * math.cos(math.radians(lat))
        draws = ((rng.uniform(0, math.tau), metres * math.sqrt(rng.random())) for _ in range(TRIES))
        around = ((lon + far * math.cos(turn) / across, lat + far * math.sin(turn) / METRES) for turn, far in draws)
        return self._first_inside(code, around)

    def _first_inside(self, code: str, candidates: Iterable[tuple[float, float]]) -> tuple[float, float]:
        """The first (lon, lat) that lies inside, as (lat, lon); else some point that does."""
        inner = self._inner[code]
        for lon, lat in candidates:
            lon, lat = round(lon, 5), round(lat, 5)
            if inner.contains(Point(lon, lat)):
                return lat, lon
        somewhere = inner.representative_point()
        return somewhere.y, somewhere.x


def _inner(outline: BaseGeometry) -> BaseGeometry:
    """The area without its margin; an area that is all margin as it is."""
    shrunk = outline.buffer(-MARGIN)
    inner = outline if shrunk.is_empty else shrunk
    prepare(inner)
    return inner
