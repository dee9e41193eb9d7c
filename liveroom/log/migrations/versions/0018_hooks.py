"""Which messages of hooks came, and how many requests to them proved nothing"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and the count."""
    op.add_column("arrival", sa.Column("unsigned", sa.BigInteger(), nullable=True))
    op.create_table(
        "hook_message",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "mark"),
    )
