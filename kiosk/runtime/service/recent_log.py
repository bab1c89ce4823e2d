"""The newest lines of the booth's log, for staff at the panel. The log contains no personal data, but to be safe long
numbers are cut."""

import logging
import re
from collections import deque
from datetime import datetime

MOST = 120
_LONG_NUMBER = re.compile(r"\d{6,}")


class RecentLog(logging.Handler):
    """A log handler that keeps the newest warnings and errors, oldest first."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: deque[tuple[str, str]] = deque(maxlen=MOST)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        try:
            words = _LONG_NUMBER.sub("…", " ".join(record.getMessage().split()))
            self._lines.append((f"{datetime.fromtimestamp(record.created):%m-%d %H:%M:%S}", words[:200]))  # noqa: DTZ006 - as the panel's clock shows it
        except Exception:
            self.handleError(record)

    def lines(self) -> tuple[tuple[str, str], ...]:
        """The time and the words of each line, the newest first."""
        return tuple(reversed(self._lines))
