"""Measures the booth's own times: a turn of the main loop on the pose screen, the way from the decision to the burst,
the way from accepting to the durable shot, and the pace of lockstep. Only the time in which the machine computes
counts. Waiting for a sensor does not count. Drawing the simulated person does not count either, because a real camera
draws nothing.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.row import Row, one_core, spread
from kiosk.core.session.state import State
from sim.play.scenario import Graduate, PoseError, Scenario, load
from sim.play.stage import Stage
from sim.play.world import World
from sim.twins.picamera2 import Picamera2Twin

POSE_SCREEN_LIMIT_MS = 8.0
BURST_LIMIT_MS = 250.0
DURABLE_LIMIT_MS = 150.0
LOCKSTEP_LIMIT = 3.0  # the least number of virtual seconds that must pass in a real second
LOCKSTEP_S = 20.0  # for how many virtual seconds the pace is measured
PEOPLE = 5  # how many people play a session


def run() -> list[Row]:
    """Measure all rows."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, one_core():
        burst, durable = _sessions(Path(folder))
        screen, pace = _pose(Path(folder))
    return [
        Row(
            "decision to burst in memory",
            *spread(burst),
            None,
            BURST_LIMIT_MS,
            "3 frames of 12 megapixels, best chosen",
        ),
        Row("accept to durable in the outbox", *spread(durable), None, DURABLE_LIMIT_MS, "envelope, fsync, row"),
        Row(
            "pose screen with preview, 720x1280",
            *spread(screen),
            None,
            POSE_SCREEN_LIMIT_MS,
            "one turn of the main loop",
        ),
        Row(
            "lockstep, pose state",
            pace,
            pace,
            None,
            LOCKSTEP_LIMIT,
            "14.35 judged frames a second",
            "x real time",
            True,
        ),
    ]


class TimedStage:
    """A stage that measures separately how long its camera's twin takes to draw the person and to add exposure and
    noise."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self.world = World(scenario, folder)
        self.stage = Stage(scenario, self.world, folder)
        self.rendering_s = 0.0
        open_camera = self.world.rig.factory

        def factory() -> Picamera2Twin:
            twin = open_camera()
            render = twin.render

            def timed(name: str, scene_ns: int, metadata: dict[str, Any]) -> NDArray[np.uint8]:
                began = time.perf_counter()
                try:
                    return render(name, scene_ns, metadata)
                finally:
                    self.rendering_s += time.perf_counter() - began

            twin.render = timed  # type: ignore[method-assign]  # the same call with a watch
            return twin

        self.world.rig.factory = factory  # type: ignore[method-assign]  # opens the same camera, with a watch
        self.world.start()


def _sessions(folder: Path) -> tuple[list[float], list[float]]:
    """Play whole sessions of several people; returns the machine's time from the decision to the burst, and from
    accepting to `Saved`."""
    burst: list[float] = []
    durable: list[float] = []
    for seed in range(PEOPLE):
        scenario = load("card-happy").model_copy(update={"graduate": (Graduate(seed=seed + 1),)})
        timed = TimedStage(scenario, folder / f"session-{seed}")
        loop = timed.world.booth.loop
        spent = {State.CAPTURE: 0.0, State.SAVING: 0.0}
        while loop.session.state is not State.DONE:
            before, state, rendered = time.perf_counter(), loop.session.state, timed.rendering_s
            timed.stage.turn()
            if state in spent:
                spent[state] += time.perf_counter() - before - (timed.rendering_s - rendered)
        timed.world.close()
        burst.append(spent[State.CAPTURE] * 1e3)
        durable.append(spent[State.SAVING] * 1e3)
    return burst, durable


def _pose(folder: Path) -> tuple[list[float], float]:
    """Play a graduate who keeps the eyes shut; returns the times of the main loop's turns that draw a new preview, and
    how many virtual seconds pass in a real second."""
    shut = Graduate(seed=3, pose=PoseError(eyelids=1.0), does={State.POSE: ("wait",) * 99})
    timed = TimedStage(load("card-happy").model_copy(update={"graduate": (shut,)}), folder / "pose")
    loop = timed.world.booth.loop
    while loop.session.state is not State.POSE:
        timed.stage.turn()
    turns: list[float] = []
    tick = loop.tick

    def timed_tick() -> bool:
        began = time.perf_counter()
        try:
            return tick()
        finally:
            turns.append((time.perf_counter() - began) * 1e3)

    loop.tick = timed_tick  # type: ignore[method-assign]  # the same call with a watch
    began, virtual_ns = time.perf_counter(), timed.world.clock.now_ns()
    while (timed.world.clock.now_ns() - virtual_ns) / 1e9 < LOCKSTEP_S:
        timed.stage.turn()
    real_s = time.perf_counter() - began
    timed.world.close()
    with_preview = sorted(turns)[len(turns) // 2 :]  # every other turn has a new frame to draw, and takes longer
    return with_preview, LOCKSTEP_S / real_s
