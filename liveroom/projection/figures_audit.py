"""Checks milestones and spans against the log, and tallies against the milestones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, func, select

from liveroom.domain.complaint import Complaint
from liveroom.domain.evolve import evolve
from liveroom.log import codec, schema
from liveroom.log.read import history
from liveroom.projection.figures_fold import Spans, refolded
from liveroom.projection.figures_milestone import Milestone, Step, matters
from liveroom.projection.figures_tally import NOW, QUARTER, Key

_milestone, _span, _tally = schema.milestone, schema.span, schema.tally
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
    return [(what, key, codec.encode(right), codec.encode(wrong))]


def wrong_tallies(connection: Connection) -> tuple[Wrong, ...]:
    """(what, key, expected, found) of every tally that the milestones do not add up to."""
    rows = connection.execute(select(_tally).where(_tally.c.value != 0))
    kept: dict[Key, int] = {(row.what, row.quarter, row.agency): row.value for row in rows}
    counted = recount(connection)
    return tuple(
        ("tally", ":".join(map(str, key)), str(counted.get(key, 0)), str(kept.get(key, 0)))
        for key in sorted(kept.keys() | counted.keys())
        if kept.get(key, 0) != counted.get(key, 0)
    )


def recount(connection: Connection) -> Counter[Key]:
    """Every tally as the milestones add up to it, counted by the database."""
    counts: Counter[Key] = Counter()
    table = _milestone.c
    timed = {"received": table.received_at, "finished": table.finished_at, "reopened": table.reopened_at}
    for what, column in timed.items():
        quarter = (column // QUARTER).label("quarter")
        query = select(quarter, table.agency, func.count()).where(column.is_not(None)).group_by(quarter, table.agency)
        counts.update({(what, at, agency): number for at, agency, number in connection.execute(query)})
    quarter = func.coalesce(table.closed_at // QUARTER, NOW).label("quarter")
    query = select(table.status, quarter, table.agency, func.count()).group_by(table.status, quarter, table.agency)
    counts.update({(status, at, agency): number for status, at, agency, number in connection.execute(query)})
    late = select(table.agency, func.count()).where(table.overdue == 1).group_by(table.agency)
    counts.update({("overdue", NOW, agency): number for agency, number in connection.execute(late)})
    return counts
