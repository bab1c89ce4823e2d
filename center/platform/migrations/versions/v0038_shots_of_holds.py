"""The photos that were found when a hold or a request was noted: a roster that changes later lets none of them go."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. Empty for holds and requests noted before: they have the photos of their record, and those that
    the rosters lead to.
    """
    for table in ("holds", "data_requests"):
        op.add_column(table, sa.Column("shots", sa.Text(), nullable=True))
