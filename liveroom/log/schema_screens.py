"""The tables of screens beside their register: what each page last said of itself, who watches, codes for pairing.

Only ``screen_state`` follows from the log. The rest is about this moment: written over every few seconds, in no backup.
"""

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, Text

from liveroom.log.schema_base import metadata

# ---- projection: the last logged state of each screen ----

screen_state = Table(
    "screen_state",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("seq", BigInteger, nullable=False),
)

# ---- of this moment ----

# One row a page; ``screen`` is null for a page that no token names.
screen_page = Table(
    "screen_page",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("screen", String(64), index=True),
    Column("heard_at", BigInteger, nullable=False, index=True),
    Column("lost_from", BigInteger),
    Column("lost_to", BigInteger),
    Column("body", Text, nullable=False),
)

screen_picture = Table(
    "screen_picture",
    metadata,
    Column("page", String(128), primary_key=True),
    Column("taken_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# The web processes that hear screens: while none does, silence says nothing about a screen.
screen_watch = Table(
    "screen_watch",
    metadata,
    Column("process", String(32), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# What a desk asks of a page; each process passes on to its own.
screen_call = Table(
    "screen_call",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("page", String(128), nullable=False),
    Column("what", String(16), nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
)

pairing = Table(
    "pairing",
    metadata,
    Column("secret_hash", String(64), primary_key=True),
    Column("code", String(16), nullable=False, unique=True),
    Column("address", String(64), nullable=False, index=True),
    Column("ends_at", BigInteger, nullable=False),
)
OF_THIS_MOMENT = (screen_page, screen_picture, screen_watch, screen_call, pairing)
