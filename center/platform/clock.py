"""The office's clock. It is passed in wherever time matters, so that tests can set it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""A function that gives the present time, aware, in whole milliseconds."""


def wall_clock() -> datetime:
    """The machine's time (UTC) in whole milliseconds, so that storing it does not round it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
