"""The office's clock. It is passed in wherever time matters, so that tests can set it. And moments as numbers
and as text."""

from collections.abc import Callable
from datetime import UTC, datetime

from rules.season import CHINA

Clock = Callable[[], datetime]
"""A function that gives the present time, aware, in whole milliseconds."""


def wall_clock() -> datetime:
    """The machine's time (UTC) in whole milliseconds, so that storing it does not round it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def epoch_ms(moment: datetime) -> int:
    """The milliseconds since 1970, rounded, as the database stores a moment."""
    return round(moment.timestamp() * 1000)


def moment_text(moment: datetime) -> str:
    """Date and time in China, like 2026-09-01 14:03."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"
