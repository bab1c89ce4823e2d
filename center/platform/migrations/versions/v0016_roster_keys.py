"""Roster rows are found by year and class without opening them; reasons for absence are stored; the files that jobs
make are stored in parts."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("roster_rows", sa.Column("year", sa.String(length=20), nullable=True))
    op.add_column("roster_rows", sa.Column("class_key", sa.LargeBinary(), nullable=True))
    op.add_column("roster_rows", sa.Column("person_key", sa.LargeBinary(), nullable=True))
    op.create_table(
        "job_file_parts",
        sa.Column("file_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "part", name=op.f("pk_job_file_parts")),
    )
    kept = sa.text("year IS NOT NULL")
    op.create_index(
        "ix_roster_rows_of_school", "roster_rows", ["school", "year"], postgresql_where=kept, sqlite_where=kept
    )
    op.create_table(
        "absences",
        sa.Column("row_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("noted_by", sa.String(length=80), nullable=False),
        sa.Column("noted_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["row_id"], ["roster_rows.row_id"], name=op.f("fk_absences_row_id")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_absences")),
    )
