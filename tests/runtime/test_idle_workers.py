"""A worker with nothing to do yet does not take the processor: it waits as long as it was given time."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from kiosk.core.session.state import State
from kiosk.hardware.voice_player import VoicePlayer
from kiosk.runtime.supervise import Supervisor
from sim.play.scenario import load
from sim.play.world import World

TURN_NS = 35_000_000
WAIT_S = 0.005
TURNS = 4


@pytest.mark.parametrize("said", [(), ("guide.too_far", "guide.too_near")], ids=["silent", "speaking"])
def test_a_worker_with_nothing_to_do_waits_out_its_time(tmp_path: Path, said: tuple[str, ...]) -> None:
    world = World(load("card-happy"), tmp_path)
    try:
        for _ in range(10):
            world.turn(TURN_NS)
        assert world.booth.loop.session.state is State.ATTRACT
        workers = world.booth._workers
        (voice,) = (one._worker for one in workers.values() if isinstance(one._worker, VoicePlayer))
        voice.say(said, "zh_CN", at_once=True)  # and the clock stands still, so the first one does not end
        assert _quick(workers) == []
        assert voice.pending() == said
    finally:
        world.close()


def _quick(workers: Mapping[str, Supervisor]) -> list[str]:
    """The workers that do not wait."""
    quick = []
    for name, worker in workers.items():
        worker.poll(WAIT_S)  # what it was told before
        begun = time.monotonic()
        for _ in range(TURNS):
            assert worker.poll(WAIT_S), name
        if time.monotonic() - begun < WAIT_S * (TURNS - 1):  # a worker may be woken once, never each time
            quick.append(name)
    return quick
