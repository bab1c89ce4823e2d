"""Half days: booths' and the office's figures of a day are split at noon in China."""

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from rules.season import CHINA

HALF_DAY = timedelta(hours=12)
_NOON = time(12)
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})-(am|pm)")


class Half(StrEnum):
    """The two halves of a day."""

    MORNING = "am"
    AFTERNOON = "pm"

    @classmethod
    def of(cls, at: time) -> "Half":
        """The half in which a time of day lies."""
        return cls.MORNING if at < _NOON else cls.AFTERNOON

    def begin(self, day: date) -> datetime:
        """The first moment of this half of `day`."""
        return datetime.combine(day, time() if self is Half.MORNING else _NOON, CHINA)


def read_half(name: str) -> tuple[date, Half]:
    """Parse a name like `2026-09-01-am`. Raises `ValueError`."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError("a half day is named like 2026-09-01-am or 2026-09-01-pm")
    return date.fromisoformat(match[1]), Half(match[2])
