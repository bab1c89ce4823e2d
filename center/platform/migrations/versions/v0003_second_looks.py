"""Second reviews of decided shots."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Json, Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    big_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "second_looks",
        sa.Column("look_id", big_key, nullable=False),
        sa.Column("shot_id", sa.String(length=32), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("first_by", sa.String(length=32), nullable=False),
        sa.Column("first_decision", sa.String(length=16), nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("voided_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("claimed_at", Moment(), nullable=True),
        sa.Column("touched_by", sa.String(length=32), nullable=True),
        sa.Column("touched_at", Moment(), nullable=True),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("reasons", Json(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("shown_at", Moment(), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("final_at", Moment(), nullable=True),
        sa.Column("settled_by", sa.String(length=32), nullable=True),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.shot_id"], name=op.f("fk_second_looks_shot_id")),
        sa.PrimaryKeyConstraint("look_id", name=op.f("pk_second_looks")),
    )
    op.create_index(op.f("ix_second_looks_shot_id"), "second_looks", ["shot_id"], unique=False)
    op.create_index("ix_second_looks_decided_at", "second_looks", ["decided_at"], unique=False)
    where = "decision IS NULL AND voided_at IS NULL"
    op.create_index(
        "ix_second_looks_open",
        "second_looks",
        ["due_at", "look_id"],
        unique=False,
        postgresql_where=sa.text(where),
        sqlite_where=sa.text(where),
    )
