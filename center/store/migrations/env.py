"""Alembic runs this file; the connection is handed to it by `center.store.migrate`."""

from alembic import context

from center.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
