"""Which campus lists name a person: so far only the first one was known."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    big_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "campus_named",
        sa.Column("row_id", sa.String(length=32), nullable=False),
        sa.Column("import_id", big_key, nullable=False),
        sa.ForeignKeyConstraint(["row_id"], ["campus_rows.row_id"], name=op.f("fk_campus_named_row_id")),
        sa.ForeignKeyConstraint(["import_id"], ["campus_imports.import_id"], name=op.f("fk_campus_named_import_id")),
        sa.PrimaryKeyConstraint("row_id", "import_id", name=op.f("pk_campus_named")),
    )
    op.create_index(op.f("ix_campus_named_import_id"), "campus_named", ["import_id"], unique=False)
    op.execute("INSERT INTO campus_named (row_id, import_id) SELECT row_id, import_id FROM campus_rows")
