"""The office's clock. Passed in wherever time matters, so that tests move it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, aware, in whole milliseconds."""


def wall_clock() -> datetime:
    """The machine's time (UTC) in whole milliseconds: what is stored is what was meant."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
