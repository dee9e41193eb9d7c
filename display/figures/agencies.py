"""The figure `agencies`: queue, pace, stage times and oldest waiting complaint of every agency, longest queue first.

A queue is given in working days: open complaints by the number finished a working day in the window. An empty key
stands for complaints that no agency has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from statistics import median
from typing import Any

from display.figures.measure import (
    CaseCache,
    Cases,
    Frame,
    Window,
    median_of,
    merge_cases,
    share,
    span_json,
    spans_of,
    window_of,
)
from liveroom.domain.complaints.model import Stage
from liveroom.domain.timestamps import from_micros, to_text
from liveroom.log.engine import Connection
from liveroom.projection import figures

LINE_DAYS = 14
STAGES = (Stage.FORWARD, Stage.ACCEPT, Stage.FINISH)
COUNTED = ("received", "done", "elsewhere", "finished", "reopened")
# CR-90: emergencies forwarded, 90 % within 60 s.
EMERGENCY_S, EMERGENCY_SHARE = 60, 0.9
Tallies = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What every row is made of.

    ``daily``: what was counted on each day, by (what, agency); ``stock``: the same of what is there now; ``cases``: by
    stage, those of each day of the window; ``oldest``: by agency, (id, received) of what has waited longest.
    """

    frame: Frame
    window: Window
    days: tuple[date, ...]
    daily: Mapping[date, Tallies]
    stock: Tallies
    cases: Mapping[Stage, Sequence[Mapping[tuple[str, str], Cases]]]
    oldest: Mapping[str, tuple[str, int]]


def agencies(frame: Frame, cache: CaseCache) -> dict[str, Any]:
    """The figure ``agencies`` of docs/figures.md."""
    basis = _basis(frame, cache)
    keys = _keys(basis)
    rows = [_row(basis, (key,), key or None) for key in keys]
    return {
        "working_day_s": basis.window.working_day_s,
        "window": {
            "from": to_text(from_micros(frame.midnight(basis.window.first))),
            "working_days": basis.window.working_days,
        },
        "days": [day.isoformat() for day in basis.days],
        "targets": _promises(frame),
        "emergencies": _emergencies(basis),
        "room": _row(basis, keys, None),
        "agencies": _longest_queue_first(rows),
    }


def _basis(frame: Frame, cache: CaseCache) -> Basis:
    window = window_of(frame)
    days = tuple(frame.today - timedelta(days=back) for back in reversed(range(LINE_DAYS)))
    every = _dates(min(window.first, days[0]), frame.today)
    cache.forget_before(every[0])
    stock = frame.read(figures.stock)
    return Basis(
        frame=frame,
        window=window,
        days=days,
        daily={day: frame.read(partial(_tallies, frame=frame, day=day)) for day in every},
        stock=stock,
        cases={stage: [cache.day(frame, stage, day) for day in _dates(window.first, frame.today)] for stage in STAGES},
        oldest=_oldest(frame, [key for (what, key), number in stock.items() if what == "waiting" and number]),
    )


def _dates(first: date, last: date) -> tuple[date, ...]:
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))


def _tallies(connection: Connection, *, frame: Frame, day: date) -> Tallies:
    return figures.by_agency(connection, COUNTED, *frame.quarters(day))


def _keys(basis: Basis) -> tuple[str, ...]:
    """Every agency that has or had a complaint: those of the pack, then those of an older pack and the empty key."""
    seen = {agency for tallies in (basis.stock, *basis.daily.values()) for (_, agency), n in tallies.items() if n}
    seen |= {agency for days in basis.cases.values() for cases in days for agency, _ in cases}
    known = basis.frame.city.agencies
    return (*(key for key in known if key in seen), *sorted(seen - known.keys()))


def _row(basis: Basis, keys: Sequence[str], agency: str | None) -> dict[str, Any]:
    """The `Row` of docs/figures.md of some agencies together."""
    now = {what: sum(basis.stock.get((what, key), 0) for key in keys) for what in ("waiting", "in_process", "overdue")}
    is_open = now["waiting"] + now["in_process"]
    stages = {stage.value: basis.frame.read(partial(_stage, basis=basis, stage=stage, keys=keys)) for stage in STAGES}
    return {
        "agency": agency,
        "open": is_open,
        **now,
        "overdue_share": share(now["overdue"], is_open),
        **_pace(basis, keys, is_open),
        **_lines(basis, keys, is_open),
        "stages": stages,
        "median": median_of(stages[Stage.FINISH.value]),
        "oldest": _waiting_longest(basis, keys),
        "reopened": _reopened(basis, keys),
    }


def _stage(_connection: Connection, *, basis: Basis, stage: Stage, keys: Iterable[str]) -> list[dict[str, Any]]:
    wanted, days = set(keys), basis.cases[stage]
    clocks = {clock for cases in days for agency, clock in cases if agency in wanted}
    merged = {
        clock: merge_cases(one for cases in days for (key, on), one in cases.items() if on == clock and key in wanted)
        for clock in sorted(clocks)
    }
    return spans_of(merged, stage, basis.frame.city.policy)


def _pace(basis: Basis, keys: Sequence[str], is_open: int) -> dict[str, Any]:
    window = basis.window
    finished = _sum(basis, "done", keys, _dates(window.first, basis.frame.today))
    per_day = finished / window.working_days if window.is_long_enough else None
    each = [_sum(basis, "done", keys, (day,)) for day in window.whole]
    queue = None if not per_day else round(is_open / per_day, 1)
    return {
        "finished": finished,
        "done_per_day": per_day if per_day is None else round(per_day, 2),
        "done_per_day_median": median(each) if each else None,
        "queue_days": queue if is_open else 0,
    }


def _lines(basis: Basis, keys: Sequence[str], is_open: int) -> dict[str, list[int]]:
    lines = {what: [_sum(basis, what, keys, (day,)) for day in basis.days] for what in COUNTED[:3]}
    then, left = [], is_open
    for received, *ended in reversed(list(zip(*lines.values(), strict=True))):
        then.append(left)
        left += sum(ended) - received
    return {"received": lines["received"], "done": lines["done"], "open_then": then[::-1]}


def _sum(basis: Basis, what: str, keys: Sequence[str], days: Iterable[date]) -> int:
    return sum(basis.daily[day].get((what, key), 0) for day in days for key in keys)


def _oldest(frame: Frame, keys: Iterable[str]) -> dict[str, tuple[str, int]]:
    found = ((key, frame.read(partial(figures.oldest_waiting, agency=key))) for key in keys)
    return {key: one for key, one in found if one is not None}


def _waiting_longest(basis: Basis, keys: Sequence[str]) -> dict[str, Any] | None:
    found = (basis.oldest[key] for key in keys if key in basis.oldest)
    id_, received_at = min(found, key=lambda one: one[1], default=("", 0))
    if not id_:
        return None
    age_s = max(0, basis.frame.now - received_at) // 1_000_000  # the clock of its receipt may have been ahead
    return {"id": id_, "received_at": to_text(from_micros(received_at)), "age_s": age_s}


def _reopened(basis: Basis, keys: Sequence[str]) -> dict[str, Any]:
    days = _dates(basis.window.first, basis.frame.today)
    number, of = (_sum(basis, what, keys, days) for what in ("reopened", "finished"))
    return {"n": number, "of": of, "share": share(number, of)}


def _emergencies(basis: Basis) -> dict[str, Any]:
    frame, target = basis.frame, EMERGENCY_S * 1_000_000
    since = frame.midnight(basis.window.first)
    found = frame.read(lambda c: figures.emergencies(c, since, frame.now, target))
    number = found.forwarded + found.waiting
    reached = share(found.within, number)
    return {
        "n": number,
        "within": found.within,
        "share": reached,
        "target_s": EMERGENCY_S,
        "target_share": EMERGENCY_SHARE,
        "met": None if reached is None else reached >= EMERGENCY_SHARE,
    }


def _promises(frame: Frame) -> dict[str, Any]:
    """What each class of the pack promises for each stage."""
    return {
        key: {stage.value: span_json(rule.spans[stage]) for stage in STAGES if stage in rule.spans}
        for key, rule in frame.city.policy.classes.items()
    }


def _longest_queue_first(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Longest queue first, complaints of no agency last; an agency without a pace is placed by the median pace."""
    paces = [row["done_per_day"] for row in rows if row["done_per_day"] and row["agency"]]
    pace = median(paces) if paces else 1

    def place(row: Mapping[str, Any]) -> tuple[bool, float, int]:
        queue = row["open"] / pace if row["queue_days"] is None else row["queue_days"]
        return row["agency"] is None, -queue, -row["open"]

    return sorted(rows, key=place)
