"""The explanation of a half day's difference names the kind of difference in addition to the shot."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    with op.batch_alter_table("half_day_notes") as table:
        table.alter_column("about", existing_type=sa.String(32), type_=sa.String(64), existing_nullable=False)
