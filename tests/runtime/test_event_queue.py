"""Rules of the queue into the main loop: bounded, oldest first, and what was lost is told."""

import pytest

from kiosk.core import events
from kiosk.core.events import DeviceFailed, DeviceRecovered, Event, LooksSeen, Measured, SeatSeen, Tick
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
        queue.put(SeatSeen(at_ns, 1))
    first = queue.drain()
    assert [type(event) for event in first] == [SeatSeen, SeatSeen, SeatSeen, DeviceFailed]
    assert [type(event) for event in queue.drain()] == [DeviceRecovered]
    assert queue.drain() == []


KINDS = [kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_queue_loses_only_what_is_reported_again(kind: type[Event]) -> None:
    queue = EventQueue(capacity=3)
    for at_ns in range(5):
        queue.put(SeatSeen(at_ns, 1))
    late = kind.__new__(kind)  # whatever else it says
    object.__setattr__(late, "at_ns", 9)
    queue.put(late)
    kept = any(event is late for event in queue.drain())
    assert kept is (kind not in (Measured, LooksSeen, SeatSeen))
