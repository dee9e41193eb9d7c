"""Files that people send, photos and videos: what is known of each; the content lies in the media store.

Truth. ``kind``: proof (of work done) or report (a citizen's own picture). ``state``: open, checking, ready, refused,
erased. No file name and no words of metadata are kept, only what was measured. ``origin`` is set while a file is a
stranger's and no report has claimed it: a keyed hash of the address, or empty where that is not counted; ``held`` are
the bytes of the disk that count for it then.
"""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text, text

from liveroom.log.schema_base import metadata

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
        sqlite_where=text("origin IS NOT NULL"),
        postgresql_where=text("origin IS NOT NULL"),
    ),
)

# What strangers sent by the hour (whole hours since 1970, real time), for a day: bounds count by it.
public_hour = Table(
    "public_hour",
    metadata,
    Column("hour", BigInteger, primary_key=True, autoincrement=False),
    Column("origin", String(64), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)
