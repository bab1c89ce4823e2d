"""Backups that were made and tested, and the restoration from which this office came."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: to go back, an administrator restores a backup."""
    op.create_table(
        "backups",
        sa.Column("backup_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("tested_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("backup_id", name=op.f("pk_backups")),
    )
    op.create_table(
        "restores",
        sa.Column("generation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("backup_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("restored_at", Moment(), nullable=False),
        sa.Column("filed_again_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("generation", name=op.f("pk_restores")),
    )
