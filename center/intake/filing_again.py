"""After a restoration, files again the stored envelopes that no row names, because they came in after the backup was
made.

Their bytes are in the photo store, and the office's keys open them, so nothing of them is lost. Each is filed like a
shot that a booth brings, under the booth and the shot id that its manifest names.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from center.booths.service import Booths
from center.intake.service import ForeignShot, Intake, OtherDigest
from center.platform.photos import PhotoGone, PhotoStore, digest_in
from center.platform.seal_keys import SealKeys
from wire.envelope import open_envelope
from wire.faults import WireError
from wire.seal import NoKey

log = logging.getLogger(__name__)


class StoredFile(StrEnum):
    """What a stored file without a row turned out to be."""

    FILED = "filed"  # the file is a shot's envelope, and the shot has its row again
    KNOWN = "known"  # another envelope of a shot that has a row
    NO_ENVELOPE = "no_envelope"  # a photo that was recropped after the backup, or bytes that are no envelope
    NO_KEY = "no_key"  # sealed to a key that is missing here: no file may be swept until the key is back
    GONE = "gone"  # deleted meanwhile


@dataclass(slots=True)
class FiledAgain:
    """How many files of each kind there were; `booths`: booths that the restored office did not know."""

    counts: dict[StoredFile, int] = field(default_factory=lambda: dict.fromkeys(StoredFile, 0))
    booths: set[str] = field(default_factory=set)

    @property
    def complete(self) -> bool:
        """Whether nothing is left that could be a shot."""
        return not self.counts[StoredFile.NO_KEY]


class FilingAgain:
    """Files stored envelopes again. Doing it twice is harmless."""

    def __init__(self, photos: PhotoStore, keys: SealKeys, intake: Intake, booths: Booths) -> None:
        self._photos = photos
        self._keys = keys
        self._intake = intake
        self._booths = booths

    def run(self, names: Iterable[str]) -> FiledAgain:
        """Look at the photos of these names and file those that are envelopes. Raises `Unavailable`."""
        done, known = FiledAgain(), set(self._booths.names())
        for name in names:
            found, booth_id = self._one(name)
            done.counts[found] += 1
            if booth_id is not None and booth_id not in known:
                done.booths.add(booth_id)
        return done

    def _one(self, name: str) -> tuple[StoredFile, str | None]:
        try:
            data = self._photos.get(name)
            manifest = open_envelope(self._keys.unseal(data)).manifest
        except PhotoGone:
            return StoredFile.GONE, None
        except NoKey:
            log.error("the stored photo %s is sealed to a key that is not here: bring seal.keys back", name)
            return StoredFile.NO_KEY, None
        except WireError:
            return StoredFile.NO_ENVELOPE, None
        shot_id = name.partition("-")[0]
        if manifest.shot_id != shot_id:
            return StoredFile.NO_ENVELOPE, None
        self._booths.remember(manifest.booth_id)
        try:
            self._intake.receive(manifest.booth_id, shot_id, digest_in(name), data)
        except (OtherDigest, ForeignShot):
            return StoredFile.KNOWN, None
        return StoredFile.FILED, manifest.booth_id
