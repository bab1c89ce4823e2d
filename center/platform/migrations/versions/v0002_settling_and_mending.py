"""Answers to flags; recropped photos next to those of booths; roster rows found by student number or whole name."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Json, Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. Rows of the roster get their new look-ups when they are imported again."""
    big_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "settlements",
        sa.Column("settlement_id", big_key, nullable=False),
        sa.Column("shot_id", sa.String(length=32), nullable=False),
        sa.Column("flags", Json(), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("ground", sa.String(length=16), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("row_id", sa.String(length=32), nullable=True),
        sa.Column("before_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.shot_id"], name=op.f("fk_settlements_shot_id")),
        sa.PrimaryKeyConstraint("settlement_id", name=op.f("pk_settlements")),
    )
    op.create_index(op.f("ix_settlements_shot_id"), "settlements", ["shot_id"], unique=False)
    op.create_table(
        "mended_photos",
        sa.Column("decision_id", big_key, nullable=False),
        sa.Column("shot_id", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.decision_id"], name=op.f("fk_mended_photos_decision_id")),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.shot_id"], name=op.f("fk_mended_photos_shot_id")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_mended_photos")),
    )
    op.create_index(op.f("ix_mended_photos_shot_id"), "mended_photos", ["shot_id"], unique=False)
    op.add_column("roster_rows", sa.Column("student_lookup", sa.LargeBinary(), nullable=True))
    op.add_column("roster_rows", sa.Column("name_lookup", sa.LargeBinary(), nullable=True))
    op.add_column("roster_rows", sa.Column("provisional", sa.Boolean(), server_default=sa.false(), nullable=False))
    for column in ("student_lookup", "name_lookup"):
        op.create_index(op.f(f"ix_roster_rows_{column}"), "roster_rows", [column], unique=False)
