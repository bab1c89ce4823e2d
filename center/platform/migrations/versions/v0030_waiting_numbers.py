"""The queue of numbers."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "waiting_days",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("closed_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_waiting_days")),
    )
    op.create_table(
        "waiting_numbers",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("device", sa.LargeBinary(), nullable=True),
        sa.Column("taken_at", Moment(), nullable=False),
        sa.Column("called_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("day", "number", name=op.f("pk_waiting_numbers")),
    )
    op.create_index(op.f("ix_waiting_numbers_device"), "waiting_numbers", ["device"], unique=False)
