"""The camera and the lamps as the runtime uses them."""

from typing import Protocol

from common.latest_slot import LatestSlot
from kiosk.ports.frames import Frame


class Camera(Protocol):
    """The camera; it is a `Worker`, too. Live frames go to `live`. `shoot` puts a request into a queue, and `poll`
    carries it out.

    A burst SHALL contain only frames whose exposure began after `decided_ns`. Each frame's metadata SHALL show the
    locked exposure. A request SHALL end within the configured time-out, in a burst or in `BurstFailed`.
    """

    live: LatestSlot[Frame]

    def shoot(self, request: int, take: int, decided_ns: int) -> None:
        """Request a burst; returns at once."""
        ...


class Lamps(Protocol):
    """The lamps. They SHALL be dark after `close`, after a crash, and while the booth is at rest."""

    def set(self, left: float, right: float) -> None:
        """Set the levels, 0..1 of full power; returns at once."""
        ...
