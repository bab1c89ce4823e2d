"""First passwords must be changed; failed logins count by account and place; the monitor's token is kept as a hash."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. `users.failures` and `locked_until` stay, unused: the version before still reads them."""
    op.add_column("users", sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "login_failures",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_login_failures_user_id")),
        sa.PrimaryKeyConstraint("user_id", "place", name=op.f("pk_login_failures")),
    )
    op.create_table(
        "monitor_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_monitor_tokens")),
    )
