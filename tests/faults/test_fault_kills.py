"""SIGKILL at random moments, a bad network, a full disk: nothing lost, nothing double, and it heals by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.events import Device, DeviceFailed, DeviceRecovered, Event, Saved
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from sim.faults.badnet import BadNetwork, NetworkFault
from sim.faults.kills import play
from sim.twins.clock import VirtualClock
from sim.twins.disk import DiskTwin
from tests.faults.conftest import Record
from tests.faults.sites import LONG
from tests.uplink.conftest import make_manifest, storage_of
from tests.uplink.worlds import World

S = 1_000_000_000


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_killed_at_random_nothing_is_lost_double_or_damaged(tmp_path: Path, photo: bytes, record: Record) -> None:
    # Of the few requests between 20 kills on a busy machine, one in twenty can be none.
    kills, share = (1_000, 0.05) if LONG else (20, 0.3)
    figures = play(tmp_path, photo, kills, share=share)
    assert (figures.lost, figures.double, figures.corrupt, figures.left_in_spool) == (0, 0, 0, 0)
    assert figures.accepted > kills
    assert figures.kills_of_booth + figures.kills_of_uplink == kills
    assert min(figures.kills_of_booth, figures.kills_of_uplink) > 0
    assert sum(figures.mischief.values()) > 0
    record("kills", kills)
    record("shots accepted under kills", figures.accepted)
    for kind, count in figures.mischief.items():
        record(f"network under kills, {kind}", count)


@pytest.fixture
def network(world: World) -> Iterator[BadNetwork]:
    """The world's office behind a bad network."""
    port = int(world.office.url.rpartition(":")[2])
    with BadNetwork(port, share=0.3, seed=4) as network:
        office = world.config.office.model_copy(
            update={"url": network.url, "read_timeout_ms": 1_000, "retry_first_ms": 100, "retry_most_ms": 1_000}
        )
        world.config = world.config.model_copy(update={"office": office})
        world.restart()
        yield network


def test_over_a_bad_network_every_shot_arrives_once_and_every_mischief_happened(
    world: World, network: BadNetwork, record: Record
) -> None:
    numbers = range(1, 41)
    world.keep(*numbers)
    for _ in range(400):
        world.run(5)
        if all(network.counts[kind] for kind in NetworkFault) and world.loop.counts()[ShotState.VERIFIED] == len(
            numbers
        ):
            break
    assert sorted(world.arrived()) == list(numbers)
    for kind in NetworkFault:
        assert network.counts[kind] > 0, f"the network never did {kind.value}"
        record(f"network, {kind.value}", network.counts[kind])


@pytest.mark.parametrize("room", range(0, 90_000, 9_000), ids=lambda room: f"{room // 1000}kB")
def test_a_disk_that_fills_to_the_last_byte_loses_no_accepted_shot_and_heals_when_space_is_freed(
    tmp_path: Path, clock: VirtualClock, photo: bytes, room: int
) -> None:
    """`room`: what the disk still takes when somebody else's log begins to fill it."""
    disk = Meter(room)
    events: list[Event] = []
    saver = ShotSaverWorker(storage_of(tmp_path / "booth"), events.append, clock, disk=disk)
    saver.open()
    saver.poll(0)
    disk.fills = True
    for number in (1, 2, 3):
        saver.save(number, make_manifest(number), photo)
        saver.poll(0)
    clock.advance(2 * S)
    saver.poll(0)
    saved = {event.request for event in events if isinstance(event, Saved)}
    if len(saved) < 3:
        failed = [(event.device, event.fault) for event in events if isinstance(event, DeviceFailed)]
        assert failed == [(Device.STORAGE, "fault.storage_full")]
    disk.fills = False
    for _ in range(3):
        clock.advance(2 * S)
        saver.poll(0)
    assert {event.request for event in events if isinstance(event, Saved)} == {1, 2, 3}
    assert len(saved) == 3 or any(isinstance(event, DeviceRecovered) for event in events)
    saver.close()
    with Outbox(tmp_path / "booth" / "outbox.sqlite3") as outbox:
        assert outbox.counts()[ShotState.KEPT] == 3
    assert len(list((tmp_path / "booth" / "spool").iterdir())) == 3


class Meter(DiskTwin):
    """A disk with `room` bytes left, once it `fills`; a write takes what still fits."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.fills = False
        self._room = room

    def write(self, descriptor: int, data: memoryview) -> int:
        """See `Disk`."""
        if not self.fills:
            return super().write(descriptor, data)
        taken = data[: self._room]
        self._room -= len(taken)
        if not taken:
            raise OSError(28, "No space left on device")
        return super().write(descriptor, taken)
