"""The figure `signs`: what is unusual now against the city's own history, places that recur, matters that grow.

Quiet lines, never alarms. The count model is fitted once a day of the city from whole weeks of receipts, the rest is
read anew for each figure. Whom it shows what is `shown_to`: guests see none of it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from display.feed.cards import WALLS
from display.figures.measure import Frame
from liveroom.city.city import City
from liveroom.domain.policy import Policy
from liveroom.domain.signs.count_model import (
    CITY,
    QUARTER_US,
    Cell,
    CityHours,
    CountHistory,
    CountModel,
    days_off,
    fitted,
)
from liveroom.domain.signs.matter import GrowingMatter, MatterRules, PlacedReport, growing
from liveroom.domain.signs.recurrence import Recurrence
from liveroom.domain.signs.unusual import DAY_US, CountSign, SignRules, unusual
from liveroom.domain.timestamps import from_micros, to_micros, to_text
from liveroom.log.engine import Connection
from liveroom.projection import complaints, receipts
from liveroom.projection.receipts import Key, Likeness, ReceiptRow

RULES, MATTERS = SignRules(), MatterRules()
IN_FULL = frozenset({"desk", "lead"})
WEEK = timedelta(weeks=1)
# Rows a slice: about 3 ms of the database's thread; complaints whose places are looked up in one: about 5 ms.
SLICE, PLACES_SLICE = 500, 25
# Lines of each kind that are shown, open reports whose words are read, and how often two are compared: about 15 ms.
SHOWN, READ, COMPARED = 20, 300, 1000
# Of the open complaints the newest so many are asked whether their place recurs.
ASKED = 1000


@dataclass(slots=True)
class SignCache:
    """The count model of one process: of one log, day and beginning of history."""

    _key: tuple[str, date, date] | None = None
    _model: CountModel | None = None
    _hours: CityHours | None = field(default=None, repr=False)

    def model(self, frame: Frame, weeks: int) -> CountModel:
        """The model of the last whole ``weeks``."""
        key = (frame.head.epoch, frame.today, frame.first_whole_day)
        if self._model is None or key != self._key:
            self._model = _fit(frame, weeks, self._city_hours(frame))
            self._key = key
        return self._model

    def _city_hours(self, frame: Frame) -> CityHours:
        if self._hours is None:
            worked = [day for day, _ in frame.city.policy.calendar.closings]
            self._hours = CityHours(frame.city.zone, days_off(worked))
        self._hours.forget_before(frame.midnight(frame.today - RULES.most_weeks * WEEK) // QUARTER_US)
        return self._hours


def signs(frame: Frame, cache: SignCache) -> dict[str, Any]:
    """The figure ``signs`` of docs/figures.md, as the desk is told it."""
    weeks = max(0, min(RULES.most_weeks, (frame.today - frame.first_whole_day) // WEEK))
    model = cache.model(frame, weeks) if weeks >= RULES.weeks else None
    found = [] if model is None else _unusual(frame, model)
    return {
        "weeks": weeks,
        "weeks_needed": RULES.weeks,
        "history": "young" if weeks < RULES.weeks else "enough",
        "cells": len(model.rates) if model else 0,
        "false_a_day": RULES.false_a_day,
        "unusual": [_unusual_json(one) for one in found[:SHOWN]],
        "growing": [_growing_json(frame, one) for one in _growing(frame)[:SHOWN]],
        "recurring": _recurring(frame),
    }


def shown_to(figure: Mapping[str, Any], audience: str, policy: Policy) -> dict[str, Any]:
    """The figure for one audience: walls are told nothing of one complaint or of private matters, guests nothing."""
    if audience in IN_FULL:
        return dict(figure)
    if audience != WALLS:
        return {**figure, "unusual": [], "growing": [], "recurring": []}
    open_to_all = {
        kind: [one for one in figure[kind] if not policy.is_private(one["category"])] for kind in ("unusual", "growing")
    }
    growing_ = [{name: value for name, value in one.items() if name != "complaints"} for one in open_to_all["growing"]]
    return {**figure, "unusual": open_to_all["unusual"], "growing": growing_, "recurring": []}


# ---- unusual counts ----


def _fit(frame: Frame, weeks: int, hours: CityHours) -> CountModel:
    first, end = frame.midnight(frame.today - weeks * WEEK), frame.midnight(frame.today)
    history = CountHistory(
        hours=hours,
        categories=frame.city.policy.categories.keys(),
        districts=frame.city.districts.keys(),
        first=first // QUARTER_US,
        end=end // QUARTER_US,
    )
    key: Key | None = (first, "")
    while key is not None:
        key = frame.read(partial(_read_history, city=frame.city, history=history, key=key, end=end))
    parts = fitted(history)
    model = CountModel(hours=hours, weeks=weeks)
    while (part := frame.read(lambda _: next(parts, None))) is not None:
        model = part
    return model


def _read_history(connection: Connection, *, city: City, history: CountHistory, key: Key, end: int) -> Key | None:
    """Count one slice more; the key to go on from, None after the last."""
    rows = receipts.receipts_after(connection, key, end, SLICE)
    for row in rows:
        if row.category in city.policy.categories:
            history.add(row.category, _district(city, row), row.received_at // QUARTER_US)
    return (rows[-1].received_at, rows[-1].id) if len(rows) == SLICE else None


def _district(city: City, row: ReceiptRow) -> str:
    area = city.areas.get(row.area)
    return area.district if area is not None else CITY


def _unusual(frame: Frame, model: CountModel) -> Sequence[CountSign]:
    recent = _recent(frame)
    return frame.read(lambda _: unusual(recent, model, RULES, frame.now))


def _recent(frame: Frame) -> Mapping[Cell, Sequence[int]]:
    """The receipts of the last two days by cell, in order: a day's window, and how long it has been so."""
    found: defaultdict[Cell, list[int]] = defaultdict(list)
    key: Key | None = (frame.now - 2 * DAY_US, "")
    while key is not None:
        rows = frame.read(partial(receipts.receipts_after, key=key, end=frame.now + 1, limit=SLICE))
        for row in rows:
            if row.category in frame.city.policy.categories:
                found[row.category, CITY].append(row.received_at)
                if (district := _district(frame.city, row)) != CITY:
                    found[row.category, district].append(row.received_at)
        key = (rows[-1].received_at, rows[-1].id) if len(rows) == SLICE else None
    return found


def _unusual_json(one: CountSign) -> dict[str, Any]:
    return {
        "category": one.category,
        "district": one.district or None,
        "hours": one.hours,
        "n": one.n,
        "low": one.low,
        "high": one.high,
        "usual": round(one.mean, 1),
        "since": to_text(from_micros(one.since)),
        "noticed_at": to_text(from_micros(one.noticed)),
    }


# ---- matters that grow ----


def _growing(frame: Frame) -> Sequence[GrowingMatter]:
    since = to_micros(frame.at - MATTERS.within)
    reports = frame.read(partial(receipts.open_since, since=since, limit=READ))
    if len(reports) < MATTERS.least:
        return ()
    words = frame.read(partial(receipts.words_of, ids=[one.id for one in reports]))
    return frame.read(lambda _: _matters(frame, reports, words))


def _matters(frame: Frame, reports: Sequence[PlacedReport], words: Mapping[str, str]) -> Sequence[GrowingMatter]:
    known = [one for one in reports if one.category in frame.city.policy.categories]
    likeness = Likeness(words, unknown=MATTERS.alike, most=COMPARED)
    return growing(known, likeness, MATTERS, frame.at)


def _growing_json(frame: Frame, one: GrowingMatter) -> dict[str, Any]:
    first = one.reports[0]
    return {
        "category": one.category,
        "area": frame.city.locate(first.lat, first.lon),
        "n": len(one.reports),
        "since": to_text(one.since),
        "complaints": [report.id for report in one.reports],
    }


# ---- places that recur ----


def _recurring(frame: Frame) -> list[dict[str, Any]]:
    """The places of open complaints that recur, the most often first; each place once, by its newest complaint."""
    asked = frame.read(partial(receipts.newest_open, before=(frame.now + 1, ""), limit=ASKED))
    there: dict[str, tuple[Recurrence, ...]] = {}
    for start in range(0, len(asked), PLACES_SLICE):
        part = [id_ for _, id_ in asked[start : start + PLACES_SLICE]]
        there |= frame.read(partial(receipts.times_there, ids=part))
    places: dict[str, tuple[Recurrence, ...]] = {}
    seen: set[str] = set()
    for _, id_ in asked:
        if id_ in there and id_ not in seen:
            places[id_] = there[id_]
            seen |= {one.id for time in there[id_] for one in time.occurrences}
    best = dict(sorted(places.items(), key=lambda pair: -len(pair[1]))[:SHOWN])
    found = {one.id: one for one in frame.read(partial(complaints.complaints, ids=list(best)))}
    return [
        {"complaint": id_, "category": found[id_].category, "area": found[id_].area, **times_json(times)}
        for id_, times in best.items()
        if id_ in found and found[id_].category in frame.city.policy.categories
    ]


def times_json(times: Sequence[Recurrence]) -> dict[str, Any]:
    """``{n, since, times: [{began, finished_at, complaints}]}`` of the times that a matter was at one place."""
    return {
        "n": len(times),
        "since": to_text(times[0].began),
        "times": [
            {
                "began": to_text(one.began),
                "finished_at": to_text(one.finished_at) if one.finished_at else None,
                "complaints": [each.id for each in one.occurrences],
            }
            for one in times
        ],
    }
