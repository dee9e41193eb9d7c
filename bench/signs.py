"""How often early signs are right: months of a drill with incidents planted in them, and some real hours.

The first month after thirteen weeks of history chose the thresholds in liveroom/domain/signs; the two after it are
what is told. Beside each the naive rule, more than twice the mean of the same hours of the same weekday. Everything
follows from the seed; nothing is random twice. docs/signs.md has the table and says what is a guess.
"""

import json
import os
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any, Literal

from bench.figures import keep, machine
from ingest.drill.driver import PACKS
from ingest.drill.history import DrillHistory
from ingest.drill.programme import DAY, Draft, Programme, ReportWriter, WorkingHours, seeded_random
from ingest.drill.script import DrillPlaces, read_script
from ingest.drill.staff import DrillSetup
from liveroom.city.city import City
from liveroom.city.pack import load_city
from liveroom.domain.signs.count_model import (
    CITY,
    QUARTER_US,
    QUARTERS_A_DAY,
    QUARTERS_AN_HOUR,
    Cell,
    CellRate,
    CityHours,
    CountHistory,
    CountModel,
    NegativeBinomial,
    days_off,
    fitted,
)
from liveroom.domain.signs.matter import MatterRules, PlacedReport, growing
from liveroom.domain.signs.unusual import SignRules
from liveroom.domain.timestamps import to_micros
from liveroom.projection.receipts import Likeness

RULES = SignRules()
Where = Literal["place", "district", "city"]
FIRST_DAY = date(2026, 6, 1)
WEEKS_OF_HISTORY, TUNED, HELD_BACK = 13, 28, 56
# What is planted on each day after the history: how many reports, over how many minutes, where. Small ones are there
# to be missed. As many again: as the category has on a day in the whole city, but at least 8.
PLANTED: tuple[tuple[str, int | None, int, Where], ...] = (
    ("6 at one place in an hour", 6, 60, "place"),
    ("10 in a district in three hours", 10, 180, "district"),
    ("12 in a district in a day", 12, 24 * 60, "district"),
    ("as many again in the city in a day", None, 24 * 60, "city"),
    ("4 at one place in an hour", 4, 60, "place"),
    ("3 in a district in an hour", 3, 60, "district"),
)
PLANTS_A_DAY = 2
# So many reports of one matter of the drill's own among those counted make its sign no false one.
OWN = 3
# PACK:FILE, real requests of an evening in that city, a JSON object a line with created, category, lat and lon; without
# it, none are read.
SAMPLE = os.environ.get("SIGNS_SAMPLE", "")


def run(days: int = HELD_BACK, sample: str = SAMPLE) -> None:
    """Show and keep the rates of every rule."""
    about, rows = machine(), []
    for key in sorted(file.parent.name for file in PACKS.glob("*/drill.yaml")):
        months = DrillMonths(key, days=TUNED + days)
        rows += [{"city": key, **row} for row in months.judged()]
        rows += [{"city": key, **row} for row in months.matters(min(days, 14))]
    keep("signs", rows, about)
    if sample:
        pack, _, file = sample.partition(":")
        keep("signs_evening", evening(Path(file), load_city(PACKS / pack, years=YEARS)), about)


# ---- months of a drill ----


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """What was planted: quarters since 1970 in which its reports came in, the first and the last."""

    kind: str
    category: str
    district: str
    quarters: tuple[int, ...]


@dataclass(slots=True)
class Found:
    """What one rule said: periods of (cell, first quarter, last quarter, whose)."""

    signs: list[tuple[Cell, int, int, str]] = field(default_factory=list)
    noticed: dict[Planted, int] = field(default_factory=dict)


Judge = Callable[[int, float, float, float], tuple[bool, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``judge``: (n, plain mean, model's mean, chance) -> whether a sign begins, and whether one goes on."""

    name: str
    judge: Judge


class DrillMonths:
    """History, one month to choose by and two held back, of one city."""

    def __init__(self, key: str, *, days: int) -> None:
        last = FIRST_DAY + timedelta(days=7 * WEEKS_OF_HISTORY + days)
        self.city: City = load_city(PACKS / key, years=(FIRST_DAY.year, last.year + 1))
        script = read_script(PACKS / key, self.city)
        self.places = DrillPlaces(self.city.areas.values())
        programme = Programme(script, self.city, self.places, 1)
        self.writer = ReportWriter(script, self.city, self.places, 1)
        hours = WorkingHours.of(script.shift, self.city.zone)
        setup = DrillSetup(script=script, city=self.city, hours=hours, seed=1)
        lived = DrillHistory(setup=setup, programme=programme, writer=self.writer)
        self.days = [FIRST_DAY + n * DAY for n in range(7 * WEEKS_OF_HISTORY + days)]
        self.drafts = [draft for day in self.days for draft in lived.drafts(day, whole=False)]
        came = Counter(draft.category for draft in self.drafts)
        self.daily = {category: came[category] / len(self.days) for category in script.categories}
        self.incidents: list[Planted] = []
        for day in self.days[7 * WEEKS_OF_HISTORY :]:
            self.drafts += self._plant(day, sorted(script.categories))
        self.drafts.sort(key=lambda draft: draft.at)
        worked = [day for day, _ in self.city.policy.calendar.closings]
        self.hours = CityHours(self.city.zone, days_off(worked))
        self.first = self._midnight(self.days[0])
        self.counts = self._counted()

    def _midnight(self, day: date) -> int:
        return to_micros(datetime.combine(day, time(), self.city.zone)) // QUARTER_US

    def _plant(self, day: date, categories: Sequence[str]) -> Iterator[Draft]:
        for number in range(PLANTS_A_DAY):
            rng = seeded_random("planted", self.city.key, day, number)
            kind, fixed, minutes, where = rng.choice(PLANTED)
            area = rng.choices(self.places.codes, self.places.weights)[0]
            district = self.city.areas[area].district
            areas = [code for code, one in self.city.areas.items() if where == "city" or one.district == district]
            category = rng.choice(categories)
            reports = fixed or max(8, round(self.daily[category]))
            centre = self.places.point(rng, area)
            begins = datetime.combine(day, time(6), self.city.zone) + timedelta(minutes=rng.uniform(0, 14 * 60))
            moments = sorted([0.0, *(rng.uniform(0, minutes) for _ in range(reports - 1))])
            drafts = [
                Draft(
                    source_id=f"P-{day:%Y%m%d}-{number}{n:03d}",
                    at=begins + timedelta(minutes=moment),
                    category=category,
                    area=area if where == "place" else rng.choice(areas),
                    channel=self.writer._script.channels[0].name,
                    cluster=f"P-{day}-{number}" if where == "place" else None,
                    centre=centre if where == "place" else None,
                    radius=60.0,
                )
                for n, moment in enumerate(moments)
            ]
            quarters = tuple(to_micros(draft.at) // QUARTER_US for draft in drafts)
            place = CITY if where == "city" else district
            self.incidents.append(Planted(kind=kind, category=category, district=place, quarters=quarters))
            yield from drafts

    def _cells_of(self, draft: Draft) -> tuple[Cell, Cell]:
        return (draft.category, CITY), (draft.category, self.city.areas[draft.area].district)

    def _counted(self) -> Mapping[Cell, Sequence[int]]:
        """Of each cell, how many came in before each quarter since the first."""
        size = (len(self.days) + 2) * QUARTERS_A_DAY
        counts: dict[Cell, list[int]] = {}
        for draft in self.drafts:
            place = to_micros(draft.at) // QUARTER_US - self.first
            for cell in self._cells_of(draft):
                counts.setdefault(cell, [0] * size)[place + 1] += 1
        return {cell: list(accumulate(found)) for cell, found in counts.items()}

    # -- counts --

    def judged(self) -> Iterator[dict[str, Any]]:
        """A row for each rule, of the days held back; and of the month that chose the thresholds, one a limit."""
        start = 7 * WEEKS_OF_HISTORY
        tuned, held = self.days[start : start + TUNED], self.days[start + TUNED :]
        found = self._looked(self.days[start:])
        yield {"days": f"all: {len(self.days) - start}", "rule": "interval of 95 %", "inside": self._coverage()}
        for name, days in (("chosen by", tuned), ("held back", held)):
            for rule, of_rule in found.items():
                yield {"days": f"{name}: {len(days)}", "rule": rule, **self._row(of_rule, days)}

    def _rules(self, cells: int) -> list[Rule]:
        """The room's own with several limits, and the naive one as it is and with the room's least number."""
        looks, least, over = RULES.limit(cells) / RULES.false_a_day, RULES.least, RULES.over

        def ours(false_a_day: float) -> Judge:
            return lambda n, _plain, _mean, chance: (
                n >= least and chance <= looks * false_a_day,
                n >= least and chance <= over,
            )

        def naive(least: int) -> Judge:
            return lambda n, plain, _mean, _chance: (n >= least and n > 2 * plain,) * 2

        return [
            *(Rule(name=f"room, {limit:g} a day by chance", judge=ours(limit)) for limit in (0.1, 0.3, 1, 3, 10)),
            Rule(name=f"twice the mean, at least {least}", judge=naive(least)),
            Rule(name="twice the mean", judge=naive(1)),
        ]

    def _looked(self, days: Sequence[date]) -> Mapping[str, Found]:
        """Every rule at every quarter of an hour of these days, the model fitted anew each midnight."""
        rules: list[Rule] = []
        looks: dict[str, _RuleLook] = {}
        for day in days:
            model = self._model(day)
            if not rules:
                rules = self._rules(len(model.rates))
                looks = {rule.name: _RuleLook(self, rule) for rule in rules}
            begin, end = self._midnight(day), self._midnight(day + DAY)
            courses = {key: self._course(model, key, begin, end) for key in model.courses}
            for quarter in range(begin + 1, end + 1):
                seen = list(self._seen(model, courses, begin, quarter))
                for look in looks.values():
                    look.at(quarter, seen)
        return {name: look.finished() for name, look in looks.items()}

    def _coverage(self) -> float:
        """The share of all cells and windows, at noons and midnights held back, that lay within the interval."""
        inside = total = 0
        for day in self.days[7 * WEEKS_OF_HISTORY + TUNED :: 7]:
            model = self._model(day)
            for quarter in (self._midnight(day) + QUARTERS_A_DAY // 2, self._midnight(day + DAY)):
                for cell in model.rates:
                    before = self.counts.get(cell, [0] * (quarter - self.first + 1))
                    for hours in RULES.windows:
                        back = hours * QUARTERS_AN_HOUR
                        usual = model.expected(cell, (quarter - back) * QUARTER_US, quarter * QUARTER_US)
                        assert usual is not None
                        low, high = usual.interval()
                        n = before[quarter - self.first] - before[quarter - self.first - back]
                        inside, total = inside + (low <= n <= high), total + 1
        return round(inside / total, 4)

    def _model(self, day: date) -> CountModel:
        end, first = self._midnight(day), self._midnight(day - timedelta(weeks=WEEKS_OF_HISTORY))
        history = CountHistory(
            hours=self.hours,
            categories=self.city.policy.categories.keys(),
            districts=self.city.districts.keys(),
            first=first,
            end=end,
        )
        low = bisect_left(self.drafts, first * QUARTER_US, key=lambda draft: to_micros(draft.at))
        high = bisect_left(self.drafts, end * QUARTER_US, key=lambda draft: to_micros(draft.at))
        for draft in self.drafts[low:high]:
            district = self.city.areas[draft.area].district
            history.add(draft.category, district, to_micros(draft.at) // QUARTER_US)
        *_, model = fitted(history)
        return model

    def _course(self, model: CountModel, category: str, begin: int, end: int) -> Sequence[float]:
        """The share of a week before each quarter from a day before ``begin`` on."""
        hours = (self.hours.of(quarter) for quarter in range(begin - QUARTERS_A_DAY, end))
        course = model.courses[category]
        return [0.0, *accumulate(course[hour.weekday][hour.hour] for hour in hours)]

    def _seen(
        self, model: CountModel, courses: Mapping[str, Sequence[float]], begin: int, quarter: int
    ) -> Iterator[tuple[Cell, int, int, float, float, float]]:
        """(cell, quarters looked back, n, plain mean, model's mean, chance) wherever something came in."""
        place, week = quarter - self.first, 7 * QUARTERS_A_DAY
        for cell, before in self.counts.items():
            rate = model.rates.get(cell)
            for hours in RULES.windows:
                back = hours * QUARTERS_AN_HOUR
                n = before[place] - before[place - back]
                if n == 0 or rate is None:
                    continue
                past = range(place - week, max(place - (WEEKS_OF_HISTORY + 1) * week, back), -week)
                plain = sum(before[at] - before[at - back] for at in past) / len(past)
                course, at = courses[cell[0]], quarter - begin + QUARTERS_A_DAY
                mean = rate.weekly * (course[at] - course[at - back])
                likely = n < RULES.least or n <= mean
                chance = 1.0 if likely else NegativeBinomial(mean=mean, spread=rate.spread).tail(n)
                yield cell, back, n, plain, mean, chance

    def whose(self, cell: Cell, quarter: int, back: int) -> str:
        """What lies behind a sign: planted, the drill's own (several reports of one matter), or nothing."""
        category, district = cell
        for one in self.incidents:
            if one.category == category and (one.district == CITY or district in (one.district, CITY)):
                inside = [at for at in one.quarters if quarter - back <= at < quarter]
                if len(inside) >= OWN:
                    return "planted"
        low = bisect_left(self.drafts, (quarter - back) * QUARTER_US, key=lambda draft: to_micros(draft.at))
        high = bisect_left(self.drafts, quarter * QUARTER_US, key=lambda draft: to_micros(draft.at))
        matters: Counter[str] = Counter()
        for draft in self.drafts[low:high]:
            if draft.category == category and draft.cluster and cell in self._cells_of(draft):
                matters["burst" if draft.burst else draft.cluster] += 1
        return "own" if matters and max(matters.values()) >= OWN else "nothing"

    def _row(self, found: Found, days: Sequence[date]) -> dict[str, Any]:
        first, last = self._midnight(days[0]), self._midnight(days[-1] + DAY)
        signs = Counter(whose for _, begun, _, whose in found.signs if first <= begun < last)
        planted = [one for one in self.incidents if first <= one.quarters[0] < last]
        total, number = sum(signs.values()), len(days)
        row: dict[str, Any] = {
            "signs a day": round(total / number, 2),
            "of nothing a day": round(signs["nothing"] / number, 2),
            "precision": round(1 - signs["nothing"] / total, 2) if total else None,
            "planted of all": round(signs["planted"] / total, 2) if total else None,
        }
        for kind, *_ in PLANTED:
            of_kind = [one for one in planted if one.kind == kind]
            seen = [one for one in of_kind if one in found.noticed]
            row[kind] = f"{len(seen)} of {len(of_kind)}"
            if seen:
                after = [sum(at < found.noticed[one] for at in one.quarters) for one in seen]
                lead = [15 * (one.quarters[-1] + 1 - found.noticed[one]) for one in seen]
                row[f"{kind}: lead"] = f"after {median(after):g}, {median(lead):g} min before the last"
        return row

    # -- matters --

    def matters(self, days: int) -> Iterator[dict[str, Any]]:
        """A row for each rule of growing matters, over the last days held back; the drill's own are right too."""
        begin, end = self._midnight(self.days[-days]), self._midnight(self.days[-1] + DAY)
        drafts = [one for one in self.drafts if begin <= to_micros(one.at) // QUARTER_US < end]
        reports, words, whose = [], {}, {}
        for draft in drafts:
            report = self.writer.report(draft)
            assert report.lat is not None and report.lon is not None
            reports.append(
                PlacedReport(
                    id=draft.source_id,
                    category=draft.category,
                    lat=report.lat,
                    lon=report.lon,
                    received_at=draft.at,
                )
            )
            words[draft.source_id] = report.description or ""
            whose[draft.source_id] = draft.cluster
        areas = {draft.source_id: draft.area for draft in drafts}
        for least in (3, 4, 5):
            for alike in (0.0, 0.4, 0.5, 0.6, 0.7):
                rules = MatterRules(least=least, alike=alike)
                found = _matters_found(reports, words, rules)
                yield {"rule": f"{least} within 250 m, words {alike:g}"} | _matter_row(found, whose, least, days)
            yield {"rule": f"{least} in one area"} | _matter_row(
                _areas_found(reports, areas, least), whose, least, days
            )


class _RuleLook:
    """One rule going through the quarters: which signs are on, since when."""

    def __init__(self, months: DrillMonths, rule: Rule) -> None:
        self._months, self._rule = months, rule
        self._windows: set[tuple[Cell, int]] = set()
        self._shown: dict[Cell, tuple[int, str]] = {}
        self._last = 0
        self._found = Found()
        self._waiting = sorted(months.incidents, key=lambda one: one.quarters[0])

    def at(self, quarter: int, seen: Sequence[tuple[Cell, int, int, float, float, float]]) -> None:
        now: set[tuple[Cell, int]] = set()
        for cell, back, n, plain, mean, chance in seen:
            begins, stays = self._rule.judge(n, plain, mean, chance)
            if begins or (stays and (cell, back) in self._windows):
                now.add((cell, back))
        self._windows, self._last = now, quarter
        cells: dict[Cell, int] = {}
        for cell, back in now:
            cells[cell] = min(back, cells.get(cell, back))
        placed = {category for category, district in cells if district != CITY}
        shown = {cell: back for cell, back in cells.items() if cell[1] != CITY or cell[0] not in placed}
        for cell in [one for one in self._shown if one not in shown]:
            self._end(cell, quarter)
        for cell, back in shown.items():
            if cell not in self._shown:
                self._shown[cell] = (quarter, self._months.whose(cell, quarter, back))
        self._notice(quarter, shown.keys())

    def _notice(self, quarter: int, shown: Any) -> None:
        """An incident is noticed while it goes on, or within an hour after."""
        left = []
        for number, one in enumerate(self._waiting):
            if one.quarters[0] >= quarter:
                left += self._waiting[number:]
                break
            if any(cell[0] == one.category and CITY in (cell[1], one.district) for cell in shown) or (
                (one.category, one.district) in shown
            ):
                self._found.noticed[one] = quarter
            elif quarter <= one.quarters[-1] + QUARTERS_AN_HOUR:
                left.append(one)
        self._waiting = left

    def _end(self, cell: Cell, quarter: int) -> None:
        begun, whose = self._shown.pop(cell)
        self._found.signs.append((cell, begun, quarter, whose))

    def finished(self) -> Found:
        for cell in list(self._shown):
            self._end(cell, self._last)
        return self._found


Groups = Sequence[tuple[str, ...]]


def _steps(reports: Sequence[PlacedReport], within: timedelta) -> Iterator[tuple[datetime, Sequence[PlacedReport]]]:
    """Every quarter of an hour with what came in before it."""
    at, end = reports[0].received_at, reports[-1].received_at
    times = [one.received_at for one in reports]
    while at <= end:
        at += timedelta(minutes=15)
        yield at, reports[bisect_left(times, at - within) : bisect_left(times, at)]


def _matters_found(reports: Sequence[PlacedReport], words: Mapping[str, str], rules: MatterRules) -> Groups:
    """Each matter as it was first shown."""
    found: dict[str, tuple[str, ...]] = {}
    for at, recent in _steps(reports, rules.within):
        likeness = Likeness(words, unknown=rules.alike, most=1000)
        for matter in growing(recent, likeness, rules, at):
            ids = tuple(one.id for one in matter.reports)
            if not any(id_ in found for id_ in ids):
                found[ids[0]] = ids
            for id_ in ids:
                found.setdefault(id_, ())
    return [ids for ids in found.values() if ids]


def _areas_found(reports: Sequence[PlacedReport], areas: Mapping[str, str], least: int) -> Groups:
    found: dict[str, tuple[str, ...]] = {}
    for _, recent in _steps(reports, MatterRules().within):
        groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for one in recent:
            groups[one.category, areas[one.id]].append(one.id)
        for ids in groups.values():
            if len(ids) >= least:
                if not any(id_ in found for id_ in ids):
                    found[ids[0]] = tuple(ids)
                for id_ in ids:
                    found.setdefault(id_, ())
    return [ids for ids in found.values() if ids]


def _matter_row(found: Groups, whose: Mapping[str, str | None], least: int, days: int) -> dict[str, Any]:
    right, known = 0, set()
    for ids in found:
        matter, n = Counter(whose[id_] or id_ for id_ in ids).most_common(1)[0]
        if 2 * n > len(ids) and n > 1:
            right += 1
            known.add(matter)
    sizes = Counter(matter for matter in whose.values() if matter)
    large = {matter for matter, n in sizes.items() if n >= least}
    return {
        "signs a day": round(len(found) / days, 2),
        "of nothing a day": round((len(found) - right) / days, 2),
        "precision": round(right / len(found), 2) if found else None,
        "matters": f"{len(known & large)} of {len(large)}",
    }


# ---- some real hours ----

# The rate of a cell is learnt from the evening itself: there are no weeks of it. Trials planted in it, of 8 in half an
# hour.
TRIALS, TRIAL_REPORTS, TRIAL_QUARTERS = 300, 8, 2
YEARS = (2019, 2020)


def evening(sample: Path, city: City) -> list[dict[str, Any]]:
    """The evening of the sample, quarter by quarter against what came before: no weekday and no hour can be known."""
    rows = [json.loads(line) for line in sample.read_text(encoding="utf-8").splitlines()]
    placed = [row for row in rows if row["lat"] is not None]
    came: defaultdict[Cell, Counter[int]] = defaultdict(Counter)
    quarters: set[int] = set()
    for row in placed:
        area = city.locate(row["lat"], row["lon"])
        quarter = to_micros(datetime.fromisoformat(row["created"])) // QUARTER_US
        quarters.add(quarter)
        if area is not None:
            came[row["category"], city.areas[area].district][quarter] += 1
    first, last = min(quarters), max(quarters)
    shown: list[dict[str, Any]] = []
    looked = range(first + 5, last + 2)
    hours = CityHours(city.zone, lambda _: False)
    limit = RULES.limit(len(came))
    rules: list[tuple[str, Callable[[int, float, float], bool]]] = [
        ("room", lambda n, _mean, chance: n >= RULES.least and chance <= limit),
        (f"twice the mean, at least {RULES.least}", lambda n, mean, _chance: n >= RULES.least and n > 2 * mean),
        ("twice the mean", lambda n, mean, _chance: n > 2 * mean),
    ]
    for name, begins in rules:
        signs = sum(
            begins(*judged)
            for cell in came
            for quarter in looked
            if (judged := _hour(came, cell, first, quarter, hours))
        )
        noticed = []
        for number in range(TRIALS):
            rng = seeded_random("evening", number)
            cell, start = rng.choice(sorted(came)), rng.randrange(first + 8, last - 3)
            trial = {**came, cell: came[cell].copy()}
            planted = [start + rng.randrange(TRIAL_QUARTERS) for _ in range(TRIAL_REPORTS)]
            trial[cell].update(planted)
            for quarter in range(start + 1, start + TRIAL_QUARTERS + 2):
                judged = _hour(trial, cell, first, quarter, hours)
                before = _hour(came, cell, first, quarter, hours)
                if judged and begins(*judged) and not (before and begins(*before)):
                    noticed.append(sum(at < quarter for at in planted))
                    break
        shown.append(
            {
                "rule": name,
                "cells": len(came),
                "looks": len(looked),
                "signs without a planted one": signs,
                f"noticed of {TRIALS} planted": len(noticed),
                "after reports": median(noticed) if noticed else None,
            }
        )
    return [*shown, _coverage(came, first, looked, hours)]


def _hour(
    came: Mapping[Cell, Counter[int]], cell: Cell, first: int, quarter: int, hours: CityHours
) -> tuple[int, float, float] | None:
    """(n, mean, chance) of a cell's last hour, by what the evening had before it; None when nothing came."""
    start = quarter - QUARTERS_AN_HOUR
    n = sum(came[cell][at] for at in range(start, quarter))
    if n == 0:
        return None
    usual = _evening(came, cell, first, start, hours)
    return n, usual.mean, 1.0 if n <= usual.mean else usual.tail(n)


def _evening(
    came: Mapping[Cell, Counter[int]], cell: Cell, first: int, start: int, hours: CityHours
) -> NegativeBinomial:
    """What an hour from ``start`` on would have, if the evening went on as before; a report more is presumed."""
    past = max(1, start - first)
    known = sum(came[cell][at] for at in range(first, start)) + 0.5
    rate = CellRate(weekly=known / past * 7 * QUARTERS_A_DAY, spread=1 / known + 0.1)
    flat = tuple((1 / (7 * QUARTERS_A_DAY),) * 24 for _ in range(7))
    model = CountModel(hours=hours, weeks=0, rates={cell: rate}, courses={cell[0]: flat})
    usual = model.expected(cell, start * QUARTER_US, (start + QUARTERS_AN_HOUR) * QUARTER_US)
    assert usual is not None
    return usual


def _coverage(came: Mapping[Cell, Counter[int]], first: int, looked: Sequence[int], hours: CityHours) -> dict[str, Any]:
    """How many real hours lay within the interval of 95 %."""
    inside = total = 0
    for cell in came:
        for quarter in looked[::QUARTERS_AN_HOUR]:
            start = quarter - QUARTERS_AN_HOUR
            low, high = _evening(came, cell, first, start, hours).interval()
            total += 1
            inside += low <= sum(came[cell][at] for at in range(start, quarter)) <= high
    return {"rule": "interval of 95 %", "cells": len(came), "looks": total, "inside": round(inside / total, 3)}
