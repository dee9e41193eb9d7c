"""The programme of a drill: the complaints of each day, and their words.

Pure: a day follows from seed, city, script and date, and a draft always gives the same report, so a restarted drill
goes on as if nothing had happened. Moments are aware UTC, places (lat, lon) in degrees, distances in metres.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from ingest.drill import script
from ingest.drill.script import DrillChannel, DrillPlaces, Script
from liveroom.city.city import City
from liveroom.domain.complaints.intake import Report, Reporter

DAY = timedelta(days=1)
HOUR = 3600
# Days that a programme remembers.
KEPT_DAYS = 14
# Metres, and seconds by which a cluster may begin earlier or later than its script says.
CLUSTER_RADIUS, BURST_RADIUS = 60.0, 320.0
CLUSTER_SHIFT = 2400
# Of a burst, every so many reports are of its second category.
RESCUE_EVERY = 20
# Reports with a second sentence.
ADDS_SHARE = 0.8
# Of one app's drafts, those beside which it sends a report that no room takes, and of these the share of each slip.
SLIPS, WORDED = 0.02, 0.7
T = TypeVar("T")


# Randomness by words: the same words give the same numbers.


def seeded_random(*words: object) -> Random:
    """A generator that depends on ``words`` alone, whatever was drawn elsewhere."""
    return Random("|".join(map(str, words)))


def log_normal(rng: Random, median: float, spread: float, low: float, high: float) -> float:
    """A log-normal draw around ``median``, kept within ``low`` and ``high``: how long people take."""
    return min(high, max(low, median * math.exp(rng.gauss(0, spread))))


def weighted_choice(rng: Random, items: Sequence[T], weights: Sequence[float]) -> T:
    """One of ``items`` by weight."""
    return rng.choices(items, weights)[0]


# Days.


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """From ``opens`` to ``closes`` by the city's clock, every day, so that no weekend stands still."""

    opens: time
    closes: time
    zone: ZoneInfo

    @classmethod
    def of(cls, shift: script.DrillShift, zone: ZoneInfo) -> "WorkingHours":
        """The hours of a drill's script."""
        return cls(opens=time.fromisoformat(shift.opens), closes=time.fromisoformat(shift.closes), zone=zone)

    def after(self, moment: datetime, seconds: float) -> datetime:
        """When ``seconds`` of working time have run since ``moment``; aware UTC."""
        local, left = moment.astimezone(self.zone), timedelta(seconds=seconds)
        while True:
            begins, ends = (datetime.combine(local.date(), hour, self.zone) for hour in (self.opens, self.closes))
            local = max(local, begins)
            if local + left <= ends:
                return (local + left).astimezone(UTC)
            left -= max(timedelta(0), ends - local)
            local = begins + DAY

    def open_at(self, moment: datetime) -> bool:
        """Whether somebody works at this moment."""
        return self.opens <= moment.astimezone(self.zone).time() < self.closes


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A report without its words, due ``at``.

    ``cluster`` ties drafts about one matter, ``first`` is the source_id of the earliest of them (None for itself),
    ``centre`` (lat, lon) and ``radius`` in metres say where the cluster lies.
    """

    source_id: str
    at: datetime
    category: str
    area: str
    channel: str
    cluster: str | None = None
    burst: bool = False
    first: str | None = None
    centre: tuple[float, float] | None = None
    radius: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sketch:
    """A draft before the day is put in order and numbered; ``second`` of the local day."""

    second: float
    category: str
    area: str
    cluster: str | None = None
    burst: bool = False
    centre: tuple[float, float] | None = None


class Programme:
    """The days of one drill; remembers the last two weeks it was asked for."""

    def __init__(self, script: Script, city: City, places: DrillPlaces, seed: int) -> None:
        """The weights of what can happen are taken from the script."""
        self._script, self._city, self._places, self.seed = script, city, places, seed
        self._hours = WorkingHours.of(script.shift, city.zone)
        critical = {key for key in script.categories if self.critical(key)}
        weights = {key: wording.weight for key, wording in script.categories.items() if wording.weight}
        self._ordinary = {key: weight for key, weight in weights.items() if key not in critical} or weights
        self._emergencies = {key: weight for key, weight in weights.items() if key in critical}
        self._areas = tuple(accumulate(places.weights))
        self._days: dict[date, tuple[Draft, ...]] = {}

    def critical(self, category: str) -> bool:
        """Whether the category is an emergency in this city."""
        return self._city.categories[category].class_ == self._city.policy.critical_class

    def day(self, day: date) -> tuple[Draft, ...]:
        """Everything reported on a date of the city, in order of time."""
        if day not in self._days:
            while len(self._days) >= KEPT_DAYS:
                del self._days[min(self._days)]
            self._days[day] = self._draw(day)
        return self._days[day]

    def between(self, after: datetime, to: datetime) -> Iterator[Draft]:
        """The drafts after one moment up to and including another, in order."""
        day, last = after.astimezone(self._city.zone).date(), to.astimezone(self._city.zone).date()
        while day <= last:
            yield from (draft for draft in self.day(day) if after < draft.at <= to)
            day += timedelta(days=1)

    def draft(self, source_id: str) -> Draft | None:
        """The draft behind a source_id; None when this drill never made it."""
        head, _, rest = source_id.partition("-")
        stamp, _, number = rest.partition("-")
        if head != "D" or len(stamp) != 8 or not (stamp + number).isdecimal():
            return None
        try:
            drafts = self.day(date.fromisoformat(stamp))
        except ValueError:
            return None
        place = int(number) - 1
        return drafts[place] if 0 <= place < len(drafts) and drafts[place].source_id == source_id else None

    def _draw(self, day: date) -> tuple[Draft, ...]:
        """The day's drafts in order of time; each of a cluster points at its first."""
        rng = seeded_random(self.seed, day)
        sketches = [*self._burst(rng), *self._clusters(rng), *self._singles(rng, self._script.emergencies)]
        while len(sketches) < self._script.per_day:
            sketches.append(self._sketch(rng, self._ordinary))
        sketches.sort(key=lambda sketch: sketch.second)
        firsts: dict[tuple[str, str], str] = {}
        drafts = []
        for number, sketch in enumerate(sketches, 1):
            draft = self._numbered(rng, day, number, sketch)
            if sketch.cluster is not None:
                first = firsts.setdefault((sketch.cluster, sketch.category), draft.source_id)
                draft = replace(draft, first=first if first != draft.source_id else None)
            drafts.append(draft)
        return tuple(drafts)

    def _numbered(self, rng: Random, day: date, number: int, sketch: _Sketch) -> Draft:
        """A sketch with its number, moment and channel."""
        local = datetime.combine(day, time(), self._city.zone) + timedelta(seconds=int(sketch.second))
        at = local.astimezone(UTC)
        return Draft(
            source_id=f"D-{day:%Y%m%d}-{number:04d}",
            at=at,
            category=sketch.category,
            area=sketch.area,
            channel=self._channel(rng, at, sketch.category).name,
            cluster=None if sketch.cluster is None else f"{day:%Y%m%d}-{sketch.cluster}",
            burst=sketch.burst,
            centre=sketch.centre,
            radius=BURST_RADIUS if sketch.burst else CLUSTER_RADIUS,
        )

    def _channel(self, rng: Random, at: datetime, category: str) -> DrillChannel:
        """The channel of a report: emergencies have weights of their own, offices count only while they are open."""
        critical, open_ = self.critical(category), self._hours.open_at(at)
        weights = [channel.emergency if critical else channel.weight for channel in self._script.channels]
        there = [w if open_ or not c.office else 0 for c, w in zip(self._script.channels, weights, strict=True)]
        return weighted_choice(rng, self._script.channels, there if any(there) else [1] * len(there))

    def _burst(self, rng: Random) -> Iterator[_Sketch]:
        """The reports of the cloudburst: a steep rise, a slow end."""
        burst = self._script.burst
        if burst is None:
            return
        begin = rng.uniform(_second(burst.earliest), _second(burst.latest))
        for area, reports in burst.areas.items():
            centre = self._places.point(rng, area)
            for n in range(reports):
                yield _Sketch(
                    second=begin + 60 * burst.minutes * rng.betavariate(1.6, 2.2),
                    category=burst.also if burst.also and n % RESCUE_EVERY == 4 else burst.category,
                    area=area,
                    cluster=f"B-{area}",
                    burst=True,
                    centre=centre,
                )

    def _clusters(self, rng: Random) -> Iterator[_Sketch]:
        """The reports of the script's clusters: the same matter, several times."""
        for number, cluster in enumerate(self._script.clusters):
            area = self._area(rng)
            centre = self._places.point(rng, area)
            begin = _second(cluster.at) + rng.uniform(-CLUSTER_SHIFT, CLUSTER_SHIFT)
            for n in range(cluster.reports):
                later = 0.0 if n == 0 else 20 * n + 60 * cluster.minutes * rng.random() ** 1.3
                second = min(max(begin + later, 0), 24 * HOUR - 1)
                yield _Sketch(second=second, category=cluster.category, area=area, cluster=f"K-{number}", centre=centre)

    def _singles(self, rng: Random, count: int) -> Iterator[_Sketch]:
        """Emergencies that stand alone."""
        if self._emergencies:
            yield from (self._sketch(rng, self._emergencies) for _ in range(count))

    def _sketch(self, rng: Random, weights: dict[str, int]) -> _Sketch:
        """A report of any category by weight, at any time by the curve, anywhere."""
        hour = weighted_choice(rng, range(24), self._script.curve)
        return _Sketch(
            second=HOUR * (hour + rng.random()),
            category=weighted_choice(rng, tuple(weights), tuple(weights.values())),
            area=self._area(rng),
        )

    def _area(self, rng: Random) -> str:
        """An area, weighted by size."""
        return rng.choices(self._places.codes, cum_weights=self._areas)[0]


def _second(at: str) -> int:
    """The second of the day of a time like 07:30."""
    hour, minute = at.split(":")
    return int(hour) * HOUR + int(minute) * 60


# Words: everybody here is invented, and the surnames and numbers say so.


class ReportWriter:
    """Writes the reports of one drill in the words of citizens."""

    def __init__(self, script: Script, city: City, places: DrillPlaces, seed: int) -> None:
        """``seed``: of the drill; the same draft always gives the same report."""
        self._script, self._city, self._places, self._seed = script, city, places, seed
        self._channels = {channel.name: channel for channel in script.channels}
        apps = [channel.name for channel in script.channels if channel.weight and not channel.office]
        self._careless = seeded_random(seed, "careless").choice(apps)

    def report(self, draft: Draft) -> Report:
        """The report of a draft; those of one cluster describe one case in one street."""
        rng = seeded_random(self._seed, draft.source_id, "told")
        matter = seeded_random(self._seed, draft.cluster, draft.category) if draft.cluster and not draft.burst else rng
        street = matter.choice(self._script.vocabulary.streets)
        if draft.centre is None:
            lat, lon = self._places.point(rng, draft.area)
        else:
            lat, lon = self._places.near(rng, draft.area, draft.centre, draft.radius)
        return Report(
            source_id=draft.source_id,
            category=draft.category,
            description=self._description(draft, street, rng, matter=matter),
            address=self._address(draft, street, rng),
            lat=lat,
            lon=lon,
            area=draft.area,
            channel=draft.channel,
            person=self._person(draft, rng),
            drill=True,
            received_at=draft.at,
        )

    def slip(self, draft: Draft) -> dict[str, Any] | None:
        """What one app of the drill, with a fault in its program, sends beside a few of its drafts: a report that no
        room takes, in the form of the intake's JSON. A priority in words of its own, or a latitude with a comma.
        """
        rng = seeded_random(self._seed, draft.source_id, "slip")
        if draft.channel != self._careless or rng.random() >= SLIPS:
            return None
        report = self.report(draft)
        sent = {
            "source_id": f"E{draft.source_id[1:]}",
            "category": report.category,
            "description": report.description,
            "address": report.address,
            "lat": report.lat,
            "lon": report.lon,
            "person": {name: said for name, said in asdict(self._person(draft, rng)).items() if said},
        }
        if rng.random() < WORDED:
            return {**sent, "priority": "tinggi"}
        return {**sent, "lat": str(report.lat).replace(".", ",")}

    def _description(self, draft: Draft, street: str, rng: Random, *, matter: Random) -> str:
        """One case and mostly a second sentence, opened and closed in the manner of the channel."""
        words, wording = self._script.vocabulary, self._script.categories[draft.category]
        slots = {
            "landmark": matter.choice(words.landmarks),
            "since": matter.choice(words.since),
            "just": rng.choice(words.just),
            "n": str(matter.randint(2, 6)),
            "street": street,
            "area": self._city.areas[draft.area].name,
        }
        case = matter.choice(wording.says).format(**slots)
        channel: DrillChannel = self._channels[draft.channel]
        parts = [rng.choice(channel.opens).format(text=case, Text=case[:1].upper() + case[1:])]
        if wording.adds and rng.random() < ADDS_SHARE:
            parts.append(rng.choice(wording.adds).format(**slots))
        parts.append(rng.choice(channel.closes) if channel.closes else "")
        return " ".join(filter(None, parts))

    def _address(self, draft: Draft, street: str, rng: Random) -> str:
        """Street, area and district as the city writes them."""
        words, area = self._script.vocabulary, self._city.areas[draft.area]
        address = rng.choice(words.addresses).format(
            street=street, no=rng.randint(1, 60), rt=f"{rng.randint(1, 9):03d}", rw=f"{rng.randint(1, 14):03d}"
        )
        district = self._city.districts[area.district].name
        return rng.choice(words.places).format(address=address, area=area.name, district=district)

    def _person(self, draft: Draft, rng: Random) -> Reporter:
        """A person who does not exist: a surname that means "example" and a number that leads nowhere."""
        words = self._script.vocabulary
        name = f"{rng.choice(words.first_names)} {rng.choice(words.surnames)}"
        return Reporter(name=name, phone=f"0800-000-{draft.source_id[-4:]}")
