"""Jobs that are done in the background."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Json, Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    open_ones = sa.text("state IN ('waiting', 'running')")
    op.create_table(
        "jobs",
        sa.Column("job_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=250), nullable=False),
        sa.Column("arguments", Json(), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("result", Json(), nullable=False),
        sa.Column("file_id", sa.String(length=32), nullable=True),
        sa.Column("file_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_jobs")),
    )
    op.create_index(
        "uq_jobs_open", "jobs", ["kind", "subject"], unique=True, postgresql_where=open_ones, sqlite_where=open_ones
    )
    op.create_index("ix_jobs_subject", "jobs", ["subject", "kind"], unique=False)
