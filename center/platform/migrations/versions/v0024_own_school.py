"""Accounts of colleges, and what schools have confirmed."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Json, Moment

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("users", sa.Column("college", sa.String(length=80), nullable=True))
    op.add_column("users", sa.Column("majors", Json(), nullable=True))
    op.create_table(
        "class_checks",
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("class_key", sa.String(length=64), nullable=False),
        sa.Column("checked_by", sa.String(length=80), nullable=False),
        sa.Column("checked_at", Moment(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("school", "class_key", name=op.f("pk_class_checks")),
    )
