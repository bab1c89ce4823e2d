"""Saving an accepted shot."""

from typing import Protocol

from kiosk.ports.eye import Original
from wire.manifest import Manifest


class ShotSaver(Protocol):
    """The I/O worker as the runtime uses it.

    `save` puts a request into a queue. The request SHALL end in `Saved`, but only after the envelope and its outbox row
    are durable; otherwise it SHALL end in `SaveFailed`. To save the same shot id again SHALL do no harm. The worker
    calls `original`; if this fails, the photo SHALL be saved without an original.
    """

    def save(self, request: int, manifest: Manifest, photo_jpeg: bytes, original: Original | None = None) -> None: ...

    def try_out(self) -> None:
        """Test whether a shot could be saved now. A failure is reported as a fault of the storage (`DeviceFailed`)."""
        ...

    def follow(self, request: int, shot_id: str) -> None:
        """From now on report the state of this saved shot, and of no other shot. Each state is reported once, by
        `ShotStands` for `request`."""
        ...

    def recall(self, request: int, id_number: str | None, record: str | None = None) -> None:
        """Report once what staff decided on a person's earlier shots. The request SHALL end in `Recalled`, whatever
        fails. `record` (`kiosk.ports.roster.record_of`): report only shots for this record of the person."""
        ...

    def forget(self) -> None:
        """Stop following a shot, and drop recalls that are not answered yet."""
        ...
