"""The camera and the lamps as the runtime uses them."""

from typing import Protocol

from common.latest_slot import LatestSlot
from kiosk.ports.frames import Frame


class Camera(Protocol):
    """A `Worker` too. Live frames go to `live`; `shoot` is queued and done by `poll`.

    A burst SHALL contain only frames whose exposure began after `decided_ns`, with the locked exposure verified in each
    frame's metadata. A request SHALL end within the configured time-out, in a burst or in `BurstFailed`.
    """

    live: LatestSlot[Frame]

    def shoot(self, request: int, take: int, decided_ns: int) -> None:
        """Request a burst; returns at once."""
        ...


class Lamps(Protocol):
    """The lamps. SHALL be dark after `close`, after a crash, and at rest."""

    def set(self, left: float, right: float) -> None:
        """Set the levels, 0..1 of full power; returns at once."""
        ...
