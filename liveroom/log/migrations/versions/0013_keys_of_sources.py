"""Keys of sources that were replaced and go on for a day, and since when each is"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("key_at", sa.BigInteger(), nullable=True))
    op.execute("UPDATE source SET key_at = created_at WHERE key_hash IS NOT NULL")

    op.create_table(
        "former_key",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("key_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash"),
    )
    with op.batch_alter_table("former_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_former_key_source"), ["source"], unique=False)


def downgrade() -> None:
    """Rooms go forward only: a restore brings an older one back."""
    raise RuntimeError("restore a backup instead")
