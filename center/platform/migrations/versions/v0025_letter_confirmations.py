"""Settlement letters that schools have confirmed."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "letter_confirmations",
        sa.Column("letter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("confirmed_by", sa.String(length=80), nullable=False),
        sa.Column("confirmed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letter_confirmations")),
    )
    op.create_index(op.f("ix_letter_confirmations_school"), "letter_confirmations", ["school"], unique=False)
