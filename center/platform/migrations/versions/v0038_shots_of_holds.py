"""Holds and requests get a list of the photos that were found when they were noted: they keep these photos even if a
roster changes later."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. The column is empty for holds and requests that were noted before: they keep the photos of their
    record, and those to which the rosters lead.
    """
    for table in ("holds", "data_requests"):
        op.add_column(table, sa.Column("shots", sa.Text(), nullable=True))
