"""Says when to try again to install a release, if the cause of the failure may pass: after ten minutes, then each time
after twice as long, up to a day. The updater waits because each unpacking of a release wears out the memory card."""

import contextlib
from collections.abc import Callable
from pathlib import Path

FIRST_S = 600
MOST_S = 86_400


class Retry:
    """The attempts to install one release file, remembered in a small file beside the programs. If the small file is
    lost, the next attempt only comes earlier."""

    def __init__(self, path: Path, now: Callable[[], float]) -> None:
        """`now`: returns the time of the wall clock in seconds."""
        self._path = path
        self._now = now

    def due(self, digest: str) -> bool:
        """Whether the file with this digest may be tried now. A clock that was set back ends the wait."""
        failures, since = self._read(digest)
        waited = self._now() - since
        return failures == 0 or not 0 <= waited < min(FIRST_S << min(failures - 1, 20), MOST_S)

    def failed(self, digest: str) -> None:
        """Note one more failed attempt."""
        failures, _ = self._read(digest)
        with contextlib.suppress(OSError):
            self._path.write_text(f"{digest} {failures + 1} {int(self._now())}\n", "ascii")

    def forget(self) -> None:
        """Forget the attempts, so that the next one may come at once."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _read(self, digest: str) -> tuple[int, int]:
        try:
            of, failures, since = self._path.read_text("ascii").split()
            return (int(failures), int(since)) if of == digest else (0, 0)
        except (OSError, ValueError):
            return 0, 0
