"""Correction cases that were opened from a shot."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("correction_cases", sa.Column("shot_id", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_correction_cases_shot_id"), "correction_cases", ["shot_id"], unique=True)
