"""Who is found by words, by a number or by a telephone; every way is an index, and bounded by its caller."""

import re
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, or_, select, text

from liveroom.domain.timestamps import words_of
from liveroom.log import schema
from liveroom.log.schema import listing, searched
from liveroom.log.texts import REPORT_TEXTS

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


def with_words(connection: Connection, wanted: str, before: int, limit: int) -> Sequence[tuple[int, str]]:
    """Up to ``limit`` (n, id) below ``before`` that have every word of ``wanted``, the last one begun; latest first.

    ``n`` grows with arrival. Nothing is found by no word at all.
    """
    words = words_of(wanted)[:MOST_WORDS]
    if not words:
        return ()
    if connection.dialect.name != "postgresql":
        told = {"wanted": _asked(words, '"{}"', '"{}"*', " "), "before": before, "most": limit}
        return [(row.n, row.id) for row in connection.execute(_SQLITE, told)]
    asked = _asked(words, "'{}'", "'{}':*", " & ")
    latest = select(searched).where(searched.c.n < before).order_by(searched.c.n.desc()).limit(LATEST_ROWS).subquery()
    found = _begun(connection, select(latest.c.n, latest.c.id).where(_has(latest.c.body, asked)), limit)
    if len(found) == limit:
        return found
    hits = select(searched.c.n, searched.c.id).where(_has(searched.c.body, asked), searched.c.n < before)
    # Materialized, or PostgreSQL walks the table backwards for a word that it thinks common and nobody used.
    hit = hits.cte("hit").prefix_with("MATERIALIZED")
    return _begun(connection, select(hit.c.n, hit.c.id), limit)


def _has(body: ColumnElement[str], asked: str) -> ColumnElement[bool]:
    """The condition that ``searched_words`` indexes."""
    vector = func.to_tsvector(literal_column("'simple'"), body)
    return vector.op("@@", is_comparison=True)(func.to_tsquery(literal_column("'simple'"), asked))


def _begun(connection: Connection, query: Select[tuple[int, str]], limit: int) -> list[tuple[int, str]]:
    ordered = query.order_by(query.selected_columns.n.desc()).limit(limit)
    return [(row.n, row.id) for row in connection.execute(ordered)]


def _asked(words: Sequence[str], whole: str, begun: str, joined: str) -> str:
    """The words in a database's own language; they are letters and digits alone, so nothing in them needs escaping."""
    *before, last = words
    return joined.join([*(whole.format(word) for word in before), _last(last, whole, begun)])


def _last(word: str, whole: str, begun: str) -> str:
    return (begun if len(word) >= PREFIX_FROM else whole).format(word)


def with_number(connection: Connection, number: str, limit: int) -> list[str]:
    """Ids of complaints that their source calls ``number``, or whose id begins with it (8 characters at least)."""
    wanted = [listing.c.source_id.in_({number, number.upper(), number.lower()})]
    if _ID.fullmatch(number):
        wanted.append(listing.c.id.between(number + _LOWEST[len(number) :], number + _HIGHEST[len(number) :]))
    query = select(listing.c.id).where(or_(*wanted)).order_by(listing.c.id.desc()).limit(limit)
    return list(connection.execute(query).scalars())


def with_phone(connection: Connection, key: str, limit: int) -> list[str]:
    """Ids of complaints of the citizen with this telephone (``phones.phone_key``), latest first; no erased ones."""
    person = schema.person.c
    query = select(person.subject_id).where(person.phone_key == key, person.erased_at.is_(None))
    return list(dict.fromkeys(connection.execute(query.order_by(person.id.desc()).limit(limit)).scalars()))


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
