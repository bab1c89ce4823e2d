"""Settlement: the account schools pay to, letters, payments."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    big_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "payees",
        sa.Column("payee_id", big_key, nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("proposed_at", Moment(), nullable=False),
        sa.Column("proposal_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=80), nullable=True),
        sa.Column("confirmed_at", Moment(), nullable=True),
        sa.Column("confirmed_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("dismissed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("payee_id", name=op.f("pk_payees")),
    )
    op.create_table(
        "school_fees",
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("year", sa.String(length=20), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("entered_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("school", "year", name=op.f("pk_school_fees")),
    )
    op.create_table(
        "letters",
        sa.Column("letter_id", big_key, nullable=False),
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("year", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("cut_off", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("charged", sa.Integer(), nullable=False),
        sa.Column("credited", sa.Integer(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("reminded_at", Moment(), nullable=True),
        sa.Column("cancelled_by", sa.String(length=80), nullable=True),
        sa.Column("cancelled_at", Moment(), nullable=True),
        sa.Column("cancel_reason_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letters")),
        sa.UniqueConstraint("school", "year", "number", name="uq_letters_school_year_number"),
    )
    op.create_index("ix_letters_year", "letters", ["year"], unique=False)
    op.create_index(op.f("ix_letters_job_id"), "letters", ["job_id"], unique=False)
    op.create_table(
        "letter_items",
        sa.Column("letter_id", big_key, nullable=False),
        sa.Column("row_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("shot_id", sa.String(length=32), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.letter_id"], name=op.f("fk_letter_items_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "row_id", name=op.f("pk_letter_items")),
    )
    op.create_table(
        "payments",
        sa.Column("payment_id", big_key, nullable=False),
        sa.Column("letter_id", big_key, nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("entered_at", Moment(), nullable=False),
        sa.Column("taken_back_by", sa.String(length=80), nullable=True),
        sa.Column("taken_back_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.letter_id"], name=op.f("fk_payments_letter_id")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_payments")),
    )
    op.create_index(op.f("ix_payments_letter_id"), "payments", ["letter_id"], unique=False)
    counters = sa.table("counters", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    op.bulk_insert(counters, [{"name": "billing", "value": 0}])
