"""Failed logins are also counted for names without an account, and have a time; further indexes."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. `login_failures.at` may be empty: the previous version, which may still be running, writes rows
    without it."""
    with op.batch_alter_table("login_failures") as table:
        table.drop_constraint("fk_login_failures_user_id", type_="foreignkey")
        table.add_column(sa.Column("at", Moment(), nullable=True))
    op.execute(sa.update(sa.table("login_failures", sa.column("at", Moment()))).values(at=datetime.now(UTC)))
    op.create_index(op.f("ix_sessions_created_at"), "sessions", ["created_at"], unique=False)
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(op.f("ix_roster_rows_person_key"), "roster_rows", ["person_key"], unique=False)
