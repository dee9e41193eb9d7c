"""Counts of stays and occurrences for evaluations, and the complaints behind each count.

Every read walks an index over a range of moments in slices: a slice looks at some thousand rows and says where the next
one begins. Moments are whole microseconds since 1970, ranges half open; what is open, undone or overdue is judged at
the range's end. A count and the list behind it use the same conditions.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)

from liveroom.log import schema
from liveroom.log.rows import PreparedQuery
from liveroom.projection.stays import FINISHED, RATED, RECEIVED, REOPENED, SENT_ON

# Rows that a slice looks at: 5 to 15 ms of the database's thread.
AT_ONCE = 3_000
SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
# Changes of hands from which a complaint goes to and fro.
PING_PONG = 3
# Above every moment and every number of an event.
NEVER = 1 << 62
UNMEASURED = -(1 << 40)
_stay, _occurrence = schema.stay.c, schema.occurrence.c
Condition = ColumnElement[bool]


class Cut(StrEnum):
    """By what the rows of an evaluation are."""

    AGENCY = "agency"
    CATEGORY = "category"
    AREA = "area"
    SOURCE = "source"
    CHANNEL = "channel"
    CLASS = "class"
    HOUR = "hour"
    WEEKDAY = "weekday"


_CODES: Mapping[Cut, ColumnElement[str]] = {
    Cut.AGENCY: _stay.agency,
    Cut.CATEGORY: _stay.category,
    Cut.AREA: _stay.area,
    Cut.SOURCE: _stay.source,
    Cut.CHANNEL: _stay.channel,
    Cut.CLASS: _stay.class_,
}
# Cuts by which complaints may be filtered, for they have a code.
FILTERS = tuple(_CODES)


class Selection(Struct, frozen=True, kw_only=True):
    """Which complaints count, and by what: ``filters`` are (cut, its code) pairs.

    ``offsets``: (from, offset) pairs of the city's time zone, the newest first, the last one for all before;
    ``known``: (cut, codes) of each whose other codes count as none.
    """

    by: Cut
    filters: tuple[tuple[Cut, str], ...] = ()
    offsets: tuple[tuple[int, int], ...] = ((0, 0),)
    known: tuple[tuple[Cut, frozenset[str]], ...] = ()

    def code(self, cut: Cut, value: str) -> str:
        """The code as rows are named by it, empty for one that the city does not have."""
        codes = self.codes_of(cut)
        return value if codes is None or value in codes else ""

    def codes_of(self, cut: Cut) -> frozenset[str] | None:
        """The codes that the city has; None where any code counts."""
        return next((codes for of, codes in self.known if of is cut), None)


def _cut_column(selection: Selection, cut: Cut, agency: ColumnElement[str]) -> ColumnElement[Any]:
    """What a stay counts under; hours 0 to 23 and weekdays 1 (Monday) to 7 of its receipt, by the city's clock."""
    if cut is Cut.AGENCY:
        return agency
    if cut in _CODES:
        return _CODES[cut]
    *later, (_, first) = selection.offsets
    changes = [(_stay.received_at >= _number(since), _number(value)) for since, value in later]
    offset = case(*changes, else_=_number(first)) if changes else _number(first)
    local = _stay.received_at + offset
    if cut is Cut.HOUR:
        return (local // _number(HOUR)) % _number(24)
    # 1970 began on a Thursday.
    return (local // _number(DAY) + _number(3)) % _number(7) + _number(1)


def _number(value: int) -> ColumnElement[int]:
    """As it stands in the statement, which is prepared."""
    return literal_column(str(value), BigInteger)


def _matches(selection: Selection, cut: Cut, value: str, agency: ColumnElement[str], name: str = "row") -> Condition:
    # Named, for a statement that is prepared takes its values by name; a filter and a row may be of one cut.
    column = _cut_column(selection, cut, agency)
    if cut in (Cut.HOUR, Cut.WEEKDAY):
        return column == _number(int(value))
    if value == "" and (known := selection.codes_of(cut)) is not None:
        codes = enumerate(sorted(known))
        return and_(true(), *(column != bindparam(f"{name}_{cut}_{place}", code) for place, code in codes))
    return column == bindparam(f"{name}_{cut}", value)


def _filtered(selection: Selection, agency: ColumnElement[str] = _stay.agency) -> Condition:
    return and_(true(), *(_matches(selection, cut, value, agency, "filter") for cut, value in selection.filters))


# ---- the walk along an index ----


class Page(NamedTuple):
    """The rows of a slice, and the moment at which the next one begins; None after the last."""

    rows: Sequence[Any]
    next: int | None


def _bound(
    connection: Connection, column: ColumnElement[int], start: int, end: int, among: Condition | None = None
) -> int | None:
    """Where a slice ends that begins at ``start``: about AT_ONCE rows on, never within one moment; None at ``end``."""
    within = and_(column >= start, column < end, *(() if among is None else (among,)))
    found = connection.execute(select(column).where(within).order_by(column).limit(1).offset(AT_ONCE)).scalar()
    if found == start:
        beyond = select(func.min(column)).where(and_(within, column > start))
        found = connection.execute(beyond).scalar()
    return found


def _sliced(
    connection: Connection,
    query: Select[Any],
    column: ColumnElement[int],
    start: int,
    end: int,
    among: Condition | None = None,
) -> Page:
    bound = _bound(connection, column, start, end, among)
    range_ = and_(column >= start, column < (end if bound is None else bound), *(() if among is None else (among,)))
    return Page(connection.execute(query.where(range_)).all(), bound)


# ---- counts: one slice each ----


def begun(connection: Connection, selection: Selection, start: int, end: int) -> Page:
    """(cut, begin, n) of the stays that began."""
    cut = _cut_column(selection, selection.by, _stay.agency).label("cut")
    query = select(cut, _stay.begin, func.count()).where(_filtered(selection)).group_by("cut", _stay.begin)
    return _sliced(connection, query, _stay.start, start, end)


def forwarded(connection: Connection, selection: Selection, start: int, end: int) -> Page:
    """(cut, seconds since its begin) of what was first sent to an agency; UNMEASURED if it came late already."""
    bound = _bound(connection, _stay.forwarded_at, start, end)
    return _fetched(connection, _forwarded_query(selection), start, end, bound)


def accepted(connection: Connection, selection: Selection, start: int, end: int) -> Page:
    """(cut, seconds since it was sent there) of what its lead first accepted; UNMEASURED if it came late."""
    bound = _bound(connection, _stay.accepted_at, start, end)
    return _fetched(connection, _accepted_query(selection), start, end, bound)


def ended(connection: Connection, selection: Selection, start: int, end: int, judged: int) -> Page:
    """(cut, ending, kept, seconds since receipt) of what ended and was not opened again by the moment ``judged``."""
    bound = _bound(connection, _stay.ended_at, start, end)
    return _fetched(connection, _ended_query(selection), start, end, bound, judged=judged)


def passed(connection: Connection, selection: Selection, first: int, start: int, end: int) -> Page:
    """As ``begun``, ``forwarded``, ``accepted`` and ``ended`` at once, of the stays from the number ``first`` on.

    (cut, begin, seconds to forward, seconds to accept, ending, kept, seconds since receipt), None for what did not
    happen in the range, UNMEASURED for what came late already. One look at each row, in the order in which they lie:
    of a period that holds most of them this takes half the time.
    """
    bound = _bound(connection, _stay.seq, first, NEVER)
    values = {"first": first, "before": NEVER if bound is None else bound, "start": start, "end": end}
    return Page(_passed_query(selection).rows(connection, values), bound)


# Those that bring a row a complaint are made once for each selection and read past SQLAlchemy, in half the time.


def _fetched(
    connection: Connection, query: PreparedQuery, start: int, end: int, bound: int | None, **more: int
) -> Page:
    return Page(query.rows(connection, {"start": start, "end": end if bound is None else bound, **more}), bound)


def _range(column: ColumnElement[int]) -> Condition:
    return and_(column >= bindparam("start", type_=BigInteger), column < bindparam("end", type_=BigInteger))


@lru_cache(maxsize=64)
def _forwarded_query(selection: Selection) -> PreparedQuery:
    seconds = case((_stay.inherited == _number(0), _whole(_stay.forwarded_at - _stay.start)), else_=_number(UNMEASURED))
    query = select(_cut_column(selection, selection.by, _stay.agency), seconds)
    return PreparedQuery(query.where(_filtered(selection), _range(_stay.forwarded_at)))


@lru_cache(maxsize=64)
def _accepted_query(selection: Selection) -> PreparedQuery:
    seconds = case(
        (_stay.inherited == _number(0), _whole(_stay.accepted_at - _stay.sent_at)), else_=_number(UNMEASURED)
    )
    query = select(_cut_column(selection, selection.by, _stay.agency), seconds)
    return PreparedQuery(query.where(_filtered(selection), _range(_stay.accepted_at)))


@lru_cache(maxsize=64)
def _ended_query(selection: Selection) -> PreparedQuery:
    seconds = _whole(_stay.ended_at - _stay.received_at)
    query = select(_cut_column(selection, selection.by, _stay.agency), _stay.ending, _stay.kept, seconds)
    judged = or_(_stay.undone_at.is_(None), _stay.undone_at >= bindparam("judged", type_=BigInteger))
    return PreparedQuery(query.where(_filtered(selection), _range(_stay.ended_at), judged))


@lru_cache(maxsize=64)
def _passed_query(selection: Selection) -> PreparedQuery:
    own, unmeasured = _stay.inherited == _number(0), _number(UNMEASURED)
    forwarding, acceptance = _whole(_stay.forwarded_at - _stay.start), _whole(_stay.accepted_at - _stay.sent_at)
    stands = or_(_stay.undone_at.is_(None), _stay.undone_at >= bindparam("end", type_=BigInteger))
    query = select(
        _cut_column(selection, selection.by, _stay.agency),
        case((_range(_stay.start), _stay.begin)),
        case((_range(_stay.forwarded_at), case((own, forwarding), else_=unmeasured))),
        case((_range(_stay.accepted_at), case((own, acceptance), else_=unmeasured))),
        case((and_(_range(_stay.ended_at), stands), _stay.ending)),
        _stay.kept,
        _whole(_stay.ended_at - _stay.received_at),
    )
    part = and_(_stay.seq >= bindparam("first", type_=BigInteger), _stay.seq < bindparam("before", type_=BigInteger))
    return PreparedQuery(query.where(_filtered(selection), part))


def _whole(micros: ColumnElement[int]) -> ColumnElement[int]:
    return micros // _number(SECOND)


def open_still(connection: Connection, selection: Selection, start: int, judged: int) -> Page:
    """(cut, received_at, late_at) of what is open now and was at ``judged``, from those on that began at ``start``."""
    query = _open_query(selection)
    return _sliced(connection, query, _stay.start, start, judged, _stay.ended_at.is_(None))


def open_then(connection: Connection, selection: Selection, start: int, judged: int) -> Page:
    """(cut, received_at, late_at) of what has ended since but was open at ``judged``; ``start``: that, then onward."""
    query = _open_query(selection).where(_stay.start < judged)
    return _sliced(connection, query, _stay.ended_at, start, NEVER)


def _open_query(selection: Selection) -> Select[Any]:
    cut = _cut_column(selection, selection.by, _stay.agency)
    return select(cut, _stay.received_at, _stay.late_at).where(_filtered(selection))


def late_still(connection: Connection, selection: Selection, start: int) -> Page:
    """(cut, start, late_at, None) of what is open now with a broken promise, from those on late since ``start``."""
    cut = _cut_column(selection, selection.by, _stay.agency)
    query = select(cut, _stay.start, _stay.late_at, _stay.ended_at).where(_filtered(selection))
    return _sliced(connection, query, _stay.late_at, start, NEVER, _stay.ended_at.is_(None))


def late_then(connection: Connection, selection: Selection, start: int) -> Page:
    """(cut, start, late_at, ended_at) of what ended after a broken promise, from the moment ``start`` on."""
    cut = _cut_column(selection, selection.by, _stay.agency)
    query = select(cut, _stay.start, _stay.late_at, _stay.ended_at).where(_filtered(selection))
    return _sliced(connection, query, _stay.ended_at, start, NEVER, _stay.late_at.is_not(None))


def closings(connection: Connection, selection: Selection, start: int, end: int) -> Page:
    """(cut, on time, late) of what was finished with a promise and not opened again by ``end``."""
    cut = _cut_column(selection, selection.by, _stay.agency).label("cut")
    late = func.sum(1 - _stay.kept)
    query = select(cut, func.sum(_stay.kept), late).where(_filtered(selection), _stands(end), _stay.kept.is_not(None))
    return _sliced(connection, query.group_by("cut"), _stay.ended_at, start, end)


def happened(connection: Connection, selection: Selection, start: int, end: int) -> Page:
    """(cut, what, value of a rating, n) of the occurrences."""
    cut = _cut_column(selection, selection.by, _occurrence.agency).label("cut")
    value = case((_occurrence.what == RATED, _occurrence.value), else_=0).label("score")
    query = select(cut, _occurrence.what, value, func.count()).select_from(_joined())
    query = query.where(_filtered(selection, _occurrence.agency)).group_by("cut", _occurrence.what, "score")
    return _sliced(connection, query, _occurrence.at, start, end)


def _joined() -> Any:
    return schema.occurrence.join(schema.stay, _stay.seq == _occurrence.stay)


def to_and_fro(connection: Connection, selection: Selection, start: int, end: int) -> Page:
    """(cut, complaint) of what changed hands for the PING_PONGth time or more; by agency the cut says nothing."""
    cut = _cut_column(selection, selection.by, _occurrence.agency)
    legs = _legs("ping_pong", start, end)[0]
    query = select(cut, _occurrence.complaint).select_from(_joined()).where(*legs.conditions)
    query = query.where(_filtered_moves(selection, end))
    return _sliced(connection, query, _occurrence.at, start, end)


def moves_of(connection: Connection, ids: Sequence[str], end: int) -> Sequence[Any]:
    """(complaint, from, to) of every change of hands of these complaints (at most 500) before ``end``."""
    query = select(_occurrence.complaint, _occurrence.agency, _occurrence.other)
    query = query.where(_occurrence.complaint.in_(ids), _occurrence.what == SENT_ON, _occurrence.at < end)
    return connection.execute(query).all()


def _filtered_moves(selection: Selection, end: int) -> Condition:
    """The filters, that of the agency met by each through whose hands it went."""
    others = tuple((cut, value) for cut, value in selection.filters if cut is not Cut.AGENCY)
    agencies = [value for cut, value in selection.filters if cut is Cut.AGENCY]
    rest = Selection(by=selection.by, filters=others, offsets=selection.offsets, known=selection.known)
    return and_(_filtered(rest), *(_through(value, end) for value in agencies))


def _through(agency: str, end: int) -> Condition:
    move = schema.occurrence.alias("move").c
    hands = or_(move.agency == agency, move.other == agency)
    return exists().where(move.complaint == _occurrence.complaint, move.what == SENT_ON, move.at < end, hands)


# ---- conditions of each measure ----


class _Leg(NamedTuple):
    """A range of one index and what must be true besides."""

    column: ColumnElement[int]
    start: int
    end: int
    conditions: tuple[Condition, ...] = ()
    among: Condition | None = None
    counts_at: ColumnElement[int] | None = None
    """The moment at which it counts, where that is not ``column``."""


def _stands(judged: int) -> Condition:
    """The end of a stay was not taken back by then."""
    return or_(_stay.undone_at.is_(None), _stay.undone_at >= judged)


AGES = {"to_1": (0, 1), "to_3": (1, 3), "to_7": (3, 7), "older": (7, None)}
_EVENTS = ("declined", "sent_on", "sent_back", "rated")
SCORES = tuple(f"rated_{score}" for score in range(1, 6))
MEASURES = (
    *("received", "forwarded", "accepted", "finished", "on_time", "late", "overdue", "due", "elsewhere", "open"),
    *("reopened", *_EVENTS, *SCORES, *AGES, "ping_pong"),
)


def _legs(  # noqa: C901, PLR0912 - one case a measure: the table of what each counts
    measure: str, start: int, end: int
) -> tuple[_Leg, ...]:
    """The ranges and conditions of a measure between two moments."""
    finished = _Leg(_stay.ended_at, start, end, (_stay.ending == FINISHED, _stands(end)))
    match measure:
        case "received" | "reopened":
            begin = RECEIVED if measure == "received" else REOPENED
            return (_Leg(_stay.start, start, end, (_stay.begin == begin,)),)
        case "forwarded":
            return (_Leg(_stay.forwarded_at, start, end),)
        case "accepted":
            return (_Leg(_stay.accepted_at, start, end),)
        case "finished":
            return (finished,)
        case "on_time" | "late":
            return (_with(finished, _stay.kept == int(measure == "on_time")),)
        case "elsewhere":
            return (_Leg(_stay.ended_at, start, end, (_stay.ending != FINISHED, _stands(end))),)
        case "overdue":
            return _open_legs(end, _stay.late_at < end)
        case "due":
            return (_with(finished, _stay.kept.is_not(None)), *_legs("overdue", start, end))
        case "open":
            return _open_legs(end)
        case _ if measure in AGES:
            return _open_legs(end, _aged(measure, end))
        case "ping_pong":
            return (_Leg(_occurrence.at, start, end, (_goes_to_and_fro(start),)),)
        case _ if measure in SCORES:
            rated = (_occurrence.what == RATED, _occurrence.value == int(measure[-1]))
            return (_Leg(_occurrence.at, start, end, rated),)
        case _ if measure in _EVENTS:
            return (_Leg(_occurrence.at, start, end, (_occurrence.what == measure,)),)
        case _:
            raise ValueError(f"no measure {measure}")


def _with(leg: _Leg, condition: Condition) -> _Leg:
    return leg._replace(conditions=(*leg.conditions, condition))


def _open_legs(end: int, *conditions: Condition) -> tuple[_Leg, ...]:
    return (
        _Leg(_stay.start, 0, end, conditions, _stay.ended_at.is_(None)),
        _Leg(_stay.ended_at, end, NEVER, (*conditions, _stay.start < end), counts_at=_stay.start),
    )


def _aged(measure: str, end: int) -> Condition:
    """Open for so many days, a day being 24 hours since its receipt: the oldest of a class just so."""
    above, most = AGES[measure]
    newer = _stay.received_at < end - above * DAY if above else true()
    return newer if most is None else and_(newer, _stay.received_at >= end - most * DAY)


def _goes_to_and_fro(start: int) -> Condition:
    """The first change of hands in the period that makes it go to and fro: each complaint counts once."""
    before = schema.occurrence.alias("before").c
    sooner = exists().where(
        before.complaint == _occurrence.complaint,
        before.what == SENT_ON,
        before.value >= PING_PONG,
        before.at >= start,
        before.seq < _occurrence.seq,
    )
    return and_(_occurrence.what == SENT_ON, _occurrence.value >= PING_PONG, ~sooner)


# ---- the complaints behind a number ----


class ListPlace(NamedTuple):
    """Where a list goes on: leg, moment and ``seq`` behind the last one shown."""

    leg: int = 0
    at: int = 0
    seq: int = -1


class Behind(NamedTuple):
    """Some complaints behind a number: (id, moment at which it counts), and where the list goes on, None at its end."""

    found: Sequence[tuple[str, int]]
    next: ListPlace | None


def behind(  # noqa: PLR0913 - what it is about, and the page of it
    connection: Connection,
    selection: Selection,
    measure: str,
    span: tuple[int, int],
    value: str | None,
    place: ListPlace,
    limit: int,
) -> Behind:
    """Up to ``limit`` complaints behind the number of the row ``value`` (None: all rows), in one slice.

    A slice may find none and go on all the same. Raises ValueError for an unknown measure.
    """
    legs = _legs(measure, *span)
    if place.leg >= len(legs):
        return Behind((), None)
    leg = legs[place.leg]
    start = max(leg.start, place.at)
    of_table = _occurrence if leg.column.table is schema.occurrence else _stay
    bound = _bound(connection, leg.column, start, leg.end, leg.among)
    counts_at = leg.column if leg.counts_at is None else leg.counts_at
    query = select(of_table.complaint, counts_at.label("counts_at"), leg.column, of_table.seq)
    query = query.select_from(_joined() if of_table is _occurrence else schema.stay)
    query = query.where(*leg.conditions, *_row_conditions(selection, measure, value, span[1], of_table))
    within = and_(leg.column >= start, leg.column < (leg.end if bound is None else bound))
    after = or_(leg.column > place.at, of_table.seq > place.seq)
    query = query.where(within, after, *(() if leg.among is None else (leg.among,)))
    rows = connection.execute(query.order_by(leg.column, of_table.seq).limit(limit)).all()
    found = [(id_, at) for id_, at, _, _ in rows]
    if len(rows) == limit:
        return Behind(found, ListPlace(place.leg, rows[-1][2], rows[-1][3]))
    if bound is not None:
        return Behind(found, ListPlace(place.leg, bound, -1))
    return Behind(found, ListPlace(place.leg + 1) if place.leg + 1 < len(legs) else None)


def _row_conditions(
    selection: Selection, measure: str, value: str | None, end: int, of_table: Any
) -> tuple[Condition, ...]:
    agency = of_table.agency
    if measure == "ping_pong":
        row = () if value is None or selection.by is Cut.AGENCY else (_matches(selection, selection.by, value, agency),)
        # The row of another agency than the one that is looked at alone is empty.
        own = dict(selection.filters).get(Cut.AGENCY, value)
        through = () if value is None else (_through(value, end), *(() if own == value else (false(),)))
        by_agency = through if selection.by is Cut.AGENCY else ()
        return (_filtered_moves(selection, end), *row, *by_agency)
    row = () if value is None else (_matches(selection, selection.by, value, agency),)
    return (_filtered(selection, agency), *row)


# ---- the record of an agency ----


def record(connection: Connection, agency: str, class_: str, start: int, end: int) -> Page:
    """(received_at, ended_at or None) of an agency's complaints of a class that came in, open or finished for good."""
    query = select(_stay.received_at, _stay.ended_at).where(
        _stay.undone_at.is_(None), or_(_stay.ended_at.is_(None), _stay.ending == FINISHED)
    )
    # SQLite takes the index of those with an agency only where it is said in the index's own words.
    own = and_(_stay.agency != literal_column("''"), _stay.agency == agency, _stay.class_ == class_)
    return _sliced(connection, query, _stay.received_at, start, end, own)


def first_start(connection: Connection) -> int | None:
    """When the first complaint of all came in; None before any did."""
    found: int | None = connection.execute(select(func.min(_stay.start))).scalar()
    return found
