"""Saving an accepted shot."""

from typing import Protocol

from kiosk.ports.eye import Original
from wire.manifest import Manifest


class ShotSaver(Protocol):
    """The I/O worker as the runtime uses it.

    `save` is queued. It SHALL end in `Saved` only after the envelope and its outbox row are durable, else in
    `SaveFailed`; saving the same shot id again SHALL be harmless. The worker makes `original`; if that fails, the photo
    SHALL be saved without it.
    """

    def save(self, request: int, manifest: Manifest, photo_jpeg: bytes, original: Original | None = None) -> None: ...

    def try_out(self) -> None:
        """Test whether a shot could be saved now; a failure is reported as a fault of the storage (`DeviceFailed`)."""
        ...

    def follow(self, request: int, shot_id: str) -> None:
        """From now on report the state of this saved shot, and of no other: `ShotStands` for `request`, each state
        once."""
        ...

    def recall(self, request: int, id_number: str | None, record: str | None = None) -> None:
        """Report once what staff decided on a person's earlier shots: SHALL end in `Recalled`, whatever fails. `record`
        (`kiosk.ports.roster.record_of`): only on shots for this record of the person."""
        ...

    def forget(self) -> None:
        """Stop following and drop pending recalls."""
        ...
