"""Releases of the booths' program, and which booth is to run which."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "releases",
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("architecture", sa.String(length=20), nullable=False),
        sa.Column("minimum_version", sa.String(length=20), nullable=False),
        sa.Column("not_after", sa.Date(), nullable=False),
        sa.Column("added_at", Moment(), nullable=False),
        sa.Column("added_by", sa.String(length=80), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_releases")),
    )
    op.create_table(
        "booth_releases",
        sa.Column("booth_id", sa.String(length=63), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("given_at", Moment(), nullable=False),
        sa.Column("given_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["booth_id"], ["booths.booth_id"], name=op.f("fk_booth_releases_booth_id")),
        sa.ForeignKeyConstraint(["version"], ["releases.version"], name=op.f("fk_booth_releases_version")),
        sa.PrimaryKeyConstraint("booth_id", name=op.f("pk_booth_releases")),
    )
    op.create_index(op.f("ix_booth_releases_version"), "booth_releases", ["version"], unique=False)
