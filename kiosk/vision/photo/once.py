"""A file that is made at most once, whichever thread asks for it first."""

import threading

from kiosk.ports.eye import Original


class MadeOnce:
    """An `Original` that calls another `Original` once and returns its result to every caller. Threads may share it: a
    call waits while the result is being made. After an exception the next caller tries again."""

    def __init__(self, make: Original) -> None:
        """Only stores `make`; nothing is made yet."""
        self._make: Original | None = make
        self._lock = threading.Lock()
        self._made: bytes | None = None

    def __call__(self) -> bytes | None:
        """The file; None if no file can be made."""
        with self._lock:
            if self._make is not None:
                self._made = self._make()
                self._make = None  # this frees the picture in full size
            return self._made
