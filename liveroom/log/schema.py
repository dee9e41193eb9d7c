"""The tables. Truth first, projection after it; migrations under liveroom/log/migrations create them.

Times are whole microseconds since 1970 in BIGINT columns: they sort and compare alike on SQLite and PostgreSQL.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint

from liveroom.log.schema_base import metadata as metadata
from liveroom.log.schema_holding import agency_total, holding

head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", String(64), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("city", String(64), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("mark", String(32), nullable=False),
    Column("logged_at", BigInteger, nullable=False),
    Column("origin", String(32), nullable=False),
    Column("real_base", BigInteger, nullable=False),
    Column("room_base", BigInteger, nullable=False),
    Column("rate", Integer, nullable=False),
    Column("projection", String(32), nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(64), nullable=False),
    Column("subject", String(16), nullable=False),
    Column("subject_id", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("logged_at", BigInteger, nullable=False),
    Column("mark", String(32), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("version", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Index("event_of_subject", "subject_id", "seq"),
)

text = Table(
    "text",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject_id", String(64), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("body", Text, nullable=False),
    Column("erased_at", BigInteger),
)

person = Table(
    "person",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject_id", String(64), nullable=False, index=True),
    Column("name", Text),
    Column("phone", Text),
    Column("email", Text),
    Column("phone_key", Text),  # the number in one form, for finding it; erased with it
    Column("erased_at", BigInteger),
    Index("person_phone", "phone_key"),
)

media = Table(
    "media",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject_id", String(64), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("url", Text),
    Column("erased_at", BigInteger),
)

command = Table(
    "command",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("actor", String(128), nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("answer", Text, nullable=False),
    Column("logged_at", BigInteger, nullable=False, index=True),
)

source = Table(
    "source",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(128), nullable=False, unique=True),
    Column("key_hash", String(64), unique=True),
    Column("key_at", BigInteger),  # since when that key
    Column("every_s", Integer),
    Column("heard_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),  # since when it may post; of one let in again, since then
    Column("revoked_at", BigInteger),
)

# Keys that were replaced and are still good for a while.
former_key = Table(
    "former_key",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("source", String(64), nullable=False, index=True),
    Column("key_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)

screen = Table(
    "screen",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(128), nullable=False, unique=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("audience", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("place", String(128)),
    Column("settings", Text),
)

pulse = Table(
    "pulse",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("counter", BigInteger, nullable=False),
    Column("real_at", BigInteger, nullable=False),
    Column("due_to", BigInteger, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", BigInteger, nullable=False),
)

# ---- projection: everything below is a function of the log and is rebuilt from it ----

complaint = Table(
    "complaint",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("source", String(64), nullable=False),
    Column("source_id", String(128), nullable=False),
    Column("day", String(10), nullable=False),
    Column("status", String(16), nullable=False),
    Column("overdue", Integer, nullable=False),
    Column("closed_day", String(10)),
    Column("next_due", BigInteger),
    Column("received_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("source", "source_id", name="complaint_of_source"),
    Index("complaint_received", "received_at"),
    Index("complaint_due", "next_due"),
    Index("complaint_closed", "closed_day", "id"),
    Index("complaint_open", "status", "id"),
)

total = Table(
    "total",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

day = Table(
    "day",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("date", String(10), nullable=False),
    Column("seq", BigInteger, nullable=False),
)

source_state = Table(
    "source_state",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("seq", BigInteger, nullable=False),
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("next_due", BigInteger),
    Column("body", Text, nullable=False),
    Index("alarm_of_state", "state", "id"),
    Index("alarm_due", "next_due"),
)

activation = Table(
    "activation",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("alarm", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("priority", Integer, nullable=False),
    Index("activation_at", "at"),
)

notice = Table(
    "notice",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)

milestone = Table(
    "milestone",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("agency", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("critical", Integer, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("forwarded_at", BigInteger),
    Column("inherited", Integer, nullable=False),
    Column("finished_at", BigInteger),
    Column("reopened_at", BigInteger),
    Column("overdue", Integer, nullable=False),
    Column("late_from", BigInteger),
    Column("late_due", BigInteger),
    Column("late_clock", String(8)),
    Column("stopped_at", BigInteger),
    Column("escalation", Integer, nullable=False),
    Index("milestone_waiting", "status", "agency", "received_at"),
    Index("milestone_overdue", "overdue", "id"),
    Index("milestone_critical", "critical", "status", "forwarded_at"),
)

span = Table(
    "span",
    metadata,
    Column("complaint", String(36), primary_key=True),
    Column("stage", String(8), primary_key=True),
    Column("agency", String(64), nullable=False),
    Column("class_", String(64), nullable=False),
    Column("clock", String(8)),
    Column("start", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("kept", Integer),
    Column("seq", BigInteger, nullable=False),
    Index("span_ended", "stage", "ended_at", "seq"),
)

tally = Table(
    "tally",
    metadata,
    Column("what", String(16), primary_key=True),
    Column("quarter", BigInteger, primary_key=True, autoincrement=False),
    Column("agency", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

PROJECTION = (
    complaint,
    total,
    day,
    source_state,
    alarm,
    activation,
    notice,
    milestone,
    span,
    tally,
    holding,
    agency_total,
)
