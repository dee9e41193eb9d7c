"""Every table of the database, in three parts: truth, projection, and what is of the moment.

1. Truth: what happened and what people gave us. Backups carry it, nothing else can bring it back.
2. Projection: rows that follow from the events, written in the transaction that logs them and made anew by a rebuild;
   and the index of words, which follows from the texts and is erased with them.
3. Of the moment: what is old within seconds or days. No backup carries it, and a restore empties it.

Each part ends with the tuple of its tables (TRUTH; PROJECTION and OF_TEXTS; PASSING), so a new table goes into its part
and that tuple, with its indexes inside the table. Migrations under liveroom/log/migrations create what stands here; a
test compares the two. One file above 700 lines, because "where is it kept" is then one look.

Times are whole microseconds since 1970 UTC in BIGINT columns: they sort and compare alike on SQLite and PostgreSQL.
Days are the city's, as ISO dates; yes and no are 1 and 0. Ids made here are UUIDv7 as text, so they are in order of
writing. Secrets are kept as hashes, except those that sign or are sealed.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy import event as sql_event
from sqlalchemy import text as sql_text

metadata = MetaData()


# ==== 1. Truth ====

# ---- the log ----

# One row: which log this is (``epoch``, ``kind`` and ``city``; ``origin`` is the mark before the first event), its last
# event (``seq``, ``mark``, ``logged_at``), room time (``real_base``, ``room_base``, ``rate``) and the projection's
# version. Every writer of events locks it.
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

# What happened, numbered without gaps: ``at`` is room time, ``logged_at`` real time. ``payload`` is JSON of codes, ids,
# times and results: never free text, never a person.
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

# Commands of the last 30 days with their answers, so that one that is sent again does nothing twice.
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

# ---- what people said and sent: rows that events name by id, emptied and dated (``erased_at``) by erasure ----

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

# Links to pictures: of another site, or of an upload here.
media = Table(
    "media",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject_id", String(64), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("url", Text),
    Column("erased_at", BigInteger),
)

# Photos and videos that people send; the content lies in the media store under the hashes ``original``, ``clean`` and
# ``thumb``. ``kind``: proof (of work done) or report (a citizen's own picture). ``state``: open, checking, ready,
# refused, erased. No file name and no words of metadata are kept, only what was measured. ``origin`` is set while a
# file was sent without a log-in and no report has claimed it: a keyed hash of the address, or empty where that is not
# counted; ``held`` are the bytes of the disk that count for it then.
upload = Table(
    "upload",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("by", String(128), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("code", String(16), nullable=False),
    Column("facts", Text),
    Column("alike", Text),
    Column("original", String(64)),
    Column("clean", String(64)),
    Column("thumb", String(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("erased_at", BigInteger),
    Column("origin", String(64)),
    Column("held", BigInteger, nullable=False, server_default="0"),
    Index("upload_of_subject", "subject_id", "id"),
    Index("upload_in_state", "state", "changed_at"),
    Index("upload_by", "by", "state"),
    Index(
        "upload_of_strangers",
        "held",
        sqlite_where=sql_text("origin IS NOT NULL"),
        postgresql_where=sql_text("origin IS NOT NULL"),
    ),
)

# The private links of citizens: who holds the token follows that report.
citizen_link = Table(
    "citizen_link",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("complaint", String(36), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
)

# Mails that were taken as a further word on a complaint, by the number that each would have had as one of its own: read
# again, even after an erasure, they are known.
mailed = Table(
    "mailed",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("number", String(128), primary_key=True),
    Column("complaint", String(36), nullable=False),
)

# ---- who may send reports, and who may see them ----

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
    Column("paused_at", BigInteger),  # since when nothing is taken from it, by somebody's order
)

# How far a source that this room asks has been read, and how that went: ``position`` is the source's own word for it,
# stored with or after what was read up to there; ``fault`` is why the last try failed.
source_run = Table(
    "source_run",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("position", Text),
    Column("tried_at", BigInteger),
    Column("success_at", BigInteger),
    Column("fault", String(300)),
    Column("fault_at", BigInteger),
)

# What was refused, whole: ``raw`` as it came, ``cut`` bytes of it left out; ``value`` is the JSON that was made of it,
# where that is not the same. ``hash`` is that of what came: the same again is counted (``times``) and kept once.
# ``state``: open, accepted (as ``complaint``) or dropped. May hold personal data: deleted after 30 days.
quarantine = Table(
    "quarantine",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("source_id", String(128)),
    Column("hash", String(64), nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("last_at", BigInteger, nullable=False),
    Column("times", Integer, nullable=False),
    Column("raw", Text, nullable=False),
    Column("cut", BigInteger, nullable=False),
    Column("value", Text),
    Column("field", String(200), nullable=False),
    Column("message", String(500), nullable=False),
    Column("state", String(8), nullable=False),
    Column("decided_at", BigInteger),
    Column("decided_by", String(128)),
    Column("complaint", String(36), index=True),
    UniqueConstraint("source", "hash", name="quarantine_once"),
    Index("quarantine_of_state", "state", "source", "id"),
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

# Where a source wants to be notified. The secret signs, so it cannot be kept as a hash.
source_webhook = Table(
    "source_webhook",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", String(128), nullable=False),
)

# Sources of the settings that take Open311's updates; ``secret`` says where their key is and is none itself.
source_updates = Table(
    "source_updates",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("jurisdiction", String(255)),
    Column("inside", Integer, nullable=False),
)

# Rooms of others that may follow this one, by key; ``fields``: what of a complaint each may see, apart by commas.
follower = Table(
    "follower",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("fields", Text, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("former_hash", String(64), index=True),
    Column("former_ends_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("key_at", BigInteger, nullable=False),
    Column("heard_at", BigInteger),
    Column("revoked_at", BigInteger),
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

user = Table(
    "user",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("role", String(16), nullable=False),
    Column("agency", String(64)),
    Column("password_hash", Text),
    Column("issuer", String(255)),
    Column("subject", String(255)),
    Column("created_at", BigInteger, nullable=False),
    Column("removed_at", BigInteger),
    Column("disabled_at", BigInteger),
    Column("logged_in_at", BigInteger),
    UniqueConstraint("issuer", "subject", name="user_of_issuer"),
)

personal_token = Table(
    "personal_token",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user_id", String(64), nullable=False, index=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

# The key of a person's codes, sealed; ``last_step``: the newest step of time of which a code was taken.
second_factor = Table(
    "second_factor",
    metadata,
    Column("user_id", String(64), primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

# By hash: what lets a person in once without their telephone.
recovery_code = Table(
    "recovery_code",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(64), nullable=False, index=True),
    Column("used_at", BigInteger),
)

# Who was shown which fields of whose personal data.
access = Table(
    "access",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("role", String(16), nullable=False),
    Column("subject_id", String(64), nullable=False),
    Column("fields", String(255), nullable=False),
    Index("access_at", "at"),
    Index("access_of_subject", "subject_id", "at"),
)

# ---- the outbox: what has to reach somebody beyond this room; no row holds free text ----

# ``id`` is the idempotency key for ever, ``seq`` the event that caused it, ``subject`` a complaint, or the alarm of a
# page. ``digest``: null goes alone, empty waits for a letter of several, else that letter's key. ``refused``: the code
# of the receiver's last no.
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

# A delivery that became a request in an agency's own Open311 system, whose status is followed: ``number`` or, while it
# has none, ``token``; ``heard``: what it said last; ``over`` is 1 once nothing that it says matters any more.
agency_request = Table(
    "agency_request",
    metadata,
    Column("delivery", String(36), primary_key=True),
    Column("agency", String(64), nullable=False),
    Column("complaint", String(36), nullable=False),
    Column("number", String(128)),
    Column("token", String(128)),
    Column("sent_at", BigInteger, nullable=False),
    Column("asked_at", BigInteger),
    Column("heard", Text),
    Column("over", Integer, nullable=False),
    Index("agency_request_followed", "agency", "over", "delivery"),
)

# ---- warnings ----

# Documents of warnings (CAP) that were heard, whether they touch the city or not: ``words`` is a JSON list with the
# words of each hazard in it, ``counts`` whether this room heeds it. ``series``: of one sender and identifier.
# ``heard_at`` and ``ends_at`` are room time.
hazard_document = Table(
    "hazard_document",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("series", String(32), nullable=False),
    Column("source", String(64), nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("heard_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("message", String(8), nullable=False),
    Column("counts", Integer, nullable=False),
    Column("words", Text, nullable=False),
    Index("hazard_document_of_series", "series", "sent"),
    Index("hazard_document_over", "ends_at"),
)

# Which documents end or replace which, heard or not.
hazard_reference = Table(
    "hazard_reference",
    metadata,
    Column("document", String(32), primary_key=True),
    Column("by", String(32), primary_key=True),
    Index("hazard_reference_by", "by"),
)

TRUTH: tuple[Table, ...] = (
    head,
    event,
    command,
    text,
    person,
    media,
    upload,
    citizen_link,
    mailed,
    source,
    source_run,
    quarantine,
    former_key,
    source_webhook,
    source_updates,
    follower,
    screen,
    user,
    personal_token,
    second_factor,
    recovery_code,
    access,
    outbox,
    delivery_attempt,
    agency_request,
    hazard_document,
    hazard_reference,
)


# ==== 2. Projection ====

# ---- complaints ----

# What is searched and sorted by has a column; the whole complaint is ``body``.
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

# What desks list and filter complaints by. Each column that a page is walked along has an index that ends with the
# receipt.
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

# One row for each agency that has the complaint; for one that it is only meant for, MEANT stands as status.
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

# One row for each agency that has, or once had, the complaint: ``held`` 1 or 0, ``moved`` the seq at which that last
# changed; ``open`` and ``closed_day`` are the complaint's while it is held. An agency's feed reads by it alone.
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

# ---- counts ----

total = Table(
    "total",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# ``total`` by agency: a complaint with several counts in each.
agency_total = Table(
    "agency_total",
    metadata,
    Column("agency", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# ---- the room ----

# One row: the city's day that is open, and the event that opened it.
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

screen_state = Table(
    "screen_state",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("seq", BigInteger, nullable=False),
)

# Floods and surges in force, and what a desk ordered for the room.
notice = Table(
    "notice",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)

# Hazards in force, each with the event that began it; ``rank``: of its severity, the worst is 0.
hazard = Table(
    "hazard",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("document", String(32), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index("hazard_due", "expires_at"),
    Index("hazard_shown", "rank", "expires_at"),
)

# ---- alarms ----

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

# When an alarm became unacknowledged; also warnings of deadlines, which are counted but are no alarms.
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

# ---- figures: the past as reports measure it ----

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

# How long one stage of one complaint took.
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

# Counts by quarter of an hour since 1970 and agency; quarter 0 is now.
tally = Table(
    "tally",
    metadata,
    Column("what", String(16), primary_key=True),
    Column("quarter", BigInteger, primary_key=True, autoincrement=False),
    Column("agency", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# The room at some positions of the log, from which any other is reached soon. ``whole``: the number of the last one
# that is complete; those after it hold what changed since the one before them. No place, text or person is in them.
checkpoint = Table(
    "checkpoint",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("whole", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("logged_at", BigInteger, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
)

# Complaints and alarms of a checkpoint, some hundred together, as compressed JSON.
checkpoint_part = Table(
    "checkpoint_part",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)

PROJECTION: tuple[Table, ...] = (
    complaint,
    listing,
    listing_agency,
    holding,
    total,
    agency_total,
    day,
    source_state,
    screen_state,
    notice,
    hazard,
    alarm,
    activation,
    milestone,
    span,
    tally,
    checkpoint,
    checkpoint_part,
)

# ---- the index of words: follows from ``text`` and the source's number, gone with the text ----

# ``n`` grows with arrival. What finds words in ``body`` is each database's own, below.
searched = Table(
    "searched",
    metadata,
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("body", Text, nullable=False),
)

OF_TEXTS: tuple[Table, ...] = (searched,)

# The index of words is made in another way by each database, so no table here describes it.
_SQLITE = (
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
_POSTGRESQL = ("CREATE INDEX searched_words ON searched USING gin (to_tsvector('simple', body))",)


@sql_event.listens_for(searched, "after_create")
def _create_word_index(_table: Table, connection: Connection, **_options: Any) -> None:
    """FTS5 kept by triggers on SQLite, a GIN index over a tsvector on PostgreSQL."""
    for statement in _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE:
        connection.exec_driver_sql(statement)


# ==== 3. Of the moment ====

# ---- processes ----

# One row: the clock's proof of life.
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

# Nothing leaves the outbox under this epoch until somebody releases it: the log was restored, or its clock repaired.
outbox_hold = Table(
    "outbox_hold",
    metadata,
    Column("epoch", String(64), primary_key=True),
    Column("since", BigInteger, nullable=False),
)

# The first request of a month at each web process that came through a forwarder while none is configured.
forwarded = Table(
    "forwarded",
    metadata,
    Column("place", String(255), primary_key=True),
    Column("header", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
)

# ---- sources ----

# What came of each source by the hour (whole hours since 1970, real time), for two days.
arrival = Table(
    "arrival",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("hour", BigInteger, primary_key=True, autoincrement=False),
    Column("accepted", BigInteger, nullable=False),
    Column("known", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("unsigned", BigInteger),  # requests to its hook that did not prove to come from it
    Column("empty", BigInteger),  # payloads of its hook in which nothing could be a report
)

# The last gaps between what came of a source, and how old its last reports were when they came: JSON arrays of seconds.
source_pace = Table(
    "source_pace",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("last_at", BigInteger, nullable=False),
    Column("gaps", Text, nullable=False),
    Column("lags", Text, nullable=False),
)

# Messages of hooks that were taken, by a hash of what names one; for a day.
hook_message = Table(
    "hook_message",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("mark", String(64), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Index("hook_message_of_time", "source", "at"),
)

# Files that people import: how far each is read, by which plan, and what came of it. ``turn`` grows with each order
# about it; ``rejects``: bytes of the file of what was refused.
import_job = Table(
    "import_job",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("state", String(12), nullable=False, index=True),
    Column("turn", Integer, nullable=False),
    Column("name", String(255), nullable=False),
    Column("source_name", String(128), nullable=False),
    Column("source", String(64)),
    Column("actor", String(128), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("read_bytes", BigInteger, nullable=False),
    Column("read_rows", BigInteger, nullable=False),
    Column("rejects", BigInteger, nullable=False),
    Column("plan", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("tally", Text, nullable=False),
    Column("fault", String(300)),
)

# ---- screens ----

# What each page last said of itself; ``screen`` is null for a page that no token names.
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

# Codes of new screens, with the hash of the secret that their browser holds.
pairing = Table(
    "pairing",
    metadata,
    Column("secret_hash", String(64), primary_key=True),
    Column("code", String(16), nullable=False, unique=True),
    Column("address", String(64), nullable=False, index=True),
    Column("ends_at", BigInteger, nullable=False),
)

# ---- people; what was ended must not come back with a backup ----

session = Table(
    "session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(64), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)

# By the hash of its token: a log-in with a right password that has yet to show or set up a second factor.
half_log_in = Table(
    "half_log_in",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(64), nullable=False, index=True),
    Column("ends_at", BigInteger, nullable=False),
)

# By the hash of its token: a link by which a person sets a password once.
password_link = Table(
    "password_link",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(64), nullable=False, index=True),
    Column("ends_at", BigInteger, nullable=False),
)

# By the hash of its token: a link by which the first admin is made. ``place``: machine, host and port that gave it.
setup_link = Table(
    "setup_link",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("place", String(255), nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)

# From which networks a person came in, each as a keyed hash.
known_place = Table(
    "known_place",
    metadata,
    Column("user_id", String(64), primary_key=True),
    Column("place", String(32), primary_key=True),
    Column("seen_at", BigInteger, nullable=False),
)

# ---- limits ----

# Counts of rate limits while there is no Redis (liveroom.accounts.rate_limits). Whole seconds: nobody is counted finer.
counter = Table(
    "counter",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Integer, nullable=False),
    Column("ends_at", BigInteger, nullable=False, index=True),
)

# What was sent without a log-in by the hour (whole hours since 1970, real time), for a day: bounds on uploads count it.
public_hour = Table(
    "public_hour",
    metadata,
    Column("hour", BigInteger, primary_key=True, autoincrement=False),
    Column("origin", String(64), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)

# ---- rooms that this one follows: what each last said, and the cards that it was made of ----

# ``heard_at``: when its last answer was written here, which was ``age_ms`` old by then; ``room_at``: its own room time.
# ``fault`` and ``fault_more``: why it is not heard just now. ``body``: what its block on the wall shows.
followed_city = Table(
    "followed_city",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("body", Text),
    Column("heard_at", BigInteger),
    Column("age_ms", BigInteger),
    Column("room_at", String(40)),
    Column("fault", String(32)),
    Column("fault_more", Text),
    Column("fault_at", BigInteger),
)

# The cards apart, and written seldom: a row that holds megabytes is written whole with each of its seconds.
followed_cards = Table(
    "followed_cards",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

PASSING: tuple[Table, ...] = (
    pulse,
    followed_city,
    followed_cards,
    lease,
    outbox_hold,
    forwarded,
    arrival,
    source_pace,
    hook_message,
    import_job,
    screen_page,
    screen_picture,
    screen_watch,
    screen_call,
    pairing,
    session,
    half_log_in,
    password_link,
    setup_link,
    known_place,
    counter,
    public_hour,
)
