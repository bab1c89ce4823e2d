"""Says when to try a release again that could not be installed for a cause that may pass: after ten minutes, then after
twice as long each time, up to a day. It waits because unpacking a release wears out a memory card."""

import contextlib
from collections.abc import Callable
from pathlib import Path

FIRST_S = 600
MOST_S = 86_400


class Retry:
    """The attempts at one file, remembered in a small file beside the programs. If it is lost, the next try comes
    early."""

    def __init__(self, path: Path, now: Callable[[], float]) -> None:
        """`now`: the wall clock, seconds."""
        self._path = path
        self._now = now

    def due(self, digest: str) -> bool:
        """Whether the file with this digest may be tried now. A clock that was set back ends the wait."""
        failures, since = self._read(digest)
        waited = self._now() - since
        return failures == 0 or not 0 <= waited < min(FIRST_S << min(failures - 1, 20), MOST_S)

    def failed(self, digest: str) -> None:
        """Note one more failed try."""
        failures, _ = self._read(digest)
        with contextlib.suppress(OSError):
            self._path.write_text(f"{digest} {failures + 1} {int(self._now())}\n", "ascii")

    def forget(self) -> None:
        """The next try may come at once."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _read(self, digest: str) -> tuple[int, int]:
        try:
            of, failures, since = self._path.read_text("ascii").split()
            return (int(failures), int(since)) if of == digest else (0, 0)
        except (OSError, ValueError):
            return 0, 0
