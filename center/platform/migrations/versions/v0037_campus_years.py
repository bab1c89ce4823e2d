"""The year of graduation of who is on a campus list, which was sealed only; `center init` fills it in."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. The column may be empty: a process of the version before writes rows without it."""
    op.add_column("campus_rows", sa.Column("year", sa.String(length=20), nullable=True))
    op.create_index(op.f("ix_campus_rows_year"), "campus_rows", ["year"], unique=False)
