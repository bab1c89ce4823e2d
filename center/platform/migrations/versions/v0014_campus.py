"""Lists of those photographed on campus."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    big_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "campus_imports",
        sa.Column("import_id", big_key, nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("taken_back_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_campus_imports")),
    )
    op.create_table(
        "campus_rows",
        sa.Column("row_id", sa.String(length=32), nullable=False),
        sa.Column("import_id", big_key, nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("id_lookup", sa.LargeBinary(), nullable=True),
        sa.Column("student_lookup", sa.LargeBinary(), nullable=True),
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["campus_imports.import_id"], name=op.f("fk_campus_rows_import_id")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_campus_rows")),
        sa.UniqueConstraint("lookup", name=op.f("uq_campus_rows_lookup")),
    )
    for column in ("import_id", "id_lookup", "student_lookup", "school"):
        op.create_index(op.f(f"ix_campus_rows_{column}"), "campus_rows", [column], unique=False)
    counters = sa.table("counters", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    op.bulk_insert(counters, [{"name": "campus", "value": 0}])
