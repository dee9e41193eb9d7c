"""Each time that a complaint was open, and what happened to it besides, for evaluations"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _some(name: str, columns: list[str], where: str) -> None:
    """An index of those rows alone that have something there."""
    op.create_index(name, "stay", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    """Add the tables; the next start fills them."""
    op.create_table(
        "stay",
        sa.Column("seq", _SEQ, autoincrement=False, nullable=False),
        sa.Column("complaint", sa.String(length=36), nullable=False),
        sa.Column("begin", sa.String(length=8), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=128), nullable=False),
        sa.Column("class_", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=128), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=128), nullable=False),
        sa.Column("inherited", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("forwarded_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("late_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ending", sa.String(length=8), nullable=True),
        sa.Column("kept", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("stay_complaint", "stay", ["complaint"])
    op.create_index("stay_start", "stay", ["start"])
    op.create_index("stay_ended", "stay", ["ended_at", "start"])
    _some("stay_forwarded", ["forwarded_at"], "forwarded_at IS NOT NULL")
    _some("stay_accepted", ["accepted_at"], "accepted_at IS NOT NULL")
    _some("stay_late", ["ended_at", "late_at"], "late_at IS NOT NULL")
    _some("stay_record", ["agency", "class_", "received_at"], "agency != ''")
    op.create_table(
        "occurrence",
        sa.Column("seq", _SEQ, autoincrement=False, nullable=False),
        sa.Column("complaint", sa.String(length=36), nullable=False),
        sa.Column("stay", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("other", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("occurrence_complaint", "occurrence", ["complaint"])
    op.create_index("occurrence_at", "occurrence", ["at"])


def downgrade() -> None:
    """Rooms go forward only: a restore brings an older one back."""
    raise RuntimeError("restore a backup instead")
