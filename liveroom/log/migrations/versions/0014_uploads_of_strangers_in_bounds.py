"""Uploads of strangers are counted, so that they stay in bounds"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "public_hour",
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "origin"),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.add_column(sa.Column("origin", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("held", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.create_index(
            "upload_of_strangers",
            ["held"],
            unique=False,
            sqlite_where=sa.text("origin IS NOT NULL"),
            postgresql_where=sa.text("origin IS NOT NULL"),
        )


def downgrade() -> None:
    """Rooms go forward only: a restore brings an older one back."""
    raise RuntimeError("restore a backup instead")
