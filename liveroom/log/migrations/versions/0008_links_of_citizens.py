"""The private links by which citizens follow their reports"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "citizen_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("complaint", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    with op.batch_alter_table("citizen_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_citizen_link_complaint"), ["complaint"], unique=False)


def downgrade() -> None:
    """Rooms go forward only: a restore brings an older one back."""
    raise RuntimeError("restore a backup instead")
