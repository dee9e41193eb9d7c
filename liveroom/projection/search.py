"""The desk's list and its search: which complaints match, newest first, found along an index.

A page without words walks `listing` along the index of its narrowest filter, each status and value side by side. A page
with words asks the database's own index over `searched`. Exact numbers and telephones come first. Everything is read in
slices of one moment, so that other work fits in between. `ListingProjector` and `note_words` keep the rows in step.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    union_all,
    update,
)

from liveroom.city.city import City
from liveroom.domain.complaints.model import OPEN, Complaint, Status
from liveroom.domain.phones import phone_key
from liveroom.domain.surge import metres_between
from liveroom.domain.timestamps import to_micros, words_of
from liveroom.log import schema
from liveroom.log.event_log import EventLog, Slices
from liveroom.log.rows import Prepared, insert_rows, insert_together, upsert
from liveroom.log.schema import MEANT, listing, listing_agency, searched
from liveroom.log.texts import REPORT_TEXTS
from liveroom.projection import complaints as complaint_rows
from liveroom.projection.projector import Change, ChangeProjector

# After every moment and every row.
END = 1 << 62
# (received_at, id) of a row of `listing`; a page goes on after one.
Key = tuple[int, str]
NEWEST: Key = (END, "")
AnyRow = Any

# ---- rows: what desks list complaints by ----


_LEAVE_AGENCIES = Prepared(delete(listing_agency).where(listing_agency.c.id == bindparam("of")))


class ListingProjector(ChangeProjector):
    """Keeps the desk's list in step with the complaints."""

    def write(self, changes: Sequence[Change]) -> None:
        """Write the rows of complaints that changed, where the row differs from before."""
        rows = [row for old, new in changes if (row := _listing_row(new)) != (old and _listing_row(old))]
        upsert(self._connection, listing, rows)
        moved = [(old, new) for old, new in changes if old is None or _agency_rows(old) != _agency_rows(new)]
        known = [{"of": old.id} for old, _ in moved if old is not None and _agency_rows(old)]
        _LEAVE_AGENCIES.run(self._connection, known)
        shares = [row for _, new in moved for row in _agency_rows(new)]
        insert_rows(self._connection, listing_agency, shares)


def _listing_row(complaint: Complaint) -> dict[str, Any]:
    """What a complaint is listed and filtered by."""
    return {
        "id": complaint.id,
        "received_at": to_micros(complaint.received_at),
        "status": str(complaint.status),
        "state": str(complaint.state),
        "category": complaint.category,
        "area": complaint.area or "",
        "priority": complaint.priority,
        "overdue": int(complaint.overdue),
        "claimed_by": complaint.claimed_by,
        "claimed_until": to_micros(complaint.claimed_until) if complaint.claimed_until else None,
        "lat": complaint.lat,
        "lon": complaint.lon,
        "source_id": complaint.source_id,
    }


def _agency_rows(complaint: Complaint) -> list[dict[str, Any]]:
    """One row for each agency that has it; for one that it is only meant for, ``MEANT`` stands as status."""
    if complaint.agency is None and not complaint.agencies:
        return []
    row = {
        "id": complaint.id,
        "received_at": to_micros(complaint.received_at),
        "overdue": int(complaint.overdue),
    }
    held = [{"agency": agency, "status": complaint.status.value, **row} for agency in complaint.agencies]
    if complaint.agency is None or complaint.agency in complaint.agencies:
        return held
    return [*held, {"agency": complaint.agency, "status": MEANT, **row}]


# ---- walking an index: each status and value along its own, newest first ----

COLUMNS = tuple(listing.c)
WALKED = {"category": listing.c.category, "area": listing.c.area, "priority": listing.c.priority}


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """An index to walk: ``by`` agency, category, area or priority with its ``values``, or "" for the status alone.

    ``statuses`` are walked side by side; ``since`` and ``until`` bound receipt, microseconds, the end not included.
    """

    by: str
    values: tuple[str, ...]
    statuses: tuple[str, ...]
    since: int
    until: int


def walk(connection: Connection, way: Walk, before: Key, limit: int) -> Sequence[Row[tuple[object, ...]]]:
    """Up to ``limit`` rows of ``listing`` that come after the key (received_at, id) ``before``, newest first."""
    pairs = [(value, status) for value in (way.values if way.by else ("",)) for status in way.statuses]
    branches = [_branch(way, *pair, before=before, limit=limit).subquery() for pair in pairs]
    if not branches:
        return ()
    found = union_all(*(select(branch) for branch in branches)).subquery()
    keys = select(found.c.id).order_by(found.c.received_at.desc(), found.c.id.desc()).limit(limit)
    query = select(*COLUMNS).where(listing.c.id.in_(keys))
    return connection.execute(query.order_by(listing.c.received_at.desc(), listing.c.id.desc())).all()


def _branch(way: Walk, value: str, status: str, *, before: Key, limit: int) -> Select[tuple[int, str]]:
    table = listing_agency if way.by == "agency" else listing
    wanted = [table.c.status == status]
    if way.by:
        wanted.append((table.c.agency if way.by == "agency" else WALKED[way.by]) == value)
    place = tuple_(table.c.received_at, table.c.id)
    wanted += [place < tuple_(literal(before[0]), literal(before[1])), table.c.received_at >= way.since]
    wanted.append(table.c.received_at < way.until)
    query = select(table.c.received_at, table.c.id).where(and_(*wanted))
    return query.order_by(table.c.received_at.desc(), table.c.id.desc()).limit(limit)


def _rows_of(connection: Connection, ids: Collection[str]) -> Sequence[Row[tuple[object, ...]]]:
    """The rows of these complaints (at most 1,000), in no order."""
    return connection.execute(select(*COLUMNS).where(listing.c.id.in_(list(ids)))).all() if ids else ()


def _of_agency(connection: Connection, agency: str, ids: Collection[str], *, meant: bool) -> list[str]:
    """Those of ``ids`` (at most 1,000) that lie with an agency, or are only ``meant`` for it."""
    table = listing_agency.c
    query = select(table.id).where(table.agency == agency, table.id.in_(list(ids)))
    query = query if meant else query.where(table.status != MEANT)
    return list(connection.execute(query).scalars()) if ids else []


# ---- finding by words, by number and by telephone; each by an index and bounded by its caller ----

MOST_WORDS = 8
# A shorter beginning of a word would match half the city.
PREFIX_FROM = 3
# A word that is common is soon found among the latest; the index would bring all of its rows first.
LATEST_ROWS = 1500
_ID = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,28}")
_LOWEST, _HIGHEST = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"
_SQLITE = text(
    "SELECT s.n, s.id FROM searched_words JOIN searched s ON s.n = searched_words.rowid "
    "WHERE searched_words MATCH :wanted AND searched_words.rowid < :before "
    "ORDER BY searched_words.rowid DESC LIMIT :most"
)


def _with_words(connection: Connection, wanted: str, before: int, limit: int) -> Sequence[tuple[int, str]]:
    """Up to ``limit`` (n, id) below ``before`` that have every word of ``wanted``, the latest first.

    The last word may be the beginning of one. ``n`` grows with arrival. Without any word nothing is found.
    """
    words = words_of(wanted)[:MOST_WORDS]
    if not words:
        return ()
    if connection.dialect.name != "postgresql":
        values = {"wanted": _match(words, '"{}"', '"{}"*', " "), "before": before, "most": limit}
        return [(row.n, row.id) for row in connection.execute(_SQLITE, values)]
    asked = _match(words, "'{}'", "'{}':*", " & ")
    latest = select(searched).where(searched.c.n < before).order_by(searched.c.n.desc()).limit(LATEST_ROWS).subquery()
    found = _latest(connection, select(latest.c.n, latest.c.id).where(_has(latest.c.body, asked)), limit)
    if len(found) == limit:
        return found
    hits = select(searched.c.n, searched.c.id).where(_has(searched.c.body, asked), searched.c.n < before)
    # Materialized, or PostgreSQL walks the table backwards for a word that it thinks common and nobody used.
    hit = hits.cte("hit").prefix_with("MATERIALIZED")
    return _latest(connection, select(hit.c.n, hit.c.id), limit)


def _has(body: ColumnElement[str], asked: str) -> ColumnElement[bool]:
    """The condition that ``searched_words`` indexes."""
    vector = func.to_tsvector(literal_column("'simple'"), body)
    return vector.op("@@", is_comparison=True)(func.to_tsquery(literal_column("'simple'"), asked))


def _latest(connection: Connection, query: Select[tuple[int, str]], limit: int) -> list[tuple[int, str]]:
    ordered = query.order_by(query.selected_columns.n.desc()).limit(limit)
    return [(row.n, row.id) for row in connection.execute(ordered)]


def _match(words: Sequence[str], whole: str, prefix: str, joined: str) -> str:
    """The words in a database's query language; they are letters and digits alone, so nothing needs escaping."""
    *before, last = words
    last_form = prefix if len(last) >= PREFIX_FROM else whole
    return joined.join([*(whole.format(word) for word in before), last_form.format(last)])


def _with_number(connection: Connection, number: str, limit: int) -> list[str]:
    """Ids of complaints that their source calls ``number``, or whose id begins with it (8 characters at least)."""
    wanted = [listing.c.source_id.in_({number, number.upper(), number.lower()})]
    if _ID.fullmatch(number):
        wanted.append(listing.c.id.between(number + _LOWEST[len(number) :], number + _HIGHEST[len(number) :]))
    query = select(listing.c.id).where(or_(*wanted)).order_by(listing.c.id.desc()).limit(limit)
    return list(connection.execute(query).scalars())


def _with_phone(connection: Connection, key: str, limit: int) -> list[str]:
    """Ids of complaints of the citizen with this telephone (``phones.phone_key``), latest first; no erased ones."""
    person = schema.person.c
    query = select(person.subject_id).where(person.phone_key == key, person.erased_at.is_(None))
    return list(dict.fromkeys(connection.execute(query.order_by(person.id.desc()).limit(limit)).scalars()))


def reported_by(connection: Connection, email: str, *, numbers: Collection[str], ids: Collection[str]) -> str | None:
    """The newest complaint with one of these numbers or ids whose reporter has this address, in small letters; none
    whose reporter was erased."""
    person = schema.person.c
    named = or_(listing.c.source_id.in_(list(numbers)), listing.c.id.in_(list(ids)))
    theirs = (person.erased_at.is_(None), func.lower(person.email) == email)
    query = select(listing.c.id).join(schema.person, person.subject_id == listing.c.id).where(named, *theirs)
    found: str | None = connection.execute(query.order_by(listing.c.id.desc()).limit(1)).scalar_one_or_none()
    return found


def report_texts(connection: Connection, ids: Collection[str]) -> Mapping[str, Mapping[str, str]]:
    """By complaint (at most 500), its newest description and address as far as there are any."""
    table = schema.text.c
    query = select(table.subject_id, table.kind, table.body).where(
        table.subject_id.in_(list(ids)), table.kind.in_(REPORT_TEXTS), table.erased_at.is_(None)
    )
    found: dict[str, dict[str, str]] = {}
    for row in connection.execute(query.order_by(table.id)) if ids else ():
        found.setdefault(row.subject_id, {})[row.kind] = row.body
    return found


# ---- the index of words: the newest description and address with the source's number; erasure deletes it ----

TEXTS_AT_ONCE = 500
_CHANGE = Prepared(update(searched).where(searched.c.id == bindparam("of")).values(body=bindparam("now")))


def note_words(connection: Connection, numbers: Mapping[str, str]) -> None:
    """Index complaints (id to the source's number) whose texts are new or changed; their texts must be written."""
    if not numbers:
        return
    texts = report_texts(connection, numbers.keys())
    bodies = {id_: _words(numbers[id_], texts[id_]) for id_ in sorted(texts)}
    known = set(connection.execute(select(searched.c.id).where(searched.c.id.in_(list(bodies)))).scalars())
    insert_rows(connection, searched, [{"id": id_, "body": body} for id_, body in bodies.items() if id_ not in known])
    changed = [{"of": id_, "now": body} for id_, body in bodies.items() if id_ in known]
    _CHANGE.run(connection, changed)


def note_new_words(connection: Connection, numbers: Mapping[str, str], texts: Mapping[str, Mapping[str, str]]) -> None:
    """As ``note_words``, for complaints of this transaction: ``texts`` by id and kind is all that they have."""
    rows = [{"id": id_, "body": _words(numbers[id_], texts[id_])} for id_ in sorted(texts)]
    insert_together(connection, searched, rows)


def forget(connection: Connection, ids: Collection[str]) -> None:
    """Let nobody find these complaints by their words or their citizens' telephone any more."""
    person = schema.person
    connection.execute(delete(searched).where(searched.c.id.in_(list(ids))))
    connection.execute(update(person).where(person.c.subject_id.in_(list(ids))).values(phone_key=None))


def index_all(connection: Connection) -> None:
    """Make every row anew, in the order of the complaints; ``listing`` must be complete."""
    connection.execute(delete(searched))
    after = ""
    while True:
        query = select(listing.c.id, listing.c.source_id).where(listing.c.id > after).order_by(listing.c.id)
        numbers = {row.id: row.source_id for row in connection.execute(query.limit(TEXTS_AT_ONCE))}
        if not numbers:
            return
        note_words(connection, numbers)
        after = max(numbers)


def _words(number: str, texts: Mapping[str, str]) -> str:
    """What a complaint with these texts is found by; one without any is found by its number alone."""
    return " ".join(words_of(" ".join((number, *texts.values()))))


# ---- query planning: which index to walk, and whether a row on the way matches ----

ALL = tuple(status.value for status in Status)
# Each value of a filter is walked beside the others; above so many it is cheaper to look at each row.
VALUES_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """What a desk asks for; empty collections and None do not filter. ``near`` is (lat, lon, metres).

    ``claimed``: True, False, or who claimed it. ``phones``: whether ``words`` may be looked up as a telephone number.
    ``held_by``: only what lies with this agency.
    """

    words: str = ""
    statuses: tuple[str, ...] = ALL
    states: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    priorities: frozenset[str] = frozenset()
    agency: str | None = None
    held_by: str | None = None
    overdue: bool | None = None
    claimed: bool | str | None = None
    since: datetime | None = None
    until: datetime | None = None
    near: tuple[float, float, float] | None = None
    phones: bool = False


def plan_walk(wanted: SearchQuery, city: City) -> Walk:
    """The index to walk: of the agency, else of areas, categories or priorities, else of the statuses alone."""
    near = city.areas_near(*wanted.near) | {""} if wanted.near else frozenset[str]()
    areas = (wanted.areas & near if wanted.areas and near else wanted.areas or near) or wanted.areas
    choices = (
        ("agency", frozenset({wanted.held_by or wanted.agency or ""} - {""})),
        ("area", areas),
        ("category", wanted.categories),
        ("priority", wanted.priorities),
    )
    by, values = next(((by, values) for by, values in choices if 0 < len(values) <= VALUES_AT_ONCE), ("", frozenset()))
    return Walk(
        by=by,
        values=tuple(sorted(values)),
        statuses=_statuses(wanted, by),
        since=to_micros(wanted.since) if wanted.since else 0,
        until=to_micros(wanted.until) if wanted.until else END,
    )


def _statuses(wanted: SearchQuery, by: str) -> tuple[str, ...]:
    """Only open ones are overdue or claimed; a desk also sees what is only meant for an agency."""
    open_only = wanted.overdue or wanted.claimed not in (None, False)
    statuses = tuple(status for status in wanted.statuses if not open_only or Status(status) in OPEN)
    meant = by == "agency" and wanted.held_by is None and Status.WAITING.value in statuses
    return (*statuses, MEANT) if meant else statuses


def fits(wanted: SearchQuery, now: int, row: AnyRow) -> bool:
    """Whether a row of ``listing`` matches the query at ``now`` (microseconds), agencies aside."""
    return _matches(wanted, row) and _in_time(wanted, row) and _claimed(wanted, now, row) and _near(wanted, row)


def _matches(wanted: SearchQuery, row: AnyRow) -> bool:
    asked = (
        (wanted.statuses, row.status),
        (wanted.states, row.state),
        (wanted.categories, row.category),
        (wanted.areas, row.area),
        (wanted.priorities, row.priority),
    )
    right = all(not allowed or value in allowed for allowed, value in asked)
    return right and (wanted.overdue is None or wanted.overdue == bool(row.overdue))


def _in_time(wanted: SearchQuery, row: AnyRow) -> bool:
    after = wanted.since is None or row.received_at >= to_micros(wanted.since)
    return after and (wanted.until is None or row.received_at < to_micros(wanted.until))


def _claimed(wanted: SearchQuery, now: int, row: AnyRow) -> bool:
    if wanted.claimed is None:
        return True
    live = row.claimed_until is not None and row.claimed_until > now
    if isinstance(wanted.claimed, str):
        return live and row.claimed_by == wanted.claimed
    return live == wanted.claimed


def _near(wanted: SearchQuery, row: AnyRow) -> bool:
    if wanted.near is None:
        return True
    lat, lon, metres = wanted.near
    return row.lat is not None and metres_between(lat, lon, row.lat, row.lon) <= metres


# ---- pages ----

# Rows in one slice, at most 20 ms of the database's thread among a million, and how many slices one request may take.
AT_ONCE, MOST_SLICES = 200, 50
# Complaints found by an exact number or telephone.
DIRECT = 20
# A row with the position (``n``, or the key of ``listing``) after which the next one comes.
Placed = tuple[int | Key, AnyRow]
ReadRows = Callable[[Connection, int | Key | None, int], Sequence[Placed]]
RowFilter = Callable[[AnyRow], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """Complaints in order, their texts by id and kind, and the key after which the next page begins (None: the end)."""

    complaints: tuple[Complaint, ...]
    texts: Mapping[str, Mapping[str, str]]
    after: int | Key | None


class Search:
    """The desk's search of one room."""

    def __init__(self, log: EventLog, city: City) -> None:
        self._log = log
        self._city = city

    def page(self, wanted: SearchQuery, after: int | Key | None, limit: int, now: datetime) -> SearchPage:
        """Up to ``limit`` complaints beyond ``after``, newest first: by receipt, with words by arrival.

        Those with exactly this number or telephone come first. A page may be short though others follow, because it
        reads at most 10,000 rows. Raises Unavailable.
        """
        matches = partial(fits, wanted, to_micros(now))
        with self._log.slices() as slices:
            direct = self._direct(slices, wanted, matches) if wanted.words else []
            ids, key = _gather(slices, self._reader(wanted, direct), after, limit, matches)
            ids = ids if after is not None else [*direct, *ids]
            found = {one.id: one for one in slices.run(partial(complaint_rows.complaints, ids=ids))}
            texts = slices.run(partial(report_texts, ids=ids))
        held = (found[id_] for id_ in ids if wanted.held_by in (None, *found[id_].agencies))
        return SearchPage(complaints=tuple(held), texts=texts, after=key)

    def _direct(self, slices: Slices, wanted: SearchQuery, matches: RowFilter) -> list[str]:
        """Those with exactly this number, or whose citizens have this telephone."""
        phone = phone_key(wanted.words, self._city.region) if wanted.phones else None

        def look(connection: Connection) -> list[str]:
            ids = _with_number(connection, wanted.words.strip(), DIRECT)
            ids += _with_phone(connection, phone, DIRECT) if phone is not None else []
            right = {row.id for row in _rows(connection, wanted, ids) if matches(row)}
            return [id_ for id_ in dict.fromkeys(ids) if id_ in right]

        return slices.run(look)

    def _reader(self, wanted: SearchQuery, direct: Sequence[str]) -> ReadRows:
        """How the next rows are read: by words, without those that were found directly, or along an index."""
        if not wanted.words:
            way = plan_walk(wanted, self._city)
            return lambda c, before, n: [
                ((row.received_at, row.id), row) for row in walk(c, way, _as_key(before, NEWEST), n)
            ]

        def by_words(connection: Connection, before: int | Key | None, limit: int) -> Sequence[Placed]:
            found = _with_words(connection, wanted.words, before if isinstance(before, int) else END, limit)
            rows = {row.id: row for row in _rows(connection, wanted, [id_ for _, id_ in found if id_ not in direct])}
            return [(n, rows.get(id_)) for n, id_ in found]

        return by_words


def _as_key(before: int | Key | None, otherwise: Key) -> Key:
    return before if isinstance(before, tuple) else otherwise


def _rows(connection: Connection, wanted: SearchQuery, ids: Sequence[str]) -> Sequence[AnyRow]:
    """The rows of ``ids``, only those of the agency asked for."""
    agency, meant = wanted.held_by or wanted.agency, wanted.held_by is None
    return _rows_of(connection, ids if agency is None else _of_agency(connection, agency, ids, meant=meant))


def _rows_at(connection: Connection, read: ReadRows, before: int | Key | None, limit: int) -> Sequence[Placed]:
    return read(connection, before, limit)


def _gather(
    slices: Slices, read: ReadRows, after: int | Key | None, limit: int, matches: RowFilter
) -> tuple[list[str], int | Key | None]:
    """Ids of matching rows beyond ``after``, and the key of the last row read; None when there is nothing beyond."""
    ids: list[str] = []
    size, key = limit + 1, after
    for _ in range(MOST_SLICES):
        rows = slices.run(partial(_rows_at, read=read, before=key, limit=size))
        for place, row in rows:
            if row is not None and matches(row):
                if len(ids) == limit:
                    return ids, key
                ids.append(row.id)
            key = place
        if len(rows) < size:
            return ids, None
        size = AT_ONCE
    return ids, key
