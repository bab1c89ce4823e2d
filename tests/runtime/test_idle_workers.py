"""At rest no worker takes the processor: each waits for what it was given time to wait for."""

import time
from pathlib import Path

from kiosk.core.session.state import State
from sim.play.scenario import load
from sim.play.world import World

TURN_NS = 35_000_000
WAIT_S = 0.005
TURNS = 4


def test_a_worker_with_nothing_to_do_waits_out_its_time(tmp_path: Path) -> None:
    world = World(load("card-happy"), tmp_path)
    try:
        for _ in range(10):
            world.turn(TURN_NS)
        assert world.booth.loop.session.state is State.ATTRACT
        quick = []
        for name, worker in world.booth._workers.items():
            worker.poll(WAIT_S)  # what it was told before
            begun = time.monotonic()
            for _ in range(TURNS):
                assert worker.poll(WAIT_S), name
            if time.monotonic() - begun < WAIT_S * (TURNS - 1):  # a worker may be woken once, never each time
                quick.append(name)
        assert quick == []
    finally:
        world.close()
