"""Keeping an accepted shot."""

from typing import Protocol

from wire.manifest import Manifest


class Keeper(Protocol):
    """The I/O worker's face to the runtime.

    `keep` is queued; it SHALL end in `Saved` only after the envelope and its outbox row are durable, else in
    `SaveFailed`; keeping the same shot id again SHALL be harmless.
    """

    def keep(self, request: int, manifest: Manifest, photo_jpeg: bytes) -> None: ...

    def room(self) -> bool:
        """Whether the disk has room above the floor for a session."""
        ...
