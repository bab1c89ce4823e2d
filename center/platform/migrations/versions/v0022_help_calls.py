"""Calls for help from booths."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "help_calls",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("booth_id", sa.String(length=63), nullable=False),
        sa.Column("screen", sa.String(length=40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("heard_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("line", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["booth_id"], ["booths.booth_id"], name=op.f("fk_help_calls_booth_id")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_help_calls")),
    )
    op.create_index(op.f("ix_help_calls_booth_id"), "help_calls", ["booth_id"], unique=False)
    op.create_index(op.f("ix_help_calls_heard_at"), "help_calls", ["heard_at"], unique=False)
