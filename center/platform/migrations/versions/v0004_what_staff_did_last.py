"""Indexes for a reviewer's last actions and for a school's newest shots, so that pages read both quickly."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_index("ix_decisions_of_user", "decisions", ["user_id", "decided_at"], unique=False)
    op.create_index("ix_second_looks_of_user", "second_looks", ["touched_by", "decided_at"], unique=False)
    op.create_index("ix_shots_of_school", "shots", ["school", "queued_at"], unique=False)
