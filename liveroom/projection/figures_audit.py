"""Checks milestones and spans against the log, and tallies against the milestones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from sqlalchemy import Connection, select, tuple_

from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.model import Complaint
from liveroom.log import event_log, schema
from liveroom.log.event_log import Slices, history
from liveroom.projection.figures_fold import Spans, refolded
from liveroom.projection.figures_milestone import Milestone, Step, matters
from liveroom.projection.figures_tally import Key, contributions

_milestone, _span, _tally = schema.milestone, schema.span, schema.tally
# Rows a slice: about 3 ms of the database thread.
SLICE = 250
Wrong = tuple[str, str, str, str]


def refold_figures(connection: Connection, id_: str) -> tuple[Milestone | None, Spans]:
    """The milestone of a complaint, and its spans by (id, stage), as its events alone make them."""
    steps: list[Step] = []
    complaint: Complaint | None = None
    for logged in history(connection, id_):
        before, complaint = complaint, evolve(complaint, logged)
        steps.append(Step(before=before, after=complaint, logged=logged))
    milestones, spans = refolded({}, [step for step in steps if matters(step)])
    return milestones.get(id_), {key: span for key, span in spans.items() if span is not None}


def wrong_milestones(connection: Connection, ids: Sequence[str]) -> tuple[Wrong, ...]:
    """(what, key, expected, found) of every milestone and span of these complaints that differs from the log."""
    found: list[Wrong] = []
    for id_ in ids:
        milestone, spans = refold_figures(connection, id_)
        row = connection.execute(select(_milestone).where(_milestone.c.id == id_)).mappings().one_or_none()
        found += _difference("milestone", id_, asdict(milestone) if milestone else {}, dict(row or {}))
        kept = connection.execute(select(_span).where(_span.c.complaint == id_)).mappings()
        rows = {(row["complaint"], row["stage"]): dict(row) for row in kept}
        for key in sorted(rows.keys() | spans.keys()):
            expected = spans.get(key)
            found += _difference("span", ":".join(key), asdict(expected) if expected else {}, rows.get(key, {}))
    return tuple(found)


def _difference(what: str, key: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[Wrong]:
    names = [name for name in {**expected, **found} if expected.get(name) != found.get(name)]
    if not names:
        return []
    right, wrong = ({name: side.get(name) for name in names} for side in (expected, found))
    return [(what, key, event_log.encode(right), event_log.encode(wrong))]


def wrong_tallies(slices: Slices) -> tuple[Wrong, ...]:
    """(what, key, expected, found) of every tally that the milestones do not add up to; in slices, at one moment."""
    counted: Counter[Key] = Counter()
    after = ""
    while part := slices.run(partial(_milestones, after=after)):
        for row in part:
            counted.update(contributions(row))
        after = part[-1].id
    found: list[Wrong] = []
    beyond: Key = ("", 0, "")
    while kept := slices.run(partial(_tallies, after=beyond)):
        found += [wrong for key, value in kept for wrong in _miscount(key, counted.pop(key, 0), value)]
        beyond = kept[-1][0]
    return (*found, *(wrong for key, value in sorted(counted.items()) for wrong in _miscount(key, value, 0)))


def _miscount(key: Key, counted: int, kept: int) -> tuple[Wrong, ...]:
    return () if counted == kept else (("tally", ":".join(map(str, key)), str(counted), str(kept)),)


def _milestones(connection: Connection, *, after: str) -> list[Milestone]:
    query = select(_milestone).where(_milestone.c.id > after).order_by(_milestone.c.id).limit(SLICE)
    return [Milestone(**row) for row in connection.execute(query).mappings()]


def _tallies(connection: Connection, *, after: Key) -> list[tuple[Key, int]]:
    key = tuple_(_tally.c.what, _tally.c.quarter, _tally.c.agency)
    query = select(_tally).where(key > tuple_(*after)).order_by(_tally.c.what, _tally.c.quarter, _tally.c.agency)
    return [((row.what, row.quarter, row.agency), row.value) for row in connection.execute(query.limit(SLICE))]
