"""Answers can be withdrawn, together with the provisional row that they named."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("settlements", sa.Column("withdrawn_at", Moment(), nullable=True))
