"""Keeping an accepted shot."""

from typing import Protocol

from kiosk.ports.eye import Original
from wire.manifest import Manifest


class ShotSaver(Protocol):
    """The I/O worker's face to the runtime.

    `save` is queued; it SHALL end in `Saved` only after the envelope and its outbox row are durable, else in
    `SaveFailed`; keeping the same shot id again SHALL be harmless. `original` is made by the worker; where that fails
    the photo SHALL be kept without it.
    """

    def save(self, request: int, manifest: Manifest, photo_jpeg: bytes, original: Original | None = None) -> None: ...

    def try_out(self) -> None:
        """Try whether a shot could be kept now; a failure is told as the storage's (`DeviceFailed`)."""
        ...

    def follow(self, request: int, shot_id: str) -> None:
        """Tell from now on how a kept shot stands, instead of any other: `ShotStands` for `request`, each news once."""
        ...

    def recall(self, request: int, id_number: str | None) -> None:
        """Tell once what staff said of a person's earlier shots: SHALL end in `Recalled`, whatever fails."""
        ...

    def forget(self) -> None:
        """Follow nothing and recall nobody any more."""
        ...
