"""Screens that belong to the room"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    with op.batch_alter_table("screen", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sa.String(length=128), nullable=True))
        batch_op.add_column(sa.Column("settings", sa.Text(), nullable=True))

    op.create_table(
        "screen_state",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )

    op.create_table(
        "screen_page",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("screen", sa.String(length=64), nullable=True),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.Column("lost_from", sa.BigInteger(), nullable=True),
        sa.Column("lost_to", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("screen_page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_screen_page_heard_at"), ["heard_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_screen_page_screen"), ["screen"], unique=False)

    op.create_table(
        "screen_picture",
        sa.Column("page", sa.String(length=128), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("page"),
    )

    op.create_table(
        "screen_watch",
        sa.Column("process", sa.String(length=32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("process"),
    )

    op.create_table(
        "screen_call",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("page", sa.String(length=128), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("screen_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_screen_call_at"), ["at"], unique=False)

    op.create_table(
        "pairing",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("secret_hash"),
        sa.UniqueConstraint("code"),
    )
    with op.batch_alter_table("pairing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pairing_address"), ["address"], unique=False)


def downgrade() -> None:
    """Rooms go forward only: a restore brings an older one back."""
    raise RuntimeError("restore a backup instead")
