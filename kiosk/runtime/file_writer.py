"""Writes the main loop's small files on a thread of its own.

On a failing disk, one call may take minutes. If the main loop made such a call, the watchdog would end the process, and
an accepted photo that is not saved yet would be lost.
"""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

Later = Callable[[str, Callable[[], None]], None]
"""Do this job soon, on another thread. A newer job of the same name replaces one that has not begun."""


def at_once(_name: str, job: Callable[[], None]) -> None:
    """A `Later` that does the job at once, for programs without a main loop."""
    job()


class FileWriter:
    """A `Worker` that does jobs, one after the other. `at_end`: a function that `close` calls after the last job."""

    device = None

    def __init__(self) -> None:
        self._jobs: dict[str, Callable[[], None]] = {}
        self._changed = threading.Condition()
        self.at_end: Callable[[], None] = lambda: None

    def later(self, name: str, job: Callable[[], None]) -> None:
        """See `Later`; never waits. For any thread."""
        with self._changed:
            self._jobs[name] = job
            self._changed.notify()

    def open(self) -> None:
        """Nothing to open."""

    def poll(self, timeout_s: float) -> None:
        """Do all waiting jobs. If there is none, wait at most `timeout_s` for one."""
        with self._changed:
            if not self._jobs and timeout_s > 0:
                self._changed.wait(timeout_s)
        while (found := self._next()) is not None:
            name, job = found
            try:
                job()
            except Exception as error:  # if one file can't be written, the others must still be written
                log.error("%s: unforeseen error while it was written", name, exc_info=error)

    def close(self) -> None:
        """Do all waiting jobs, then call `at_end`."""
        self.poll(0)
        self.at_end()

    def _next(self) -> tuple[str, Callable[[], None]] | None:
        with self._changed:
            name = next(iter(self._jobs), None)
            return None if name is None else (name, self._jobs.pop(name))
