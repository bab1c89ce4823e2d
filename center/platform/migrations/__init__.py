"""How the database's form changed, step by step (Alembic)."""
