"""Half days: counts, explanations, two signatures."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "half_days",
        sa.Column("booth_id", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("first_by", sa.String(length=80), nullable=True),
        sa.Column("first_at", Moment(), nullable=True),
        sa.Column("first_digest", sa.String(length=64), nullable=True),
        sa.Column("second_by", sa.String(length=80), nullable=True),
        sa.Column("second_at", Moment(), nullable=True),
        sa.Column("frozen", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["booth_id"], ["booths.booth_id"], name=op.f("fk_half_days_booth_id")),
        sa.PrimaryKeyConstraint("booth_id", "name", name=op.f("pk_half_days")),
    )
    op.create_table(
        "half_day_notes",
        sa.Column("booth_id", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("booth_id", "name", "about", name=op.f("pk_half_day_notes")),
    )
