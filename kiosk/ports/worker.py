"""The life cycle of every adapter: open, poll, close. Adapters run on a thread in production, and in lockstep on a
virtual clock in CI."""

from collections.abc import Callable
from typing import Protocol

from kiosk.core.events import Device, Event

Emit = Callable[[Event], None]
"""Where an adapter puts its events; never blocks, callable from any thread."""


class Worker(Protocol):
    """One device or task. If `open` fails it SHALL raise `TemporaryFault` or `PermanentFault` and leave nothing open.
    `poll` SHALL return within `timeout_s` plus the device's own documented limit, SHALL emit what happened,
    and SHALL raise a `DeviceFault` when the device is gone. `close` SHALL be idempotent and SHALL not raise.
    """

    @property
    def device(self) -> Device | None:
        """The device whose failures this worker reports. None: the booth serves without the worker, so its failures are
        only logged."""
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
