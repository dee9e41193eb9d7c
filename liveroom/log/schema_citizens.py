"""The private links of citizens: who holds the token follows that report; only its hash is kept. Truth."""

from sqlalchemy import BigInteger, Column, String, Table

from liveroom.log.schema_base import metadata

citizen_link = Table(
    "citizen_link",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("complaint", String(36), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
)
