"""Brings a database to this program's form, and says whether it is."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from center.platform.database import Database, unavailable_if_down, writing


def migrate(database: Database) -> None:
    """Make all tables, or change them to what this program needs; with a current database nothing happens.

    Raises `Unavailable`.
    """
    with unavailable_if_down(), writing(database.engine).begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Whether the database has this program's form. Raises `Unavailable`."""
    with unavailable_if_down(), database.engine.begin() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
