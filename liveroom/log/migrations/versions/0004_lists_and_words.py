"""Lists of complaints by what they are, the words that citizens used, and telephone numbers in one form"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SQLITE = (
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
POSTGRESQL = ("CREATE INDEX searched_words ON searched USING gin (to_tsvector('simple', body))",)


def upgrade() -> None:
    """Expand; the tables are filled when the projection is rebuilt."""
    op.create_table(
        "listing",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=128), nullable=False),
        sa.Column("area", sa.String(length=128), nullable=False),
        sa.Column("priority", sa.String(length=16), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=128), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.create_index("listing_received", ["received_at", "id"], unique=False)
        batch_op.create_index("listing_status", ["status", "received_at", "id"], unique=False)
        batch_op.create_index("listing_category", ["category", "status", "received_at", "id"], unique=False)
        batch_op.create_index("listing_area", ["area", "status", "received_at", "id"], unique=False)
        batch_op.create_index("listing_priority", ["priority", "status", "received_at", "id"], unique=False)
        batch_op.create_index("listing_number", ["source_id"], unique=False)

    op.create_table(
        "listing_agency",
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "id"),
    )
    with op.batch_alter_table("listing_agency", schema=None) as batch_op:
        batch_op.create_index("listing_agency_list", ["agency", "status", "received_at", "id"], unique=False)
        batch_op.create_index("listing_agency_id", ["id"], unique=False)

    op.create_table(
        "searched",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("id"),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)

    op.add_column("person", sa.Column("phone_key", sa.Text(), nullable=True))
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index("person_phone", ["phone_key"], unique=False)


def downgrade() -> None:
    """Rooms go forward only: a restore brings an older one back."""
    raise RuntimeError("restore a backup instead")
