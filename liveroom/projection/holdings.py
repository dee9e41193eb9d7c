"""Keeps who has what, and the totals of each agency, in step with the complaints."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, update

from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Logged
from liveroom.log import schema
from liveroom.projection.totals import contributions
from liveroom.projection.upsert import add, upsert

Pair = tuple[Complaint | None, Complaint | None]
_holding = schema.holding.c
_MOVED_ON = (
    update(schema.holding)
    .where(_holding.complaint == bindparam("of"), _holding.held == 1)
    .values(open=bindparam("is_open"), closed_day=bindparam("day"))
)


class FoldedHoldings:
    """The hand-overs of one flush."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._moves: dict[tuple[str, str], dict[str, Any]] = {}

    def note(self, before: Complaint | None, after: Complaint, logged: Logged) -> None:
        """Remember whom an event gave the complaint to and whom it took it from."""
        had, has = (before.agencies if before else ()), after.agencies
        if had == has:
            return
        for agency in {*had} ^ {*has}:
            row = {"complaint": after.id, "agency": agency, "held": int(agency in has), "moved": logged.seq}
            self._moves[after.id, agency] = row

    def flush(self, changed: Iterable[Pair]) -> None:
        """Write what changed hands, and how the complaints that did or did not stand now."""
        pairs = [(old, new) for old, new in changed if new is not None]
        standing = {new.id: new for _, new in pairs}
        moves = [row | _stand(standing[id_] if row["held"] else None) for (id_, _), row in self._moves.items()]
        upsert(self._connection, schema.holding, moves)
        going_on = [
            {"of": new.id, "is_open": int(new.open), "day": new.closed_day}
            for old, new in pairs
            if old is not None and old.agencies and (old.open, old.closed_day) != (new.open, new.closed_day)
        ]
        if going_on:
            self._connection.execute(_MOVED_ON, going_on)
        self._add(pairs)
        self._moves = {}

    def _add(self, pairs: Iterable[tuple[Complaint | None, Complaint]]) -> None:
        change: Counter[tuple[str, str]] = Counter()
        for old, new in pairs:
            change.update(_by_agency(new))
            change.subtract(_by_agency(old))
        rows = [{"agency": a, "key": key, "value": value} for (a, key), value in sorted(change.items()) if value]
        add(self._connection, schema.agency_total, rows)


def _stand(complaint: Complaint | None) -> dict[str, Any]:
    if complaint is None:
        return {"open": 0, "closed_day": None}
    return {"open": int(complaint.open), "closed_day": complaint.closed_day}


def _by_agency(complaint: Complaint | None) -> Mapping[tuple[str, str], int]:
    """What one complaint adds to the totals of each agency that has it; nothing while nobody has it."""
    if complaint is None or not complaint.agencies:
        return {}
    added = contributions(complaint)
    return {(agency, key): value for agency in complaint.agencies for key, value in added.items()}
