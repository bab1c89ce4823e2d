"""A release on its way from the real office to the updater: over HTTP, behind photos, through a network that fails."""

import random
from pathlib import Path

import pytest

from kiosk.update import updater
from kiosk.update.programs import RunningRelease
from kiosk.uplink.loop import UplinkLoop
from sim.office.fault_proxy import OfficeFault
from sim.twins.programs import FIRST, Machine, archive, release
from tests.uplink.worlds import HOUR_MS, World
from wire.heartbeat import Heartbeat

LARGE = archive({"bin/kiosk": b"#!/bin/sh\n", "lib/noise": Path(__file__).read_bytes() * 3})


class Booth:
    """A world's booth with programs of its own."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.machine = Machine(folder / "machine")
        self.machine.incoming.rmdir()
        (folder / "booth" / "update").mkdir(parents=True, exist_ok=True)
        self.machine.incoming.symlink_to(folder / "booth" / "update")
        self.machine.step()
        self.restart()

    def restart(self) -> None:
        self.world.loop.close()
        running = RunningRelease(self.machine.programs)
        self.world.loop = UplinkLoop(self.world.config, self.world.clock, random.Random(7), running=running)

    def give(self, data: bytes, version: str = "0.3.0") -> None:
        """The office takes a file in and gives it to the booth."""
        office = self.world.office.office
        path = self.machine.folder / "given"
        path.write_bytes(data)
        if office.releases.keys() is None:
            office.releases.trust("test", FIRST.encode())
        office.releases.add("test", path)
        office.releases.give("test", version, None)

    def failures(self) -> list[str]:
        """What the booth's newest heartbeat says of updates."""
        (state,) = (one for one in self.world.office.office.booths.all() if one.heartbeat is not None)
        assert isinstance(state.heartbeat, Heartbeat)
        return [one.cause for one in state.heartbeat.failures if one.device == "update"]


@pytest.fixture
def booth(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Booth:
    monkeypatch.setattr(updater, "ROOM_BYTES", 0)
    return Booth(world, tmp_path)


def test_a_release_arrives_whole_behind_the_photos(booth: Booth) -> None:
    world = booth.world
    booth.give(release(packed=LARGE))
    world.keep(1, 2, 3)
    world.run(2 * HOUR_MS / 1000)
    assert world.arrived() == [1, 2, 3]
    assert booth.machine.step().chosen == "0.3.0"
    assert booth.machine.start() == "0.3.0"
    world.run(2 * HOUR_MS / 1000)
    assert list(booth.machine.incoming.glob("*.release")) == [], "what is installed is not fetched again"


def test_a_booth_without_release_keys_fetches_nothing(booth: Booth) -> None:
    booth.machine.keys.unlink()
    booth.machine.step()
    booth.give(release(packed=LARGE))
    booth.world.run(2 * HOUR_MS / 1000)
    assert list(booth.machine.incoming.glob("*.release")) == []


@pytest.mark.parametrize("fault", [OfficeFault.DOWN, OfficeFault.ERROR, OfficeFault.PORTAL, OfficeFault.BUSY])
def test_a_network_that_fails_on_the_way_only_delays_it(booth: Booth, fault: OfficeFault) -> None:
    world = booth.world
    booth.give(release(packed=LARGE))
    world.run(1)
    world.network.break_with(fault)
    world.run(HOUR_MS / 1000)
    world.keep(1)
    world.network.heal()
    booth.restart()
    world.run(3 * HOUR_MS / 1000)
    assert world.arrived() == [1]
    assert booth.machine.step().chosen == "0.3.0"


def test_a_release_that_is_cut_off_each_time_is_asked_for_rarely_and_keeps_the_way_for_photos_open(
    booth: Booth,
) -> None:
    world = booth.world
    world.network.gateway["/v2/releases"] = 0
    booth.give(release(packed=LARGE))
    world.run(3_600)
    asked = [request for request in world.network.requests if "/v2/releases" in request]
    assert 5 <= len(asked) <= 20  # some at first, then every ten minutes; a hundred without the rule
    world.keep(1)
    world.run(5)
    assert world.arrived() == [1]
    world.network.gateway.clear()
    world.run(3_600)
    assert booth.machine.step().chosen == "0.3.0"


def test_the_office_hears_why_a_release_does_not_run(booth: Booth) -> None:
    world, machine = booth.world, booth.machine
    booth.give(release(packed=LARGE))
    world.run(2 * HOUR_MS / 1000)
    machine.broken = "it can't be imported here: libfoo"
    machine.step()
    world.run(2 * HOUR_MS / 1000)
    assert booth.failures() == ["fault.update_refused"]
    machine.broken = None
    booth.give(release("0.4.0", LARGE), "0.4.0")
    world.run(2 * HOUR_MS / 1000)
    assert booth.failures() == []
    assert machine.step().chosen == "0.4.0"
    for _ in range(4):
        machine.start("uplink")
    assert machine.runs() == "0.2.0"
    world.run(2 * HOUR_MS / 1000)
    assert booth.failures() == ["fault.update_back"]
    assert list(machine.incoming.glob("*.release")) == [], "it is not fetched again"


def test_what_the_office_withdraws_on_the_way_is_forgotten(booth: Booth) -> None:
    booth.give(release(packed=LARGE))
    booth.world.run(1)
    booth.world.office.office.releases.withdraw("test", "0.3.0")
    booth.world.run(4 * HOUR_MS / 1000)
    assert booth.machine.step().chosen is None
    assert list(booth.machine.incoming.iterdir()) == []
