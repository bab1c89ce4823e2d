"""Rules of the supervisor: first failure and recovery are told, nothing between; back-off; permanent faults wait."""

import itertools
import queue
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.events import Device, DeviceFailed, DeviceRecovered, Event
from kiosk.ports.faults import DeviceFault, HungFault, PermanentFault, TemporaryFault
from kiosk.runtime.supervise import FIRST_WAIT_NS, LONGEST_WAIT_NS, SILENT, UNFORESEEN, Supervisor, Threads
from sim.twins.clock import VirtualClock

SECOND = 1_000_000_000


class Plug:
    """A device that works while it is plugged in."""

    device = Device.CARD_READER

    def __init__(self, fault: type[DeviceFault] = TemporaryFault) -> None:
        self.plugged = True
        self.opened = 0
        self.closed = 0
        self.polled = 0
        self._fault = fault

    def _check(self) -> None:
        if not self.plugged:
            raise self._fault(self.device, "fault.test", "is not there", "Plug it in")

    def open(self) -> None:
        self.opened += 1
        self._check()

    def poll(self, timeout_s: float) -> None:
        self.polled += 1
        self._check()

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 9, 1, tzinfo=UTC))


@pytest.fixture
def events() -> list[Event]:
    return []


def test_a_working_device_says_nothing(clock: VirtualClock, events: list[Event]) -> None:
    supervisor = Supervisor(Plug(), events.append, clock)
    assert all(supervisor.poll(0) for _ in range(5))
    assert events == []


def test_the_first_failure_and_the_recovery_are_reported_and_nothing_between(
    clock: VirtualClock, events: list[Event]
) -> None:
    plug = Plug()
    supervisor = Supervisor(plug, events.append, clock)
    supervisor.poll(0)
    plug.plugged = False
    for _ in range(100):
        supervisor.poll(0)
        clock.advance(SECOND)
    plug.plugged = True
    for _ in range(100):
        supervisor.poll(0)
        clock.advance(SECOND)
    assert [(type(event), getattr(event, "device", None)) for event in events] == [
        (DeviceFailed, Device.CARD_READER),
        (DeviceRecovered, Device.CARD_READER),
    ]


@given(causes=st.lists(st.sampled_from(["missing", "busy", "crash", "hang"]), min_size=1, max_size=8))
def test_of_any_sequence_of_causes_the_newest_is_told_and_all_of_them_end(causes: list[str]) -> None:
    clock = VirtualClock(datetime(2026, 9, 1, tzinfo=UTC))
    failed: list[str] = []  # as the session keeps them

    def tell(event: Event) -> None:
        assert isinstance(event, DeviceFailed | DeviceRecovered)
        failed.append(event.fault) if isinstance(event, DeviceFailed) else failed.remove(event.fault)
        assert failed or not plug.cause, "between two causes the device is not told to work"

    class Changing(Plug):
        cause = ""

        def _check(self) -> None:
            if self.cause == "crash":
                raise ZeroDivisionError
            if self.cause:
                raise TemporaryFault(self.device, f"fault.{self.cause}", "is not there", "Plug it in")

    plug = Changing()
    supervisor = Supervisor(plug, tell, clock)
    supervisor.poll(0)
    for cause in causes:
        plug.cause = cause
        clock.advance(LONGEST_WAIT_NS)
        if cause == "hang":
            _looks(supervisor, clock, 50)
        else:
            try:
                supervisor.poll(0)
            except ZeroDivisionError as error:
                supervisor.crashed(error)
        assert failed == [{"crash": UNFORESEEN, "hang": SILENT}.get(cause, f"fault.{cause}")]
    plug.cause = ""
    clock.advance(LONGEST_WAIT_NS)
    supervisor.poll(0)
    assert failed == []


def test_a_failed_device_is_closed_before_it_is_opened_again(clock: VirtualClock, events: list[Event]) -> None:
    plug = Plug()
    supervisor = Supervisor(plug, events.append, clock)
    supervisor.poll(0)
    plug.plugged = False
    supervisor.poll(0)
    assert (plug.opened, plug.closed) == (1, 1)
    clock.advance(FIRST_WAIT_NS)
    supervisor.poll(0)
    assert (plug.opened, plug.closed) == (2, 2)


def _openings(plug: Plug, clock: VirtualClock, seconds: int) -> Iterator[int]:
    supervisor = Supervisor(plug, lambda _: None, clock)
    for _ in range(seconds * 10):
        before = plug.opened
        supervisor.poll(0)
        if plug.opened > before:
            yield clock.now_ns()
        clock.advance(SECOND // 10)


def test_waits_between_tries_double_up_to_half_a_minute(clock: VirtualClock) -> None:
    plug = Plug()
    plug.plugged = False
    moments = list(_openings(plug, clock, 200))
    waits = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert waits[:3] == [FIRST_WAIT_NS, 2 * FIRST_WAIT_NS, 4 * FIRST_WAIT_NS]
    assert max(waits) == LONGEST_WAIT_NS


def test_a_permanent_fault_is_tried_again_only_every_half_minute(clock: VirtualClock) -> None:
    plug = Plug(PermanentFault)
    plug.plugged = False
    moments = list(_openings(plug, clock, 100))
    assert [later - earlier for earlier, later in itertools.pairwise(moments)] == [LONGEST_WAIT_NS] * 3


def test_a_device_that_opens_but_does_not_work_is_not_called_recovered(
    clock: VirtualClock, events: list[Event]
) -> None:
    class OpensOnly(Plug):
        def open(self) -> None:
            self.opened += 1

    plug = OpensOnly()
    plug.plugged = False
    supervisor = Supervisor(plug, events.append, clock)
    for _ in range(20):
        supervisor.poll(0)
        clock.advance(10 * SECOND)
    assert [type(event) for event in events] == [DeviceFailed]


def test_threads_close_their_workers_when_stopped(clock: VirtualClock) -> None:
    plug = Plug()
    threads = Threads([Supervisor(plug, lambda _: None, clock)], ["plug"])
    threads.start()
    threads.stop()
    assert plug.closed == 1


def test_an_unforeseen_error_costs_the_device_and_not_the_booth(clock: VirtualClock) -> None:
    told: queue.Queue[Event] = queue.Queue()

    class Mistaken(Plug):
        def poll(self, timeout_s: float) -> None:
            raise ZeroDivisionError("a mistake")

    threads = Threads([Supervisor(Mistaken(), told.put, clock)], ["mistaken"])
    threads.start()
    event = told.get(timeout=5)
    threads.stop()
    assert isinstance(event, DeviceFailed)
    assert (event.device, event.fault) == (Device.CARD_READER, "fault.unforeseen")


def test_a_failure_is_told_before_anything_is_closed(clock: VirtualClock, events: list[Event]) -> None:
    told_at_close: list[int] = []

    class HangsInClose(Plug):
        def close(self) -> None:
            told_at_close.append(len(events))

    plug = HangsInClose()
    supervisor = Supervisor(plug, events.append, clock)
    supervisor.poll(0)
    plug.plugged = False
    supervisor.poll(0)
    assert told_at_close == [1]


class Extra(Plug):
    """A worker that the booth serves without."""

    device = None  # type: ignore[assignment]  # any of the others has one


@pytest.mark.parametrize("when", ["open", "poll"])
def test_a_worker_without_a_device_is_only_logged_and_tried_again(
    clock: VirtualClock, events: list[Event], caplog: pytest.LogCaptureFixture, when: str
) -> None:
    extra, errors = Extra(), [ZeroDivisionError("nobody foresaw this")]

    def fails() -> None:
        if errors:
            raise errors[0]

    setattr(extra, when if when == "open" else "_check", fails)
    supervisor = Supervisor(extra, events.append, clock)
    for _ in range(10):
        try:
            supervisor.poll(0)
        except ZeroDivisionError as error:
            supervisor.crashed(error)
        clock.advance(40 * SECOND)
        supervisor.look()
    assert supervisor.is_known, "the booth begins without it"
    errors.clear()
    assert supervisor.poll(0)
    assert (events, supervisor.is_hung) == ([], False)
    assert "Extra: unforeseen error" in caplog.text


def test_a_worker_without_a_device_never_makes_the_booth_start_anew(clock: VirtualClock, events: list[Event]) -> None:
    supervisor = Supervisor(Extra(), events.append, clock)
    supervisor.poll(0)
    for _ in range(300):  # its turn does not end: nothing is heard of it
        clock.advance(SECOND)
        supervisor.look()
    assert (events, supervisor.is_hung) == ([], False)


class Stuck(Plug):
    """A device whose vendor's call does not come back until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.let_go = threading.Event(), threading.Event()

    def poll(self, timeout_s: float) -> None:
        self.entered.set()
        self.let_go.wait()


def _hangs(supervisor: Supervisor) -> bool:
    return supervisor.is_hung


def _looks(supervisor: Supervisor, clock: VirtualClock, seconds: int) -> None:
    for _ in range(seconds):
        clock.advance(SECOND)
        supervisor.look()


@pytest.mark.parametrize("device", Device)
def test_a_worker_that_is_silent_too_long_counts_as_failed_whatever_the_device(
    clock: VirtualClock, device: Device
) -> None:
    told: queue.Queue[Event] = queue.Queue()
    stuck = Stuck()
    stuck.device = device
    supervisor = Supervisor(stuck, told.put, clock)
    threads = Threads([supervisor], ["stuck"])
    threads.start()
    stuck.entered.wait()
    supervisor.look()
    _looks(supervisor, clock, 44)
    assert told.empty(), "opening a camera takes seconds"
    _looks(supervisor, clock, 3)
    assert told.get(timeout=60) == DeviceFailed(clock.now_ns() - SECOND, device, "fault.silent")
    assert not _hangs(supervisor), "it may yet come back"
    _looks(supervisor, clock, 60)
    assert _hangs(supervisor)
    assert told.empty(), "told once"
    stuck.let_go.set()
    recovered = told.get(timeout=60)
    assert isinstance(recovered, DeviceRecovered)
    assert (recovered.device, recovered.fault) == (device, "fault.silent")
    threads.stop()


def test_time_in_which_the_booth_itself_stood_still_is_nobodys_silence(
    clock: VirtualClock, events: list[Event]
) -> None:
    supervisor = Supervisor(Plug(), events.append, clock)
    supervisor.poll(0)
    supervisor.look()
    for _ in range(5):
        clock.advance(600 * SECOND)  # a machine that was suspended, or a process that was stopped
        supervisor.look()
    assert events == []


def test_a_library_that_hangs_needs_a_new_process_after_a_while_and_not_when_it_recovers(
    clock: VirtualClock, events: list[Event]
) -> None:
    plug = Plug(HungFault)
    plug.plugged = False
    supervisor = Supervisor(plug, events.append, clock)
    for _ in range(30):
        supervisor.poll(0)
        _looks(supervisor, clock, 1)
    assert not _hangs(supervisor)
    for _ in range(30):
        supervisor.poll(0)
        _looks(supervisor, clock, 1)
    assert _hangs(supervisor)
    plug.plugged = True
    clock.advance(LONGEST_WAIT_NS)
    supervisor.poll(0)
    supervisor.look()
    assert not _hangs(supervisor)
    assert [type(event) for event in events] == [DeviceFailed, DeviceRecovered]


def test_ending_does_not_wait_for_a_worker_that_hangs(clock: VirtualClock, events: list[Event]) -> None:
    stuck = Stuck()
    threads = Threads([Supervisor(stuck, events.append, clock)], ["stuck"])
    threads.start()
    stuck.entered.wait()
    assert not threads.stop(0.01)
    stuck.let_go.set()
    assert threads.stop(60)


def test_a_worker_whose_closing_fails_is_tried_again(clock: VirtualClock, events: list[Event]) -> None:
    class Stuck(Plug):
        def close(self) -> None:
            raise IndexError("nobody foresaw it")

    plug = Stuck()
    supervisor = Supervisor(plug, events.append, clock)
    supervisor.poll(0)
    plug.plugged = False
    supervisor.poll(0)
    supervisor.crashed(ValueError("nor this"))
    plug.plugged = True
    clock.advance(LONGEST_WAIT_NS)
    assert supervisor.poll(0)
    assert [type(event) for event in events] == [DeviceFailed, DeviceFailed, DeviceRecovered, DeviceRecovered]
    supervisor.close()
