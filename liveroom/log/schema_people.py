"""The tables of people: who may log in, who is logged in, their tokens, and who read personal data.

Truth, all of it; only sessions, links, log-ins half done and places stay out of backups: what was ended must not come
back with one.
"""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text, UniqueConstraint

from liveroom.log.schema_base import metadata

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

session = Table(
    "session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(64), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)

# By the hash of its token: a link by which somebody sets a password once.
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

# The first request of a month at each web process that came through a forwarder while none is configured.
forwarded = Table(
    "forwarded",
    metadata,
    Column("place", String(255), primary_key=True),
    Column("header", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
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

# By the hash of its token: somebody whose password was right, and who has yet to show or set up a second factor.
half_log_in = Table(
    "half_log_in",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(64), nullable=False, index=True),
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

TRUTH = (user, personal_token, second_factor, recovery_code, access)
OF_THIS_MOMENT = (session, password_link, setup_link, forwarded, half_log_in, known_place)
