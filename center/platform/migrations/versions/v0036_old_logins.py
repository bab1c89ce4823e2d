"""Logins: failures also of names without an account, and when; accounts of colleges whose school is closed; indexes."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. `login_failures.at` may be empty: a process of the version before writes rows without it."""
    now = datetime.now(UTC)
    with op.batch_alter_table("login_failures") as table:
        table.drop_constraint("fk_login_failures_user_id", type_="foreignkey")
        table.add_column(sa.Column("at", Moment(), nullable=True))
    op.execute(sa.update(sa.table("login_failures", sa.column("at", Moment()))).values(at=now))
    op.create_index(op.f("ix_sessions_created_at"), "sessions", ["created_at"], unique=False)
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(op.f("ix_roster_rows_person_key"), "roster_rows", ["person_key"], unique=False)
    _close_colleges(now)


def _close_colleges(now: datetime) -> None:
    """Colleges whose school's accounts were all closed so far stayed open. Their sessions end with them."""
    users = sa.table(
        "users",
        *(sa.column(name) for name in ("user_id", "role", "school")),
        sa.column("disabled_at", Moment()),
    )
    schools = users.alias()
    of_school = sa.select(sa.literal(1)).where(schools.c.role == "school", schools.c.school == users.c.school)
    op.execute(
        sa.update(users)
        .where(
            users.c.role == "college",
            users.c.disabled_at.is_(None),
            of_school.exists(),
            ~of_school.where(schools.c.disabled_at.is_(None)).exists(),
        )
        .values(disabled_at=now)
    )
    sessions = sa.table("sessions", sa.column("user_id"), sa.column("ended_at", Moment()))
    closed = sa.select(users.c.user_id).where(users.c.disabled_at.is_not(None))
    op.execute(
        sa.update(sessions).where(sessions.c.ended_at.is_(None), sessions.c.user_id.in_(closed)).values(ended_at=now)
    )
