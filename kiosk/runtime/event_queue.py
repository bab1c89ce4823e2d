"""The bounded queue of events into the main loop; an overflow is itself reported as an event."""

import threading
from collections import deque

from kiosk.core.events import Device, DeviceFailed, DeviceRecovered, Event, KeyTurned, StaffDid

OVERFLOW_FAULT = "fault.queue_overflow"
KEPT = (DeviceFailed, DeviceRecovered, KeyTurned, StaffDid)


class EventQueue:
    """Events from all threads, oldest first.

    Contains at most `capacity` events. A full queue drops new events. When it is emptied it reports the loss once, as a
    fault of the display (the main loop did not keep up), and the recovery when it is emptied again. It never drops
    events that are sent only once: a device's failure and recovery, and what staff do with key and menu.
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
            if len(self._events) >= self._capacity and not isinstance(event, KEPT):
                self._overflowed_at = event.at_ns
            else:
                self._events.append(event)

    def drain(self, most: int = 64) -> list[Event]:
        """Take at most `most` events, oldest first; a fault event replaces lost events."""
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
