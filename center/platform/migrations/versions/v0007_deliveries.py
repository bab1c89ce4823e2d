"""Deliveries to schools and what is in them."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    big_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", big_key, nullable=False),
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("year", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("password_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("handed_over_at", Moment(), nullable=True),
        sa.Column("handed_over_by", sa.String(length=80), nullable=True),
        sa.Column("receiver_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("school", "year", "number", name="uq_deliveries_school_year_number"),
    )
    op.create_table(
        "delivery_items",
        sa.Column("delivery_id", big_key, nullable=False),
        sa.Column("shot_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("change", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("before", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.delivery_id"], name=op.f("fk_delivery_items_delivery_id")
        ),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.shot_id"], name=op.f("fk_delivery_items_shot_id")),
        sa.PrimaryKeyConstraint("delivery_id", "shot_id", name=op.f("pk_delivery_items")),
    )
    op.create_index("ix_delivery_items_person_id", "delivery_items", ["person_id"], unique=False)
    counters = sa.table("counters", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    op.bulk_insert(counters, [{"name": "deliveries", "value": 0}])
