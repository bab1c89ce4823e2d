"""When a booth lets people in: nobody sits down before every device has opened, or has failed and said so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.session.state import State
from sim.play.scenario import load
from sim.play.world import World
from sim.twins.clock import VirtualClock
from sim.twins.picamera2 import CameraFault

TURN_NS = 35_000_000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(load("card-happy"), tmp_path)
    yield world
    world.close()


def test_the_session_begins_when_the_last_device_has_opened(world: World) -> None:
    loop, clock = world.booth.loop, world.clock
    assert isinstance(clock, VirtualClock)
    for _ in range(100):  # the screen lives, and no worker has had its turn yet
        assert loop.tick()
        clock.advance(TURN_NS)
    assert (loop.session.state, loop.session.season) == (State.CLOSED, None)
    assert loop.view is not None
    for _ in range(3):
        world.turn(TURN_NS)
    assert loop.session.state is State.ATTRACT


def test_a_device_that_failed_is_not_waited_for(world: World) -> None:
    world.rig.fault = CameraFault.UNPLUGGED
    for _ in range(3):
        world.turn(TURN_NS)
    assert world.booth.loop.session.state is State.OUT_OF_SERVICE
