"""Tables by which complaints are found again: lists by what they are, and the words that citizens used.

``listing`` and ``listing_agency`` follow from the events, ``searched`` from the rows of ``text``, with which erasure
deletes it.
What finds words in ``searched.body`` is each database's own: FTS5 kept by triggers, or an index over a tsvector.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Float, Index, Integer, String, Table, Text, event

from liveroom.log.schema_base import metadata

listing = Table(
    "listing",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("received_at", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("category", String(128), nullable=False),
    Column("area", String(128), nullable=False),
    Column("priority", String(16), nullable=False),
    Column("overdue", Integer, nullable=False),
    Column("claimed_by", String(128)),
    Column("claimed_until", BigInteger),
    Column("lat", Float),
    Column("lon", Float),
    Column("source_id", String(128), nullable=False),
    Index("listing_received", "received_at", "id"),
    Index("listing_status", "status", "received_at", "id"),
    Index("listing_category", "category", "status", "received_at", "id"),
    Index("listing_area", "area", "status", "received_at", "id"),
    Index("listing_priority", "priority", "status", "received_at", "id"),
    Index("listing_number", "source_id"),
)

# One row for each agency that has the complaint; in the row of one that it is only meant for MEANT stands as status.
MEANT = "meant"
listing_agency = Table(
    "listing_agency",
    metadata,
    Column("agency", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("overdue", Integer, nullable=False),
    Index("listing_agency_list", "agency", "status", "received_at", "id"),
    Index("listing_agency_id", "id"),
)

searched = Table(
    "searched",
    metadata,
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("body", Text, nullable=False),
)

LISTS = (listing, listing_agency)
# Names of what only one of the databases has; no table of ours describes it.
OF_ONE_DATABASE = "searched_words"

SQLITE = (
    "CREATE VIRTUAL TABLE searched_words USING fts5("
    "body, content='searched', content_rowid='n', tokenize='unicode61 remove_diacritics 0', detail='none')",
    "CREATE TRIGGER searched_words_added AFTER INSERT ON searched BEGIN "
    "INSERT INTO searched_words(rowid, body) VALUES (new.n, new.body); END",
    "CREATE TRIGGER searched_words_gone AFTER DELETE ON searched BEGIN "
    "INSERT INTO searched_words(searched_words, rowid, body) VALUES ('delete', old.n, old.body); END",
    "CREATE TRIGGER searched_words_changed AFTER UPDATE ON searched BEGIN "
    "INSERT INTO searched_words(searched_words, rowid, body) VALUES ('delete', old.n, old.body); "
    "INSERT INTO searched_words(rowid, body) VALUES (new.n, new.body); END",
)
POSTGRESQL = ("CREATE INDEX searched_words ON searched USING gin (to_tsvector('simple', body))",)

OWN = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


@event.listens_for(searched, "after_create")
def _create_own(_table: Table, connection: Connection, **_options: Any) -> None:
    for statement in OWN.get(connection.dialect.name, ()):
        connection.exec_driver_sql(statement)
