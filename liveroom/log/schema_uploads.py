"""Files that people send, photos and videos: what is known of each; the content lies in the media store.

Truth. ``kind``: proof (of work done) or report (a citizen's own picture). ``state``: open, checking, ready, refused,
erased. No file name and no words of metadata are kept, only what was measured.
"""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

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
    Index("upload_of_subject", "subject_id", "id"),
    Index("upload_in_state", "state", "changed_at"),
    Index("upload_by", "by", "state"),
)
