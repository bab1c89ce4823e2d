"""Retention: what was purged, holds, requests about one's own data."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    big_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("shots", sa.Column("photo_purged_at", Moment(), nullable=True))
    op.add_column("shots", sa.Column("identity_purged_at", Moment(), nullable=True))
    op.create_table(
        "holds",
        sa.Column("hold_id", big_key, nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("seal_id", sa.String(length=32), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("lifted_by", sa.String(length=80), nullable=True),
        sa.Column("lifted_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_holds_person_id")),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_person_id"), "holds", ["person_id"], unique=False)
    op.create_table(
        "data_requests",
        sa.Column("request_id", big_key, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("opened_by", sa.String(length=80), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_data_requests_person_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_data_requests")),
    )
    op.create_index(op.f("ix_data_requests_person_id"), "data_requests", ["person_id"], unique=False)
