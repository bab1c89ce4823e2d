"""Schools' correction forms and the cases in them."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    big_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "correction_forms",
        sa.Column("form_id", big_key, nullable=False),
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("year", sa.String(length=20), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("entered_at", Moment(), nullable=False),
        sa.Column("head_count", sa.Integer(), nullable=True),
        sa.Column("images", sa.String(length=8), nullable=True),
        sa.Column("organisation", sa.String(length=8), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("form_id", name=op.f("pk_correction_forms")),
    )
    op.create_index("ix_correction_forms_of_school", "correction_forms", ["school", "year"], unique=False)
    op.create_table(
        "correction_cases",
        sa.Column("case_id", big_key, nullable=False),
        sa.Column("form_id", big_key, nullable=True),
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("year", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("row_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_by", sa.String(length=80), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("closed_by", sa.String(length=80), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("done_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["form_id"], ["correction_forms.form_id"], name=op.f("fk_correction_cases_form_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_correction_cases")),
    )
    op.create_index("ix_correction_cases_of_school", "correction_cases", ["school", "year", "state"], unique=False)
