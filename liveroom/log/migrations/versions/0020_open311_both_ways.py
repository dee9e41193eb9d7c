"""Where sources take Open311's updates, and the requests in agencies' own systems whose status is followed"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "source_updates",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.String(length=255), nullable=True),
        sa.Column("inside", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "agency_request",
        sa.Column("delivery", sa.String(length=36), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("complaint", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=128), nullable=True),
        sa.Column("token", sa.String(length=128), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("heard", sa.Text(), nullable=True),
        sa.Column("over", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("delivery"),
    )
    op.create_index("agency_request_followed", "agency_request", ["agency", "over", "delivery"])


def downgrade() -> None:
    """Rooms go forward only: a restore brings an older one back."""
    raise RuntimeError("restore a backup instead")
