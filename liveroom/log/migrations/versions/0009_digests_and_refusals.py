"""Letters that tell of several complaints at once, and what a receiver does not want"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("refused", sa.String(length=32), nullable=True))


def downgrade() -> None:
    """Rooms go forward only: a restore brings an older one back."""
    raise RuntimeError("restore a backup instead")
