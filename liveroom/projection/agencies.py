"""Agencies: which complaints each one has, its own totals, and how much lies with it.

A complaint that several agencies have counts in each. `HoldingProjector` writes the rows; the reads below them serve an
agency's own feed, and the loads the desk's overview and the drill-down of a supervisor.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, func, literal_column, select, update

from liveroom.city.city import City
from liveroom.domain.complaints.model import Complaint, State, Status
from liveroom.domain.events import LoggedEvent
from liveroom.log import schema
from liveroom.log.event_log import EventLog, Slices
from liveroom.log.rows import Prepared, add, upsert
from liveroom.log.schema import listing, listing_agency
from liveroom.projection import IN_A_QUERY
from liveroom.projection.complaints import OPEN_STATUSES
from liveroom.projection.projector import (
    AuditFinding,
    Change,
    ChangeProjector,
    Refolded,
    sum_differences,
)
from liveroom.projection.totals import contributions, wire_counts, wire_keys

_held, _holding, _complaint = schema.holding.c, schema.holding, schema.complaint
_UPDATE_PROGRESS = Prepared(
    update(schema.holding)
    .where(_held.complaint == bindparam("of"), _held.held == literal_column("1"))
    .values(open=bindparam("is_open"), closed_day=bindparam("day"))
)


class HoldingProjector(ChangeProjector):
    """Keeps holdings and the agencies' totals in step with the complaints."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._moves: dict[tuple[str, str], dict[str, Any]] = {}

    def apply(self, logged: LoggedEvent, before: Complaint | None, after: Complaint | None, /) -> None:
        """Remember which agencies an event gave the complaint to, and which it took it from."""
        super().apply(logged, before, after)
        if after is None:
            return
        had, has = (before.agencies if before else ()), after.agencies
        if had == has:
            return
        for agency in {*had} ^ {*has}:
            row = {"complaint": after.id, "agency": agency, "held": int(agency in has), "moved": logged.seq}
            self._moves[after.id, agency] = row

    def write(self, changes: Sequence[Change]) -> None:
        """Write which agencies have what, with the present status of every complaint that changed."""
        present = {new.id: new for _, new in changes}
        moves = [row | _progress(present[id_] if row["held"] else None) for (id_, _), row in self._moves.items()]
        upsert(self._connection, schema.holding, moves)
        kept = [
            {"of": new.id, "is_open": int(new.open), "day": new.closed_day}
            for old, new in changes
            if old is not None and old.agencies and (old.open, old.closed_day) != (new.open, new.closed_day)
        ]
        _UPDATE_PROGRESS.run(self._connection, kept)
        self._add_totals(changes)
        self._moves = {}

    def _add_totals(self, changes: Sequence[Change]) -> None:
        change: Counter[tuple[str, str]] = Counter()
        for old, new in changes:
            if new.agencies:
                change.update(_by_agency(new))
            if old is not None and old.agencies:
                change.subtract(_by_agency(old))
        rows = [{"agency": a, "key": key, "value": value} for (a, key), value in sorted(change.items()) if value]
        add(self._connection, schema.agency_total, rows)

    @staticmethod
    def differences(connection: Connection, complaints: Sequence[Refolded], /) -> list[AuditFinding]:
        """Complaints that other agencies have than their events say."""
        known = [one for refolded in complaints if (one := refolded.complaint) is not None]
        kept: dict[str, set[str]] = {one.id: set() for one in known}
        for start in range(0, len(known), IN_A_QUERY):
            for row in held(connection, [one.id for one in known[start : start + IN_A_QUERY]]):
                if row.held:
                    kept[row.complaint].add(row.agency)
        return [
            AuditFinding(
                what="holding",
                key=one.id,
                expected=" ".join(sorted(one.agencies)),
                found=" ".join(sorted(kept[one.id])),
            )
            for one in known
            if kept[one.id] != set(one.agencies)
        ]

    @staticmethod
    def recount(slices: Slices, /) -> list[AuditFinding]:
        """Recount each agency's totals from its complaints."""
        return slices.run(_wrong_totals)


def _progress(complaint: Complaint | None) -> dict[str, Any]:
    if complaint is None:
        return {"open": 0, "closed_day": None}
    return {"open": int(complaint.open), "closed_day": complaint.closed_day}


def _by_agency(complaint: Complaint) -> tuple[tuple[str, str], ...]:
    """The totals in which one complaint counts, of each agency that has it."""
    counted = contributions(complaint)
    return tuple((agency, key) for agency in complaint.agencies for key in counted)


def _wrong_totals(connection: Connection) -> list[AuditFinding]:
    table = schema.agency_total.c
    rows = connection.execute(select(table.agency, table.key, table.value).where(table.value != 0))
    kept = {f"{row.agency} {row.key}": row.value for row in rows}
    counted = {f"{agency} {key}": value for (agency, key), value in _recount(connection).items() if value}
    return sum_differences("agency_total", counted, kept)


def _recount(connection: Connection) -> Counter[tuple[str, str]]:
    """Each agency's totals as the rows of its complaints add up to them."""
    late = func.sum(case((_complaint.c.overdue == 1, 1), else_=0))
    by = (_held.agency, _complaint.c.day, _complaint.c.status, _complaint.c.closed_day)
    query = select(*by, func.count(), late).join(schema.holding, _held.complaint == _complaint.c.id)
    counts: Counter[tuple[str, str]] = Counter()
    for agency, day, status, closed_day, number, overdue in connection.execute(
        query.where(_held.held == 1).group_by(*by)
    ):
        counts[agency, f"cohort:{day}:in"] += number
        counts[agency, f"cohort:{day}:{status}"] += number
        if status in (Status.WAITING, Status.IN_PROCESS):
            counts[agency, "stock:open"] += number
            counts[agency, "stock:overdue"] += overdue
        if status == Status.DONE:
            counts[agency, f"flow:{closed_day}:done"] += number
    return counts


# ---- reads of holdings; each uses an index and is bounded by its caller ----

_body = select(_complaint.c.body).join(_holding, _holding.c.complaint == _complaint.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An agency has a complaint, or had it: ``moved`` is the seq at which that last changed."""

    complaint: str
    agency: str
    held: bool
    moved: int


def held(connection: Connection, complaints: Collection[str]) -> tuple[Holding, ...]:
    """Who has, and who had, each of these complaints (at most 500)."""
    table = _holding.c
    query = select(table.complaint, table.agency, table.held, table.moved)
    rows = connection.execute(query.where(table.complaint.in_(tuple(complaints))))
    return tuple(Holding(complaint=r.complaint, agency=r.agency, held=bool(r.held), moved=r.moved) for r in rows)


def open_of(connection: Connection, agency: str, after: str, limit: int) -> tuple[str, ...]:
    """The bodies of up to ``limit`` open complaints of one agency with an id above ``after``, by id."""
    table = _holding.c
    query = _body.where(table.agency == agency, table.open == 1, table.complaint > after)
    return tuple(connection.execute(query.order_by(table.complaint).limit(limit)).scalars())


def closed_of(connection: Connection, agency: str, date: str, after: tuple[str, str], limit: int) -> tuple[str, ...]:
    """The bodies of up to ``limit`` complaints of one agency closed since ``date`` beyond the key (closed_day, id)."""
    table = _holding.c
    beyond = (table.closed_day > after[0]) | ((table.closed_day == after[0]) & (table.complaint > after[1]))
    query = _body.where(table.agency == agency, table.closed_day >= date, beyond)
    return tuple(connection.execute(query.order_by(table.closed_day, table.complaint).limit(limit)).scalars())


def counts_of(connection: Connection, agencies: Collection[str], date: str) -> Mapping[str, dict[str, object]]:
    """By agency, ``counts`` of the feed as its own complaints add up to them."""
    if not agencies:
        return {}
    table = schema.agency_total.c
    query = select(table.agency, table.key, table.value)
    query = query.where(table.agency.in_(tuple(agencies)), table.key.in_(wire_keys(date)))
    found: dict[str, dict[str, int]] = {agency: {} for agency in agencies}
    for row in connection.execute(query):
        found[row.agency][row.key] = row.value
    return {agency: wire_counts(values, date) for agency, values in found.items()}


# ---- loads: open complaints by area, category and agency, and the oldest among them ----

# The keys of a drill-down.
BY = ("area", "district", "agency", "category")
_COLUMNS = {"area": listing.c.area, "category": listing.c.category}


@dataclass(slots=True, kw_only=True)
class Load:
    """Open complaints of one key; ``oldest`` is the earliest receipt among them, in microseconds."""

    waiting: int = 0
    in_process: int = 0
    overdue: int = 0
    oldest: int | None = None

    @property
    def open(self) -> int:
        """All of them."""
        return self.waiting + self.in_process

    def add(self, other: "Load") -> None:
        """Count others in."""
        self.waiting += other.waiting
        self.in_process += other.in_process
        self.overdue += other.overdue
        self.oldest = min((one for one in (self.oldest, other.oldest) if one is not None), default=None)


def _loads_by(connection: Connection, by: str, status: str) -> Mapping[str, Load]:
    """Loads of one status by ``area`` or ``category``; the empty key has those without any."""
    column = _COLUMNS[by]
    query = select(column.label("key"), *_numbers(listing)).where(listing.c.status == status).group_by(column)
    return _loads(connection, query, status)


def _loads_of_agencies(connection: Connection, status: str, agency: str | None = None) -> Mapping[str, Load]:
    """Loads of one status of every agency, or of one; a complaint with several counts in each.

    What is only meant for an agency is not its load: with the empty key stands what no agency has.
    """
    table = listing_agency
    query = select(table.c.agency.label("key"), *_numbers(table)).where(table.c.status == status)
    query = query if agency is None else query.where(table.c.agency == agency)
    found = dict(_loads(connection, query.group_by(table.c.agency), status))
    if agency is None and status == Status.WAITING.value:
        desk = select(func.max("").label("key"), *_numbers(listing))
        desk = desk.where(listing.c.status == status, listing.c.state == State.RECEIVED.value)
        found |= _loads(connection, desk, status)
    return found


def _numbers(table: Any) -> tuple[Any, ...]:
    columns = table.c
    return (
        func.count().label("n"),
        func.sum(columns.overdue).label("late"),
        func.min(columns.received_at).label("oldest"),
    )


def _loads(connection: Connection, query: Select[Any], status: str) -> Mapping[str, Load]:
    found: dict[str, Load] = defaultdict(Load)
    for row in connection.execute(query):
        if row.n:
            found[row.key] = Load(**{status: row.n}, overdue=int(row.late or 0), oldest=row.oldest)
    return found


def drilldown(log: EventLog, city: City, by: str) -> Mapping[str, Load]:
    """Loads by one of ``BY``, all of one moment, read in a slice a status; the empty key has those without.

    Raises Unavailable.
    """
    read = _loads_of_agencies if by == "agency" else partial(_loads_by, by="area" if by == "district" else by)
    found: dict[str, Load] = defaultdict(Load)
    with log.slices() as slices:
        for status in OPEN_STATUSES:
            for key, load in slices.run(partial(read, status=status)).items():
                found[_district(city, key) if by == "district" else key].add(load)
    return found


def load_of(log: EventLog, agency: str) -> Load:
    """The load of one agency. Raises Unavailable."""
    total = Load()
    with log.slices() as slices:
        for status in OPEN_STATUSES:
            for load in slices.run(partial(_loads_of_agencies, status=status, agency=agency)).values():
                total.add(load)
    return total


def _district(city: City, area: str) -> str:
    return city.areas[area].district if area in city.areas else ""
