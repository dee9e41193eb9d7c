"""Who has what, and totals by agency"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; both tables are filled when the projection is rebuilt."""
    op.create_table(
        "holding",
        sa.Column("complaint", sa.String(length=36), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("closed_day", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("complaint", "agency"),
    )
    with op.batch_alter_table("holding", schema=None) as batch_op:
        batch_op.create_index("holding_open", ["agency", "open", "complaint"], unique=False)
        batch_op.create_index("holding_closed", ["agency", "closed_day", "complaint"], unique=False)

    op.create_table(
        "agency_total",
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "key"),
    )


def downgrade() -> None:
    """Rooms go forward only: a restore brings an older one back."""
    raise RuntimeError("restore a backup instead")
