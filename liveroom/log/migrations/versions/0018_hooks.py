"""Which messages of hooks came, and how many requests to them proved nothing or held no report"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and the counts."""
    op.add_column("arrival", sa.Column("unsigned", sa.BigInteger(), nullable=True))
    op.add_column("arrival", sa.Column("empty", sa.BigInteger(), nullable=True))
    op.create_table(
        "hook_message",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "mark"),
    )
    op.create_index("hook_message_of_time", "hook_message", ["source", "at"])
