"""When an account was last confirmed."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("users", sa.Column("reviewed_at", Moment(), nullable=True))
    op.add_column("users", sa.Column("reviewed_by", sa.String(length=80), nullable=True))
