"""What a city's drill is made of, as its pack says it in drill.yaml: how much, when, where, and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from liveroom.city.sheet import Text

FILE = "drill.yaml"
Weight = Annotated[int, Meta(ge=0, le=10_000)]
Count = Annotated[int, Meta(ge=0, le=5_000)]
TimeOfDay = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="a time of day like 07:30")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
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
    """The same matter told ``reports`` times within ``minutes``, around the time of day ``at``."""

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
class Telling:
    """How citizens tell of a category: ``says`` one case each, ``adds`` a second sentence, ``done`` what was done."""

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
class Staff:
    """What simulated staff write, by occasion."""

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
class Shift:
    """When staff and desks that are not there around the clock work, every day of the drill."""

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
    shift: Shift = field(default_factory=Shift)
    channels: tuple[Channel, ...]
    clusters: tuple[Cluster, ...] = ()
    burst: Burst | None = None
    vocabulary: Vocabulary
    staff: Staff
    categories: Mapping[str, Telling]
