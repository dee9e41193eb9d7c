"""The figure `lead` for leadership, and the lists of complaints behind its numbers.

In time or not, by agency; closed without proof; reopened; asked about and not yet answered. Every number is the length
of a list of complaints, and both are made of the same ``Parts``, so that they agree.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from display.figures.measure import (
    FEW,
    Cases,
    Closing,
    ClosingCache,
    Frame,
    Window,
    median_of,
    share,
    spans_of,
    targets_of,
    window_of,
)
from display.figures.trend import trend
from liveroom.domain.complaints.model import Complaint, Stage
from liveroom.domain.timestamps import from_micros, to_text
from liveroom.log.engine import Connection
from liveroom.projection import complaints as complaint_rows
from liveroom.projection import figures
from liveroom.projection.notices import questions

# Days of the daily lines, and what they count.
LINE_DAYS = 14
COUNTED = ("received", "done")
# Rows a slice.
SLICE = 500
MOST_QUESTIONS = 100
# Complaints of a list in one answer.
PAGE = 50
Tallies = Mapping[tuple[str, str], int]
# (id, agency), in the order of the list.
Entries = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the numbers count.

    ``since``: when the window begins (microseconds); ``closings``: finished in it; ``again``: open, though
    finished in it; ``late``: overdue now.
    """

    window: Window
    since: int
    closings: tuple[Closing, ...]
    again: Entries
    late: Entries


def parts_of(frame: Frame, cache: ClosingCache) -> Parts:
    """The parts at a frame."""
    window = window_of(frame)
    days = [window.first + timedelta(days=number) for number in range((frame.today - window.first).days + 1)]
    since = frame.midnight(window.first)
    return Parts(
        window=window,
        since=since,
        closings=cache.days(frame, days),
        again=frame.read(lambda c: figures.opened_again(c, since)),
        late=_late(frame),
    )


def _late(frame: Frame) -> Entries:
    found: list[tuple[str, str]] = []
    while True:
        after = found[-1][0] if found else ""
        rows = frame.read(partial(figures.late_after, after=after, limit=SLICE))
        found += rows
        if len(rows) < SLICE:
            return found


def lead(frame: Frame, cache: ClosingCache) -> dict[str, Any]:
    """The figure ``lead`` of docs/figures.md."""
    parts = parts_of(frame, cache)
    days = tuple(frame.today - timedelta(days=back) for back in reversed(range(LINE_DAYS)))
    daily = [frame.read(partial(_tallies, frame=frame, day=day)) for day in days]
    by_agency = frame.read(lambda _: _by_agency(parts))
    keys = _keys(frame, by_agency, daily)
    whole = AgencyShare(closings=parts.closings, again=len(parts.again), late=[id_ for id_, _ in parts.late])
    row = partial(_row, frame, parts.since)
    asked = sorted(frame.read(questions), key=lambda one: one["until"])
    return {
        "working_day_s": parts.window.working_day_s,
        "window": {"from": to_text(from_micros(parts.since)), "working_days": parts.window.working_days},
        "days": [day.isoformat() for day in days],
        "trend": _trend(frame),
        "room": {"agency": None, **row(whole), **_lines(daily, None)},
        "agencies": [
            {"agency": key or None, **row(by_agency.get(key, AgencyShare())), **_lines(daily, key)} for key in keys
        ],
        "asked": {"n": len(asked), "rows": asked[:MOST_QUESTIONS]},
    }


@dataclass(slots=True, kw_only=True)
class AgencyShare:
    """An agency's part of ``Parts``; ``again``: how many; ``late``: ids."""

    closings: Sequence[Closing] = ()
    again: int = 0
    late: list[str] = field(default_factory=list)


def _by_agency(parts: Parts) -> dict[str, AgencyShare]:
    closings, late = defaultdict[str, list[Closing]](list), defaultdict[str, list[str]](list)
    for one in parts.closings:
        closings[one.agency].append(one)
    for id_, key in parts.late:
        late[key].append(id_)
    again = Counter(key for _, key in parts.again)
    keys = closings.keys() | late.keys() | again.keys()
    return {key: AgencyShare(closings=closings[key], again=again[key], late=late[key]) for key in keys}


def _tallies(connection: Connection, *, frame: Frame, day: date) -> Tallies:
    return figures.by_agency(connection, COUNTED, *frame.quarters(day))


def _keys(frame: Frame, by_agency: Iterable[str], daily: Iterable[Tallies]) -> list[str]:
    """Every agency of the pack, those of an older pack that have any number, and last the empty key of no agency."""
    seen = {*by_agency, *(agency for day in daily for (_, agency), n in day.items() if n)}
    known = list(frame.city.agencies)
    return [*known, *sorted(seen - {*known, ""}), *([""] if "" in seen else [])]


def _lines(daily: Sequence[Tallies], agency: str | None) -> dict[str, list[int]]:
    """Received and done on each day, of one agency or of all."""
    return {
        what: [sum(n for (name, key), n in day.items() if name == what and agency in (None, key)) for day in daily]
        for what in COUNTED
    }


def _row(frame: Frame, since: int, own: AgencyShare) -> dict[str, Any]:
    """A `Row` of docs/figures.md without its lines, computed in slices."""
    policy, closings = frame.city.policy, own.closings
    spans = frame.read(lambda _: _spans(frame, closings))
    on_time = frame.read(lambda _: _on_time(closings, own.late))
    classes = {one.class_ for one in closings if one.kept is not None}
    reopened, of = sum(was_reopened(one, since) for one in closings) + own.again, len(closings) + own.again
    return {
        "finished": len(closings),
        "on_time": on_time | {"target": targets_of(classes, Stage.FINISH, policy)},
        "median": median_of(spans),
        "unproved": sum(one.unproved for one in closings),
        "reopened": {"n": reopened, "of": of, "share": share(reopened, of)},
    }


def was_reopened(one: Closing, since: int) -> bool:
    """Whether a finished complaint had been finished before and was reopened after ``since``."""
    return one.reopened_at is not None and one.reopened_at >= since


def _on_time(closings: Sequence[Closing], late: Sequence[str]) -> dict[str, Any]:
    """On time, of all that were closed with a promise or are overdue now; below 20 the cases instead (CR-88)."""
    judged = [one for one in closings if one.kept is not None]
    within, number = sum(one.kept is True for one in judged), len(judged) + len(late)
    few = number < FEW
    return {
        "within": within,
        "judged": len(judged),
        "overdue": len(late),
        "n": number,
        "share": None if few else share(within, number),
        "cases": _cases(judged, late) if few else None,
    }


def _cases(judged: Sequence[Closing], late: Iterable[str]) -> list[dict[str, Any]]:
    closed = [{"id": one.id, "open": False, "kept": one.kept} for one in sorted(judged, key=lambda one: one.ended_at)]
    return [*closed, *({"id": id_, "open": True, "kept": False} for id_ in late)]


def _spans(frame: Frame, closings: Iterable[Closing]) -> list[dict[str, Any]]:
    by_clock: defaultdict[str, list[Closing]] = defaultdict(list)
    for one in closings:
        by_clock[one.clock].append(one)
    cases = {clock: _cases_of(found) for clock, found in sorted(by_clock.items())}
    return spans_of(cases, Stage.FINISH, frame.city.policy)


def _cases_of(closings: Sequence[Closing]) -> Cases:
    judged = [one for one in closings if one.kept is not None]
    return Cases(
        seconds=sorted(one.seconds for one in closings),
        judged=len(judged),
        within=sum(one.kept is True for one in judged),
        classes=frozenset(one.class_ for one in closings),
    )


def _trend(frame: Frame) -> dict[str, Any]:
    """Today against the same weekdays, without the curves."""
    whole = trend(frame)
    shown = {name: whole[name] for name in ("day", "weekday", "weeks", "history")}
    return shown | {
        name: {key: whole[name][key] for key in ("total", "usual_total", "change")} for name in ("in", "done")
    }


def agency_view(figure: Mapping[str, Any], agency: str, own: Callable[[str], bool]) -> dict[str, Any]:
    """The figure for an agency: its own row, and questions about complaints of its own, for which ``own(id)`` holds."""
    rows = [row for row in figure["asked"]["rows"] if own(row["id"])]
    return {
        **figure,
        "trend": None,
        "room": None,
        "agencies": [row for row in figure["agencies"] if row["agency"] == agency],
        "asked": {"n": len(rows), "rows": rows},
    }


# The lists behind the numbers.


def _closed(test: Callable[[Closing, Parts], bool]) -> Callable[[Frame, Parts], Entries]:
    """A list of the closings that pass ``test``, last finished first."""
    return lambda _, parts: [(one.id, one.agency) for one in reversed(parts.closings) if test(one, parts)]


def _reopened(_frame: Frame, parts: Parts) -> Entries:
    """Those that are open again, then those that were finished once more."""
    return [*parts.again, *((one.id, one.agency) for one in reversed(parts.closings) if was_reopened(one, parts.since))]


def _asked(frame: Frame, _parts: Parts) -> Entries:
    """Complaints that leadership asked about, by the time until which an answer is due."""
    return frame.read(_read_asked)


def _read_asked(connection: Connection) -> Entries:
    ids = [one["id"] for one in sorted(questions(connection), key=lambda one: one["until"])]
    found = {one.id: one.agency or "" for one in complaint_rows.complaints(connection, ids[:500])}
    return [(id_, found[id_]) for id_ in ids if id_ in found]


LISTS: Mapping[str, Callable[[Frame, Parts], Entries]] = {
    "finished": _closed(lambda _, __: True),
    "on_time": _closed(lambda one, _: one.kept is True),
    "finished_late": _closed(lambda one, _: one.kept is False),
    "unproved": _closed(lambda one, _: one.unproved),
    "reopened": _reopened,
    "asked": _asked,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadList:
    """One page of a list of ``n`` complaints; ``next``: the place where the next page begins, None at the end."""

    n: int
    complaints: tuple[Complaint, ...]
    next: int | None


def list_page(frame: Frame, parts: Parts, what: str, agency: str | None, start: int) -> LeadList:
    """The list ``what`` from place ``start`` on; ``agency``: "" for complaints of no agency, None for all."""
    entries = [id_ for id_, key in LISTS[what](frame, parts) if agency is None or key == agency]
    ids = entries[start : start + PAGE]
    found = {one.id: one for one in frame.read(lambda c: complaint_rows.complaints(c, ids))}
    left = start + PAGE
    complaints = tuple(found[id_] for id_ in ids if id_ in found)
    return LeadList(n=len(entries), complaints=complaints, next=left if left < len(entries) else None)
