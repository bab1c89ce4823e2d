"""The year of graduation of the people on campus lists gets a column. So far it was only in the sealed data; `center
init` copies it."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. The column may be empty: the previous version, which may still be running, writes rows without
    it."""
    op.add_column("campus_rows", sa.Column("year", sa.String(length=20), nullable=True))
    op.create_index(op.f("ix_campus_rows_year"), "campus_rows", ["year"], unique=False)
