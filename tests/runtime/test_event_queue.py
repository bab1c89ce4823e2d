"""Rules of the queue into the main loop: bounded, oldest first, and what was lost is told."""

from kiosk.core.events import DeviceFailed, DeviceRecovered, Tick
from kiosk.runtime.event_queue import EventQueue


def test_events_come_oldest_first_and_at_most_as_many_as_asked() -> None:
    queue = EventQueue()
    for at_ns in range(10):
        queue.put(Tick(at_ns))
    assert [event.at_ns for event in queue.drain(4)] == [0, 1, 2, 3]
    assert [event.at_ns for event in queue.drain(64)] == [4, 5, 6, 7, 8, 9]


def test_overflow_keeps_the_oldest_and_is_reported_once_then_recovers() -> None:
    queue = EventQueue(capacity=3)
    for at_ns in range(8):
        queue.put(Tick(at_ns))
    first = queue.drain()
    assert [type(event) for event in first] == [Tick, Tick, Tick, DeviceFailed]
    assert [type(event) for event in queue.drain()] == [DeviceRecovered]
    assert queue.drain() == []
