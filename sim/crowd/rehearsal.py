"""Lets people of the crowd use the real booth in lockstep, with real vision on drawn faces, and measures where their
time goes."""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.core.session.state import State
from kiosk.ui.viewmodel import View
from sim.crowd.habits import PATIENCE_S, CrowdPerson, crowd_person
from sim.play.scenario import Expect, Scenario
from sim.play.stage import Stage
from sim.play.world import World

_SETTLE_S = 10.0  # by this time the booth's devices are open and its roster has come

STEPS: dict[State, str] = {
    State.ATTRACT: "read",
    State.CONSENT: "read",
    State.CONFIRM: "read",
    State.SCHOOL: "read",
    State.STILL_THERE: "read",
    State.IDENTIFY: "identify",
    State.PREPARE: "prepare",
    State.POSE: "pose",
    State.CAPTURE: "photo",
    State.SAVING: "photo",
    State.CHOOSE: "choose",
    State.REASON: "choose",
    State.DONE: "receipt",
    State.APPROVED: "receipt",
    State.REJECTED: "receipt",
    State.STAFF_HELP: "desk",
}
"""For each screen, the step of a visit to which its seconds are added."""


@dataclass(slots=True)
class Visit:
    """One person's visit, from sitting down to standing up. Times are virtual seconds.

    `waited_s`: the seconds in which the booth worked and the person could do nothing. `takes`: how often the booth took
    a photo. `first_try`: whether the first take passed all checks.
    """

    mode: str
    seconds: dict[str, float] = field(default_factory=dict)
    waited_s: float = 0.0
    takes: int = 0
    first_try: bool = False
    photo: bool = False

    @property
    def total_s(self) -> float:
        """The seconds from sitting down to standing up."""
        return sum(self.seconds.values())


def rehearse(people: int, seed: int) -> list[Visit]:
    """Let the first `people` people of the crowd of `seed` visit a booth, one booth for each, in two
    processes."""
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(_visit, range(people), [seed] * people))


def _visit(number: int, seed: int) -> Visit:
    with tempfile.TemporaryDirectory() as folder:
        return visit(crowd_person(number, seed), Path(folder))


def visit(person: CrowdPerson, folder: Path) -> Visit:
    """Let one person visit a booth that is ready."""
    scenario = Scenario(
        name="crowd",
        summary="One of the crowd.",
        graduate=(person.graduate.model_copy(update={"comes_after_s": _SETTLE_S}),),
        expect=Expect(outcome="photo", states=()),
    )
    world = World(scenario, folder)
    try:
        with closing(Stage(scenario, world, folder)) as stage:
            world.start()
            return _watched(stage, person)
    finally:
        world.close()


def _watched(stage: Stage, person: CrowdPerson) -> Visit:
    seen = Visit(person.mode)
    clock = stage.world.clock
    while not _is_occupied(stage):
        stage.turn()
    met: set[State] = set()
    last_ns, last_screen, progress_ns = clock.now_ns(), State.ATTRACT, clock.now_ns()
    while _is_occupied(stage):
        stage.turn()
        now_ns = clock.now_ns()
        view = stage.world.booth.loop.view
        assert view is not None
        if view.screen is not last_screen:
            # Only a new screen or a capture is progress; going back and forth between screens is none.
            if view.screen is State.CAPTURE or view.screen not in met:
                progress_ns = now_ns
            met.add(view.screen)
            seen.takes += view.screen is State.CAPTURE
            if view.screen is State.CHOOSE and seen.takes == 1:
                seen.first_try = not view.reasons
            seen.photo = seen.photo or view.screen is State.DONE
        passed_s, last_ns, last_screen = (now_ns - last_ns) / 1e9, now_ns, view.screen
        step = STEPS.get(view.screen, "desk")
        seen.seconds[step] = seen.seconds.get(step, 0.0) + passed_s
        if _booth_works(view):
            seen.waited_s += passed_s
        if (now_ns - progress_ns) / 1e9 > PATIENCE_S:
            stage.stand_up()
    return seen


def _is_occupied(stage: Stage) -> bool:
    return stage.is_occupied  # a function, so that type checkers do not take the value to be constant


def _booth_works(view: View) -> bool:
    """Whether the person can only wait, because the booth reads a card, watches the held pose, or makes or saves a
    photo.

    On the last screen nobody has to wait: the receipt's page shows later what staff decided.
    """
    return view.hold > 0 or (view.busy and view.screen is not State.DONE)


def mean_by_step(visits: Sequence[Visit]) -> dict[str, float]:
    """For each step, in the order of a visit, the mean seconds that a visit spends on it."""
    order = dict.fromkeys(STEPS.values())
    return {step: sum(one.seconds.get(step, 0.0) for one in visits) / len(visits) for step in order}
