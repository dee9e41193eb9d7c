"""Keeps milestones, spans and tallies in step with the complaints, inside the transaction that logs their events."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields

from sqlalchemy import Connection, bindparam, delete, select, tuple_

from liveroom.domain.complaints.model import Complaint, Stage
from liveroom.domain.events import Logged
from liveroom.log import schema
from liveroom.projection.figures_milestone import Milestone, Span, Step, advance, matters, reopens, spans
from liveroom.projection.figures_tally import Key, add_tallies, change
from liveroom.projection.upsert import upsert

IN_A_QUERY = 500
Spans = dict[tuple[str, str], Span | None]
_milestone = schema.milestone
_OF_IDS = select(*(_milestone.c[field.name] for field in fields(Milestone))).where(
    _milestone.c.id.in_(bindparam("ids", expanding=True))
)


class FoldedFigures:
    """The steps of one flush; complaints whose figures cannot have changed are not even looked up."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._steps: list[Step] = []

    def note(self, before: Complaint | None, after: Complaint, logged: Logged) -> None:
        """Remember that an event made ``before`` into ``after``."""
        step = Step(before=before, after=after, logged=logged)
        if matters(step):
            self._steps.append(step)

    def flush(self) -> None:
        """Write what the steps changed."""
        if not self._steps:
            return
        ids = list(dict.fromkeys(step.after.id for step in self._steps if step.before is not None))
        old = milestones(self._connection, ids)
        new, ended = refolded(old, self._steps)
        tallies: Counter[Key] = Counter()
        for id_, row in new.items():
            tallies.update(change(old.get(id_), row))
        upsert(self._connection, _milestone, [asdict(row) for id_, row in new.items() if row != old.get(id_)])
        _write_spans(self._connection, ended)
        add_tallies(self._connection, tallies)
        self._steps = []


def refolded(old: Mapping[str, Milestone], steps: Sequence[Step]) -> tuple[dict[str, Milestone], Spans]:
    """Milestones and spans after the steps; a span that is no more is None."""
    new: dict[str, Milestone] = {}
    ended: Spans = {}
    for step in steps:
        id_ = step.after.id
        before = new.get(id_) or old.get(id_)
        if reopens(step):
            ended[id_, Stage.FINISH.value] = None
        ended.update({(span.complaint, span.stage): span for span in spans(before, step)})
        new[id_] = advance(before, step)
    return new, ended


def milestones(connection: Connection, ids: Sequence[str]) -> dict[str, Milestone]:
    """The milestones of these complaints by id."""
    found: dict[str, Milestone] = {}
    for part in _parts(ids):
        rows = connection.execute(_OF_IDS, {"ids": list(part)}).mappings()
        found.update({row["id"]: Milestone(**row) for row in rows})
    return found


def _write_spans(connection: Connection, ended: Spans) -> None:
    upsert(connection, schema.span, [asdict(span) for span in ended.values() if span is not None])
    gone = [key for key, span in ended.items() if span is None]
    if gone:
        table = schema.span.c
        connection.execute(delete(schema.span).where(tuple_(table.complaint, table.stage).in_(gone)))


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), IN_A_QUERY):
        yield ids[start : start + IN_A_QUERY]
