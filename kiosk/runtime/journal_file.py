"""The journal on disk: one file a start of the booth, the newest few kept."""

from pathlib import Path
from typing import IO

from kiosk.core.events import Event
from kiosk.core.journal import encode, header
from kiosk.core.state import Policy

KEPT_FILES = 5


class JournalFile:
    """Appends every event the session takes. A line lost at a power cut loses a record, never a shot."""

    def __init__(self, folder: Path, name: str, policy: Policy) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(folder.glob("*.jsonl"))[: -(KEPT_FILES - 1)]:
            old.unlink()
        self.path = folder / f"{name}.jsonl"
        self._file: IO[str] | None = self.path.open("w", encoding="utf-8")
        self._file.write(header(policy) + "\n")

    def write(self, event: Event) -> None:
        """Append one event; a disk that takes no more ends the journal, not the booth."""
        if self._file is None:
            return
        try:
            self._file.write(encode(event) + "\n")
        except OSError:
            self._drop()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._drop()

    def _drop(self) -> None:
        assert self._file is not None
        file, self._file = self._file, None
        try:
            file.close()
        except OSError:
            return
