"""The booth's part in an update. The booth ends if another release was chosen and no session runs. It also notes that
it has saved a photo, which shows that the release works."""

import logging
import os
from importlib.metadata import version
from pathlib import Path

from common.disk import Disk
from kiosk.core.session.state import State
from kiosk.runtime.file_writer import Later, at_once
from kiosk.update.programs import RunningRelease
from kiosk.uplink.shared.shared_files import replace_file

log = logging.getLogger(__name__)


class ReleaseWatch:
    """Knows which release should run. Only one thread may use it. `folder`: the booth's folder that the updater
    reads."""

    def __init__(self, folder: Path, disk: Disk, running: RunningRelease, later: Later = at_once) -> None:
        self._folder = folder
        self._disk = disk
        self._running = running
        self._has_reported = False
        self._later = later

    def is_chosen(self) -> bool:
        """Whether this process still runs the chosen release."""
        return self._running.is_chosen()

    def look(self, state: State) -> None:
        """Note once that this version has saved a photo."""
        if self._has_reported or state is not State.DONE:
            return
        self._has_reported = True
        self._later("served", self._tell)

    def _tell(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            replace_file(self._disk, self._folder / "served", version("makeup-booth").encode())
        except OSError as error:
            log.warning("the updater can't be told that a photo was saved: %s", os.strerror(error.errno or 0))

    def close(self) -> None:
        """Allow the updater to delete this release. Idempotent."""
        self._running.close()
