"""Passes: booths open for one person."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "passes",
        sa.Column("pass_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("row_id", sa.String(length=32), nullable=False),
        sa.Column("shot_id", sa.String(length=32), nullable=True),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("issued_by", sa.String(length=80), nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["row_id"], ["roster_rows.row_id"], name=op.f("fk_passes_row_id")),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.shot_id"], name=op.f("fk_passes_shot_id")),
        sa.PrimaryKeyConstraint("pass_id", name=op.f("pk_passes")),
        sa.UniqueConstraint("shot_id", name=op.f("uq_passes_shot_id")),
    )
    op.create_index("ix_shots_taken_at", "shots", ["taken_at"], unique=False)
    op.create_index(op.f("ix_passes_row_id"), "passes", ["row_id"], unique=False)
    op.create_index(op.f("ix_passes_last_day"), "passes", ["last_day"], unique=False)
