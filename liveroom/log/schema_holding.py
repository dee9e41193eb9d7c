"""Who has what: the projection by which an agency's own feed is read without looking at anybody else's complaints.

``holding`` has a row for each agency that has, or once had, a complaint: ``held`` 1 or 0, ``moved`` the seq at which
that last changed; ``open`` and ``closed_day`` are the complaint's while it is held. ``agency_total`` is ``total`` by
agency: a complaint with several counts in each.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from liveroom.log.schema_base import metadata

holding = Table(
    "holding",
    metadata,
    Column("complaint", String(36), primary_key=True),
    Column("agency", String(64), primary_key=True),
    Column("held", Integer, nullable=False),
    Column("moved", BigInteger, nullable=False),
    Column("open", Integer, nullable=False),
    Column("closed_day", String(10)),
    Index("holding_open", "agency", "open", "complaint"),
    Index("holding_closed", "agency", "closed_day", "complaint"),
)

agency_total = Table(
    "agency_total",
    metadata,
    Column("agency", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
