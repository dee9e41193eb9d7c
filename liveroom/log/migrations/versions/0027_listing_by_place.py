"""Complaints of a category by their latitude, so that those at one place are found at once"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("listing_place", "listing", ["category", "lat"])


def downgrade() -> None:
    """Rooms go forward only: a restore brings an older one back."""
    raise RuntimeError("restore a backup instead")
