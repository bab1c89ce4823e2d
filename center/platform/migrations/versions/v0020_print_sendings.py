"""Prints that were sent to schools."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "print_sendings",
        sa.Column("sending_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("year", sa.String(length=20), nullable=False),
        sa.Column("sent_at", Moment(), nullable=False),
        sa.Column("sent_by", sa.String(length=80), nullable=False),
        sa.Column("how_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sending_id", name=op.f("pk_print_sendings")),
    )
    op.create_index("ix_print_sendings_of_school", "print_sendings", ["school", "year"], unique=False)
