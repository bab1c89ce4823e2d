"""Alembic runs this file; the connection is handed to it by `center.platform.migrate`."""

from alembic import context

from center.platform.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
