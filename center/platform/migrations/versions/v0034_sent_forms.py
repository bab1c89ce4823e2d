"""Which forms of a login were sent."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "sent_forms",
        sa.Column("form_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=True),
        sa.PrimaryKeyConstraint("form_hash", name=op.f("pk_sent_forms")),
    )
    op.create_index(op.f("ix_sent_forms_at"), "sent_forms", ["at"], unique=False)
