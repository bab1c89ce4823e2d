"""The shots that a booth lists for a half day."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Json

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("half_days", sa.Column("listed", Json(), nullable=True))
