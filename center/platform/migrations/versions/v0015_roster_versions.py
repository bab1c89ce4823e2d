"""Versions of rosters, and what schools have announced."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "roster_versions",
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("year", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("absent", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("seal_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_roster_versions")),
    )
    op.create_index("ix_roster_versions_school_year", "roster_versions", ["school", "year"], unique=False)
    op.create_table(
        "school_years",
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("year", sa.String(length=20), nullable=False),
        sa.Column("announced", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("school", "year", name=op.f("pk_school_years")),
    )
