"""The envelopes that an office of the simulator received and opened."""

from dataclasses import dataclass
from pathlib import Path

from sim.office.store import ReceivedShot
from wire.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Received:
    """One envelope that the office verified."""

    path: Path
    manifest: Manifest
    photo: bytes

    @classmethod
    def of(cls, shot: ReceivedShot) -> "Received":
        """What the office has of a shot that it opened."""
        assert shot.manifest is not None, "an opened shot has a manifest"
        assert shot.photo is not None, "an opened shot has a photo"
        return cls(shot.envelope, shot.manifest, shot.photo.read_bytes())
