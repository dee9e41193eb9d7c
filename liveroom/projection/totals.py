"""Totals: the counts that add up over all complaints.

A total is the sum of what each complaint contributes to its key, so a change of a complaint is a difference of two
contributions. Kinds of keys, by day or for all (control-room rules CR-75 and CR-77): `cohort` of the complaints
received on a day, `stock` of everything open, `flow` of what was done on a day.
"""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, case, func, select

from liveroom.domain.complaints.model import OPEN, Complaint, Status
from liveroom.log import schema
from liveroom.log.event_log import Slices
from liveroom.log.rows import add
from liveroom.projection.projector import AuditFinding, Change, ChangeProjector, sum_differences

_complaint, _total = schema.complaint.c, schema.total.c


def contributions(complaint: Complaint | None) -> tuple[str, ...]:
    """The keys of the totals in which this complaint counts, once in each.

    A reopened complaint leaves the flow of its day and is not counted as received again.
    """
    if complaint is None:
        return ()
    status, day = complaint.status, complaint.day
    received = (f"cohort:{day}:in", f"cohort:{day}:{status}")
    if status in OPEN:
        return (*received, "stock:open", "stock:overdue") if complaint.overdue else (*received, "stock:open")
    return (*received, f"flow:{complaint.closed_day}:done") if status is Status.DONE else received


class TotalProjector(ChangeProjector):
    """Keeps the totals in step with the complaints."""

    def write(self, changes: Sequence[Change]) -> None:
        """Add to each total how the complaints changed it."""
        change: Counter[str] = Counter()
        for old, new in changes:
            change.update(contributions(new))
            if old is not None:
                change.subtract(contributions(old))
        rows = [{"key": key, "value": value} for key, value in sorted(change.items()) if value]
        add(self._connection, schema.total, rows)

    @staticmethod
    def recount(slices: Slices) -> list[AuditFinding]:
        """Recount every total from the complaints' rows."""
        return slices.run(_wrong_totals)


def _wrong_totals(connection: Connection) -> list[AuditFinding]:
    kept = {row.key: row.value for row in connection.execute(select(_total.key, _total.value)) if row.value}
    counted = {key: value for key, value in _recount(connection).items() if value}
    return sum_differences("total", counted, kept)


def _recount(connection: Connection) -> Counter[str]:
    """Every total as the complaint rows add up to it."""
    late = func.sum(case((_complaint.overdue == 1, 1), else_=0))
    by = (_complaint.day, _complaint.status)
    query = select(*by, func.count(), late).group_by(*by)
    counts: Counter[str] = Counter()
    for day, status, number, overdue in connection.execute(query):
        counts[f"cohort:{day}:in"] += number
        counts[f"cohort:{day}:{status}"] += number
        if status in (Status.WAITING, Status.IN_PROCESS):
            counts["stock:open"] += number
            counts["stock:overdue"] += overdue
    done = select(_complaint.closed_day, func.count()).where(_complaint.status == Status.DONE.value)
    for day, number in connection.execute(done.group_by(_complaint.closed_day)):
        counts[f"flow:{day}:done"] += number
    return counts


def wire_counts(values: dict[str, int], today: str) -> dict[str, object]:
    """``counts`` of the feed for the city's ``today`` (ISO date)."""
    cohort = {part: values.get(f"cohort:{today}:{part}", 0) for part in ("in", *(s.value for s in Status))}
    stock = {part: values.get(f"stock:{part}", 0) for part in ("open", "overdue")}
    return {"day": today, "cohort": cohort, "stock": stock, "flow": {"done": values.get(f"flow:{today}:done", 0)}}


def wire_keys(today: str) -> tuple[str, ...]:
    """The total keys that ``wire_counts`` needs."""
    cohort = tuple(f"cohort:{today}:{part}" for part in ("in", *(s.value for s in Status)))
    return (*cohort, "stock:open", "stock:overdue", f"flow:{today}:done")
