"""The life cycle of every adapter: open, poll, close. In production each adapter runs on a thread; in CI all run in
lockstep on a virtual clock."""

from collections.abc import Callable
from typing import Protocol

from kiosk.core.events import Device, Event

Emit = Callable[[Event], None]
"""The function to which an adapter passes its events. It never blocks, and may be called from any thread."""


class Worker(Protocol):
    """One device or task. If `open` fails, it SHALL raise `TemporaryFault` or `PermanentFault` and leave nothing open.
    `poll` SHALL return within `timeout_s` plus the documented limit of the device. It SHALL emit events for all that
    has happened, and SHALL raise a `DeviceFault` if the device is gone. `close` SHALL be idempotent and SHALL not
    raise.
    """

    @property
    def device(self) -> Device | None:
        """The device whose failures this worker reports. None: the booth serves even without this worker, so its
        failures are only logged."""
        ...

    def open(self) -> None:
        """Open the device."""
        ...

    def poll(self, timeout_s: float) -> None:
        """Do pending work, waiting at most `timeout_s` seconds for it (0: do not wait)."""
        ...

    def close(self) -> None:
        """Close the device."""
        ...
