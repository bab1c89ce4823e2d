"""Which schools' prints may be made."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "print_releases",
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("year", sa.String(length=20), nullable=False),
        sa.Column("ground", sa.String(length=12), nullable=False),
        sa.Column("released_at", Moment(), nullable=False),
        sa.Column("released_by", sa.String(length=80), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("school", "year", name=op.f("pk_print_releases")),
    )
