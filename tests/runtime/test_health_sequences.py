"""Whatever fails in whatever order: each worker's failure ends in its recovery, and while a device that is needed is
down, the booth is out of service."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.events import Device, DeviceFailed, Event, SeasonState, SeasonTold, SeatSeen, Tick
from kiosk.core.identity import IdentificationRule
from kiosk.core.session import machine
from kiosk.core.session.health import CAN_DO_WITHOUT, NEEDED_FOR
from kiosk.core.session.state import Session, SessionPolicy, State
from kiosk.ports.faults import DeviceFault, PermanentFault, TemporaryFault
from kiosk.runtime.event_queue import EventQueue
from kiosk.runtime.supervise import LONGEST_WAIT_NS, Supervisor
from sim.twins.clock import VirtualClock

POLICY = SessionPolicy(identification=IdentificationRule.EITHER, live_rules=())
CAUSES = ("fault.a", "fault.b")
STEP_NS = 1_000_000_000


class Breakable:
    """A worker that raises what it is told to, where it is told to, and tells causes of its own."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.fails: tuple[str, DeviceFault] | None = None

    def _at(self, place: str) -> None:
        if self.fails is not None and self.fails[0] == place:
            raise self.fails[1]

    def open(self) -> None:
        self._at("open")

    def poll(self, timeout_s: float) -> None:
        self._at("poll")

    def close(self) -> None:
        pass


class House:
    """Two workers a device, their supervisors, the queue, the session."""

    def __init__(self) -> None:
        self.clock = VirtualClock(datetime(2026, 9, 1, tzinfo=UTC))
        self.queue = EventQueue(capacity=16)
        self.workers = [Breakable(device) for device in Device for _ in range(2)]
        self.supervisors = [Supervisor(worker, self.queue.put, self.clock) for worker in self.workers]
        self.session: Session = machine.start(POLICY, self.clock.now_ns()).session
        self.take(SeasonTold(self.clock.now_ns(), SeasonState.OPEN))

    def take(self, event: Event) -> None:
        self.session = machine.step(self.session, event, POLICY).session

    def turn(self) -> None:
        self.clock.advance(STEP_NS)
        for supervisor in self.supervisors:
            try:
                supervisor.poll(0)
            except ArithmeticError as error:
                supervisor.crashed(error)
            supervisor.look()
        for event in self.queue.drain():
            self.take(event)
        self.take(Tick(self.clock.now_ns()))

    def down(self) -> set[Device]:
        return {worker.device for worker in self.workers if worker.fails is not None}


def _faults(device: Device) -> st.SearchStrategy[DeviceFault]:
    return st.builds(
        lambda kind, cause: kind(device, cause, "broken", "mend it"),
        st.sampled_from([TemporaryFault, PermanentFault]),
        st.sampled_from(CAUSES),
    )


CHANGES = st.integers(0, 2 * len(Device) - 1).flatmap(
    lambda number: st.tuples(
        st.just(number),
        st.none() | st.tuples(st.sampled_from(["open", "poll"]), _faults(list(Device)[number // 2])),
        st.integers(1, 4),
    )
)


@given(changes=st.lists(CHANGES, max_size=25))
def test_every_failure_ends_in_its_recovery_or_in_out_of_service(
    changes: list[tuple[int, tuple[str, DeviceFault] | None, int]],
) -> None:
    house = House()
    for number, fails, turns in changes:
        worker = house.workers[number]
        was_open = worker.fails is None
        worker.fails = fails if fails is None or was_open or fails[0] == "open" else None
        if fails is not None and fails[0] == "open" and was_open:
            worker.fails = ("poll", fails[1])  # an open device fails at work first
        for _ in range(turns):
            house.turn()
        needed = (house.down() & NEEDED_FOR.keys()) - CAN_DO_WITHOUT[POLICY.identification]
        if needed:
            assert house.session.state is State.OUT_OF_SERVICE, needed
        told = {device for device, _ in house.session.failed}
        assert house.down() <= told, "what is down is known to be down"
    for worker in house.workers:
        worker.fails = None
    for _ in range(LONGEST_WAIT_NS // STEP_NS + 2):
        house.turn()
    assert house.session.failed == ()
    assert house.session.state is State.ATTRACT


@pytest.mark.parametrize("noise", [0, 200])
def test_health_is_never_lost_in_a_queue_that_overflows(noise: int) -> None:
    house = House()
    house.turn()
    house.workers[0].fails = ("poll", TemporaryFault(house.workers[0].device, "fault.a", "broken", "mend it"))
    for _ in range(noise):
        house.queue.put(SeatSeen(house.clock.now_ns(), 1))
    house.turn()
    for _ in range(20):
        house.turn()
    house.workers[0].fails = None
    for _ in range(noise):
        house.queue.put(SeatSeen(house.clock.now_ns(), 1))
    for _ in range(60):
        house.turn()
    assert house.session.failed == ()


def test_a_failure_is_an_event_with_its_cause() -> None:
    house = House()
    told: list[Event] = []
    worker = Breakable(Device.CAMERA)
    worker.fails = ("open", PermanentFault(Device.CAMERA, "fault.b", "broken", "mend it"))
    Supervisor(worker, told.append, house.clock).poll(0)
    assert told == [DeviceFailed(house.clock.now_ns(), Device.CAMERA, "fault.b")]
