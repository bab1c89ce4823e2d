"""Settings that the booth keeps when it is switched off: the normal loudness that staff set, and the number of wrong
PINs."""

import logging
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.disk import Disk
from kiosk.runtime.file_writer import Later, at_once
from kiosk.uplink.shared.shared_files import replace_file

log = logging.getLogger(__name__)


class StaffSettings(BaseModel):
    """`volume`: replaces the configured loudness. `wrong_pins`: the number of wrong PINs since the last right one."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    volume: float | None = Field(default=None, ge=0.05, le=1)
    wrong_pins: int = Field(default=0, ge=0, le=1_000_000)


class SettingsFile:
    """Reads and writes the settings. Only one thread may use it. It ignores a failed write, because the shot saver
    reports a failing disk."""

    def __init__(self, path: Path, disk: Disk, later: Later = at_once) -> None:
        self._path = path
        self._later = later
        self._disk = disk
        self.now = self._read()

    def change(self, **values: object) -> None:
        """Change some settings, and write all of them."""
        now = self.now = StaffSettings.model_validate({**self.now.model_dump(), **values})
        self._later("staff's settings", lambda: self._put(now))

    def _put(self, settings: StaffSettings) -> None:
        try:
            replace_file(self._disk, self._path, settings.model_dump_json().encode())
        except OSError as error:
            log.warning("what staff set can't be kept: %s", os.strerror(error.errno or 0))

    def _read(self) -> StaffSettings:
        try:
            return StaffSettings.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return StaffSettings()
        except (OSError, ValidationError) as error:
            log.warning("%s can't be read (%s): the configured loudness is used", self._path, type(error).__name__)
            return StaffSettings()
