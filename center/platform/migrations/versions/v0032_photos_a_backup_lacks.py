"""How many photos a backup lacks, because the photo store lost or damaged them."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("backups", sa.Column("lacking", sa.Integer(), nullable=True))
