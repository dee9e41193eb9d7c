"""The private links of citizens: who holds the token follows that report; only its hash is kept. Truth.

And how often somebody came, which is about this moment alone.
"""

from sqlalchemy import BigInteger, Column, Integer, String, Table

from liveroom.log.schema_base import metadata

citizen_link = Table(
    "citizen_link",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("complaint", String(36), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
)

# Of counters.py. Seconds, not microseconds: nobody is counted finer.
counter = Table(
    "counter",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Integer, nullable=False),
    Column("ends_at", BigInteger, nullable=False, index=True),
)

OF_THIS_MOMENT = (counter,)
