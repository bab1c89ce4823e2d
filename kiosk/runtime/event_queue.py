"""The queue through which events come into the main loop. Its length is limited; an overflow is reported as an
event."""

import threading
from collections import deque

from kiosk.core.events import Device, DeviceFailed, DeviceRecovered, Event, LooksSeen, Measured, SeatSeen

OVERFLOW_FAULT = "fault.queue_overflow"
REPEATED = (Measured, LooksSeen, SeatSeen)
"""The events that the eye sends again and again, so that a lost one does no harm. Every other event is sent only
once."""


class EventQueue:
    """Events from all threads, oldest first.

    If the queue has `capacity` events or more, it drops new events of the kinds `REPEATED`, but no others. If it
    dropped other events, a session could wait in vain for the answer to an effect, or the recovery of a device would
    never be known. The `drain` that empties the queue reports the loss once, as a fault of the display, because the
    main loop was too slow. A later `drain` reports the recovery.
    """

    def __init__(self, capacity: int = 1024) -> None:
        self._lock = threading.Lock()
        self._events: deque[Event] = deque()
        self._capacity = capacity
        self._overflowed_at: int | None = None
        self._reported_at: int | None = None

    def put(self, event: Event) -> None:
        """Add an event; never waits."""
        with self._lock:
            if len(self._events) >= self._capacity and isinstance(event, REPEATED):
                self._overflowed_at = event.at_ns
            else:
                self._events.append(event)

    def drain(self, most: int = 64) -> list[Event]:
        """Take at most `most` events, the oldest first. At the end comes a fault event if events were lost."""
        with self._lock:
            taken = [self._events.popleft() for _ in range(min(most, len(self._events)))]
            if not self._events:
                if self._overflowed_at is not None:
                    taken.append(DeviceFailed(self._overflowed_at, Device.DISPLAY, OVERFLOW_FAULT))
                    self._overflowed_at, self._reported_at = None, self._overflowed_at
                elif self._reported_at is not None:
                    taken.append(DeviceRecovered(self._reported_at, Device.DISPLAY, OVERFLOW_FAULT))
                    self._reported_at = None
            return taken
