"""The files that the browser needs to judge a picture: our scripts, and the engine (`center.travel.engine`)."""

import gzip
import hashlib
import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

from center.platform.clock import Clock
from center.platform.faults import NotThere, Unavailable
from center.travel.engine import PINNED, read_packed

log = logging.getLogger(__name__)

_LOOK_AGAIN = timedelta(minutes=1)
"""If files were missing or wrong, the folder is not read again for this long, because reading takes time, and every
visitor waits for it.
"""
_NOT_HERE = "the check is not installed at this office"


class TravelFiles:
    """All files of the page by name, packed by gzip, read at first use and kept. Threads may share it."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._files: Mapping[str, bytes] | None = None
        self._digest = ""
        self._wrong: list[str] = []
        self._looked_at: datetime | None = None  # when the files were last found to be missing or wrong

    @property
    def digest(self) -> str:
        """The name of this set of files in addresses; it changes with any of them. Raises `Unavailable`."""
        self._loaded()
        return self._digest

    @property
    def bytes_to_load(self) -> int:
        """How much a browser loads in all. Raises `Unavailable`."""
        return sum(len(one) for one in self._loaded().values())

    def packed(self, digest: str, name: str) -> bytes:
        """One file of this set, packed by gzip. Raises `NotThere`, `Unavailable`."""
        loaded = self._loaded()
        if digest != self._digest or name not in loaded:
            raise NotThere("there is no file {name!r}", name=name[:40])
        return loaded[name]

    def _loaded(self) -> Mapping[str, bytes]:
        with self._lock:
            if self._files is None:
                now = self._clock()
                if self._looked_at is not None and timedelta() <= now - self._looked_at < _LOOK_AGAIN:
                    raise Unavailable(_NOT_HERE)
                engine = {name: read_packed(self._folder, name) for name in PINNED}
                wrong = [name for name, content in engine.items() if content is None]
                if wrong:
                    if wrong != self._wrong:
                        log.warning("/travel is not offered: %s missing or wrong in %s", ", ".join(wrong), self._folder)
                    self._wrong, self._looked_at = wrong, now
                    raise Unavailable(_NOT_HERE)
                own = files("center.travel").joinpath("browser").iterdir()
                scripts = {one.name: gzip.compress(one.read_bytes(), mtime=0) for one in own}
                self._files = {name: content or b"" for name, content in engine.items()} | scripts
                together = b"".join(name.encode() + self._files[name] for name in sorted(self._files))
                self._digest = hashlib.sha256(together).hexdigest()[:16]
            return self._files
