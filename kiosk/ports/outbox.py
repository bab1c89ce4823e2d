"""Saving an accepted shot."""

from typing import Protocol

from kiosk.ports.eye import Original
from wire.manifest import Manifest


class ShotSaver(Protocol):
    """The I/O worker as the runtime uses it.

    `save` is queued; it SHALL end in `Saved` only after the envelope and its outbox row are durable, else in
    `SaveFailed`; saving the same shot id again SHALL be harmless. `original` is made by the worker; if that fails the
    photo SHALL be saved without it.
    """

    def save(self, request: int, manifest: Manifest, photo_jpeg: bytes, original: Original | None = None) -> None: ...

    def try_out(self) -> None:
        """Test whether a shot could be saved now; a failure is reported as the storage's (`DeviceFailed`)."""
        ...

    def follow(self, request: int, shot_id: str) -> None:
        """Report the state of a saved shot from now on, instead of any other: `ShotStands` for `request`, each state
        once."""
        ...

    def recall(self, request: int, id_number: str | None) -> None:
        """Report once what staff decided on a person's earlier shots: SHALL end in `Recalled`, whatever fails."""
        ...

    def forget(self) -> None:
        """Stop following and drop pending recalls."""
        ...
