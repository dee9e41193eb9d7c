"""The outbox: what has to reach somebody beyond this room, every attempt at it, and where sources want to be told.

Truth: a rebuild of the projection never touches it. No row holds free text; bodies are made when they are sent.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint

from liveroom.log.schema_base import metadata

# `digest`: null goes alone, empty waits for a letter of several, else that letter's key. `refused`: the last no.
# `id` is the idempotency key for ever, `seq` the event that caused it, `subject` a complaint or the alarm of a page.
outbox = Table(
    "outbox",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("cause", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("whom", String(16), nullable=False),
    Column("key", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("state", String(8), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger),
    Column("known_until", BigInteger),
    Column("known_by", String(128)),
    Column("known_reason", String(36)),
    Column("digest", String(36)),
    Column("refused", String(32)),
    UniqueConstraint("whom", "key", "subject", "seq", name="outbox_once"),
    Index("outbox_due", "state", "whom", "key", "next_at"),
    Index("outbox_subject", "subject", "seq"),
)

delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("delivery", String(36), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("code", String(32), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("took_ms", Integer, nullable=False),
)

# The secret signs, so it cannot be kept as a hash.
source_webhook = Table(
    "source_webhook",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", String(128), nullable=False),
)

# Not in backups: a restored log is held anew, under the epoch it is given.
outbox_hold = Table(
    "outbox_hold",
    metadata,
    Column("epoch", String(64), primary_key=True),
    Column("since", BigInteger, nullable=False),
)

KEPT, HOLD = (outbox, delivery_attempt, source_webhook), (outbox_hold,)
