"""A delivery may withdraw a photo from one person and give it to another: its items are told apart by person, too."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    with op.batch_alter_table("delivery_items") as table:
        table.drop_constraint("pk_delivery_items", type_="primary")
        table.create_primary_key("pk_delivery_items", ["delivery_id", "shot_id", "person_id"])
