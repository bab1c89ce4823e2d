"""The journal on disk. It consists of files of a few megabytes; only the newest files are kept.

A new file begins only while the start screen is shown. So no session is split, and every file can be replayed alone. A
separate thread writes each line within moments, so the last lines show what led to a crash.
"""

import contextlib
import errno
import logging
import os
from collections import deque
from pathlib import Path
from typing import IO

from kiosk.core.events import Event
from kiosk.core.session.journal import encode, header
from kiosk.core.session.state import Session, SessionPolicy, State
from kiosk.runtime.file_writer import Later, at_once

log = logging.getLogger(__name__)

KEPT_FILES = 25
MOST_WAITING = 10_000  # so many events may wait for the disk: some minutes of a session, at most 20 MB
FILE_BYTES = 4_000_000  # a file has about 100 sessions; all files together have at most 100 MB, about 2500 sessions


class JournalFile:
    """Appends every event that the session handles.

    A power cut can lose a line of the journal, but never a shot. `name`: the beginning of the files' names, before a
    number. If the disk accepts no more lines, or hangs for too long, the journal stops but the booth continues.
    Whenever the start screen is shown, the journal then tries to begin a new file.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        policy: SessionPolicy,
        file_bytes: int = FILE_BYTES,
        later: Later = at_once,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        """`most_waiting`: the most events that may wait for the disk."""
        self._folder = folder
        self._name = name
        self._policy = policy
        self._file_bytes = file_bytes
        self._written = 0
        self._file: IO[str] | None = None
        self._complained = False
        self._later = later
        self._most_waiting = most_waiting
        self._waiting: deque[tuple[Event, Session]] = deque()
        self._overflowed = False
        self._begin(None)

    def write(self, event: Event, after: Session) -> None:
        """Queue one event, which another thread soon appends as a line. `after`: the session after the event. Only one
        thread may call this. It never waits for the disk."""
        if self._overflowed or len(self._waiting) >= self._most_waiting:
            self._overflowed = True
        else:
            self._waiting.append((event, after))
        self._later("journal", self._write_waiting)

    def _write_waiting(self) -> None:
        while self._waiting:
            self._write(*self._waiting.popleft())
        if self._overflowed:  # if an event is missing, a replay ends with a different session
            self._give_up(OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)))
            self._overflowed = False

    def _write(self, event: Event, after: Session) -> None:
        if self._file is None:
            if after.state is State.ATTRACT:
                self._begin(after)
            return
        try:
            self._put(encode(event))
        except OSError as error:
            self._give_up(error)
            return
        if self._written >= self._file_bytes and after.state is State.ATTRACT:
            self._begin(after)

    def close(self) -> None:
        """Write the waiting events, and close the file."""
        self._write_waiting()
        self._close_file()

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                if not self._complained:
                    log.warning("the journal's last lines are lost: %s", error)

    def _begin(self, session: Session | None) -> None:
        self._close_file()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for old in sorted(self._folder.glob("*.jsonl"))[: -(KEPT_FILES - 1)]:
                old.unlink(missing_ok=True)
            self._file = self._new_file()
            self._written = 0
            self._put(header(self._policy, session))
        except OSError as error:
            self._give_up(error)
            return
        if self._complained:
            log.warning("%s: the journal is written again", self._folder)
        self._complained = False

    def _new_file(self) -> IO[str]:
        # If the clock is behind, a new file would sort before the existing files, and would be deleted first. In this
        # case the new file takes the newest file's name, and the next number after that file's.
        name, number = self._name, 0
        for path in self._folder.glob("*.jsonl"):
            begun, _, count = path.stem.rpartition("-")
            if begun >= name and count.isdecimal():
                number = int(count) + 1 if begun > name else max(number, int(count) + 1)
                name = begun
        while True:
            try:
                return (self._folder / f"{name}-{number:04}.jsonl").open("x", encoding="utf-8", buffering=1)
            except FileExistsError:
                number += 1

    def _put(self, line: str) -> None:
        assert self._file is not None, "nobody writes without a file"
        self._written += self._file.write(line + "\n")

    def _give_up(self, error: OSError) -> None:
        if not self._complained:
            log.error("%s: the journal can't be written (%s); the booth goes on without", self._folder, error.strerror)
        self._complained = True
        file = self._file
        self._close_file()
        if file is not None and not self._written:  # otherwise each failed attempt would leave an empty file
            with contextlib.suppress(OSError):
                Path(file.name).unlink()
