"""The basis of all tables of the office; each task has its own tables in its `tables.py`."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from center.platform.columns import Moment

Id = String(32)
"""32 random hex digits."""
BigKey = BigInteger().with_variant(Integer, "sqlite")
"""A number that SQLite can count up by itself."""


def partial(name: str, *columns: str, where: str) -> Index:
    """An index of only those rows for which `where` is true; there are few of them."""
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(where))


class Base(DeclarativeBase):
    """The base class of all of the office's tables."""

    # Every constraint has its own name, so that a later migration can change it on both databases.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, bytes: LargeBinary, bool: Boolean}  # noqa: RUF012 - SQLAlchemy's own way


def table_of(row: type[Base]) -> Table:
    """The table behind a mapped class: statements on it make no objects and are several times quicker."""
    table = row.__table__
    assert isinstance(table, Table), "every mapped class of ours is one table"
    return table


class CounterRow(Base):
    """A number that only rises; a transaction that changes it locks it for itself."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
