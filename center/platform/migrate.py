"""Brings a database to the form that this program needs, and tells whether it has that form."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from center.platform.database import Database, unavailable_if_down, writing


def migrate(database: Database) -> None:
    """Make all tables, or change them to what this program needs; a current database stays unchanged.

    Raises `Unavailable`.
    """
    with unavailable_if_down(), writing(database.engine).begin() as connection:
        migrate_on(connection)


def migrate_on(connection: Connection) -> None:
    """Like `migrate`, within an open transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Whether the database has this program's form. Raises `Unavailable`."""
    return revision_of(database) == _newest()


def revision_of(database: Database) -> str:
    """Alembic's name for the form that the database has; "" if it has no tables. Raises `Unavailable`."""
    with unavailable_if_down(), database.engine.begin() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


@cache
def _newest() -> str | None:
    """The revision of this program's form: Alembic imports every migration to find it."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
