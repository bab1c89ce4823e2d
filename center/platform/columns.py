"""Column types that mean the same on SQLite and PostgreSQL."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from center.platform.clock import epoch_ms


class Moment(TypeDecorator[datetime]):
    """An aware time, stored as whole milliseconds since 1970 (UTC), so that both databases compare and
    sort it alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """The time as the database stores it."""
        return None if value is None else epoch_ms(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The time that the database has stored."""
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


class Json(TypeDecorator[Any]):
    """JSON as ASCII text: what booths send may have characters (U+0000) that PostgreSQL's own JSON type refuses."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The value as the database stores it."""
        return None if value is None else json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:  # noqa: ARG002
        """The value that the database has stored."""
        return None if value is None else json.loads(value)
