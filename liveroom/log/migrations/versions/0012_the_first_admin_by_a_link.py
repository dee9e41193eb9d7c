"""The first admin by a link: tokens that a start prints, and the first request that a forwarder passed on"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "setup_link",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=255), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "forwarded",
        sa.Column("place", sa.String(length=255), nullable=False),
        sa.Column("header", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
    )


def downgrade() -> None:
    """Rooms go forward only: a restore brings an older one back."""
    raise RuntimeError("restore a backup instead")
