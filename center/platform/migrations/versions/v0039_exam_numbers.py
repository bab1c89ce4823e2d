"""The keyed hash of a roster row's exam number gets a column. So far the number was only in the sealed data; `center
init` fills the column."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. The column may be empty: the previous version, which may still be running, writes rows without
    it."""
    op.add_column("roster_rows", sa.Column("exam_lookup", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_roster_rows_exam_lookup"), "roster_rows", ["exam_lookup"], unique=False)
