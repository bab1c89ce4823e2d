"""The booth of the season in which all is real (session, vision, finish, sending) except the vendor objects."""

import gc
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from kiosk.uplink.shared.paths import BoothPaths
from sim.office.served import ServedOffice
from sim.people import Pose, drawn
from sim.people.cache import forget_people
from sim.play.graduate import Visitor
from sim.play.scenario import Expect, Scenario
from sim.play.stage import Stage
from sim.play.world import World
from sim.season.visitors import SeasonVisitor, documents
from sim.twins.clock import VirtualClock

_SETTLE_S = 30.0  # in this time devices open, and what was saved is sent
_LOOKS = 40  # the seed of the first drawn person; this person and the following ones pass the checks


def photograph(
    office: ServedOffice, clock: VirtualClock, folder: Path, visitors: Sequence[SeasonVisitor]
) -> dict[str, SeasonVisitor]:
    """Let the booth that the office enrolled first photograph `visitors` one after the other. Returns for each shot who
    sat there.

    The screens that these people saw are in `screens.png` of the folder.
    """
    scenario = Scenario(name="season", summary="", graduate=(), expect=Expect(outcome="no_photo", states=()))
    world = World(scenario, folder, among=(clock, office))
    shots: dict[str, SeasonVisitor] = {}
    try:
        with closing(Stage(scenario, world, folder)) as stage:
            _wait(stage, clock)
            for at, visitor in enumerate(visitors):
                papers = documents(visitor.row)
                stage.sit_down(Visitor(visitor.script, papers.school, stage, Pose()), drawn(_LOOKS + at), papers)
                while stage.is_occupied:
                    stage.turn()
                shots |= dict.fromkeys(_saved(world) - shots.keys(), visitor)
                forget_people()  # nobody sits there twice
            _wait(stage, clock)
            assert not stage.record.strangers, "a screen showed somebody who did not sit there"
            stage.save_film(folder / "screens.png")
    finally:
        world.close()
        del world
        gc.collect()  # a booth is a cycle of objects, with pictures of 36 MB in it
    return shots


def _wait(stage: Stage, clock: VirtualClock) -> None:
    end_ns = clock.now_ns() + round(_SETTLE_S * 1e9)
    while clock.now_ns() < end_ns:
        stage.turn()


def _saved(world: World) -> set[str]:
    return {path.stem for path in BoothPaths(world.config.storage.folder).spool.glob("*.envelope")}
