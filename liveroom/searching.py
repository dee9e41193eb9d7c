"""Finds complaints for a desk: along an index, row by row, in slices that others fit between."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from liveroom.city.city import City
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.phones import phone_key
from liveroom.domain.timestamps import to_micros
from liveroom.log.engine import Connection
from liveroom.log.event_log import Log, Slices
from liveroom.log.searched_read import report_texts, with_number, with_phone, with_words
from liveroom.projection import read
from liveroom.projection.listing_read import NEWEST, Key, of_agency, rows_of, walk
from liveroom.sifting import LATEST, Row, Wanted, fits, way_of

# Rows in one slice, at most 20 ms of the database's thread among a million, and how many slices one request may take.
AT_ONCE, MOST_SLICES = 200, 50
DIRECT = 20
Placed = tuple[int | Key, Row]
Part = Callable[[Connection, int | Key | None, int], Sequence[Placed]]
Sieve = Callable[[Row], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Complaints in order, their texts by id and kind, and the key after which the next page begins (None: the end)."""

    complaints: tuple[Complaint, ...]
    texts: Mapping[str, Mapping[str, str]]
    after: int | Key | None


class Searching:
    """Searches of one room."""

    def __init__(self, log: Log, city: City) -> None:
        self._log = log
        self._city = city

    def page(self, wanted: Wanted, after: int | Key | None, limit: int, now: datetime) -> Page:
        """Up to ``limit`` complaints beyond ``after``, newest first: by receipt, with words by arrival.

        What is called or telephones so comes first. A page may be short though others follow: each walks 10,000 rows
        at most. Raises Unavailable.
        """
        sieve = partial(fits, wanted, to_micros(now))
        with self._log.slices() as slices:
            direct = self._direct(slices, wanted, sieve) if wanted.words else []
            ids, key = _gather(slices, self._part(wanted, direct), after, limit, sieve)
            ids = ids if after is not None else [*direct, *ids]
            found = {one.id: one for one in slices.run(partial(read.complaints, ids=ids))}
            texts = slices.run(partial(report_texts, ids=ids))
        held = (found[id_] for id_ in ids if wanted.held_by in (None, *found[id_].agencies))
        return Page(complaints=tuple(held), texts=texts, after=key)

    def _direct(self, slices: Slices, wanted: Wanted, sieve: Sieve) -> list[str]:
        """Those that are called, or whose citizens telephone, exactly so."""
        phone = phone_key(wanted.words, self._city.region) if wanted.phones else None

        def look(connection: Connection) -> list[str]:
            ids = with_number(connection, wanted.words.strip(), DIRECT)
            ids += with_phone(connection, phone, DIRECT) if phone is not None else []
            right = {row.id for row in _rows(connection, wanted, ids) if sieve(row)}
            return [id_ for id_ in dict.fromkeys(ids) if id_ in right]

        return slices.run(look)

    def _part(self, wanted: Wanted, direct: Sequence[str]) -> Part:
        """How the next rows are read: by words, without those that stand first already, or along an index."""
        if not wanted.words:
            way = way_of(wanted, self._city)
            return lambda c, before, n: [
                ((row.received_at, row.id), row) for row in walk(c, way, _as_key(before, NEWEST), n)
            ]

        def by_words(connection: Connection, before: int | Key | None, limit: int) -> Sequence[Placed]:
            found = with_words(connection, wanted.words, before if isinstance(before, int) else LATEST, limit)
            rows = {row.id: row for row in _rows(connection, wanted, [id_ for _, id_ in found if id_ not in direct])}
            return [(n, rows.get(id_)) for n, id_ in found]

        return by_words


def _as_key(before: int | Key | None, otherwise: Key) -> Key:
    return before if isinstance(before, tuple) else otherwise


def _rows(connection: Connection, wanted: Wanted, ids: Sequence[str]) -> Sequence[Row]:
    """The rows of ``ids``, only those of the agency asked for."""
    agency, meant = wanted.held_by or wanted.agency, wanted.held_by is None
    return rows_of(connection, ids if agency is None else of_agency(connection, agency, ids, meant=meant))


def _read(connection: Connection, part: Part, before: int | Key | None, limit: int) -> Sequence[Placed]:
    return part(connection, before, limit)


def _gather(
    slices: Slices, part: Part, after: int | Key | None, limit: int, sieve: Sieve
) -> tuple[list[str], int | Key | None]:
    """Ids of wanted rows beyond ``after``, and the key of the last one looked at; None when there is nothing beyond."""
    ids: list[str] = []
    size, key = limit + 1, after
    for _ in range(MOST_SLICES):
        rows = slices.run(partial(_read, part=part, before=key, limit=size))
        for place, row in rows:
            if row is not None and sieve(row):
                if len(ids) == limit:
                    return ids, key
                ids.append(row.id)
            key = place
        if len(rows) < size:
            return ids, None
        size = AT_ONCE
    return ids, key
