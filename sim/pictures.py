"""`python -m sim.pictures DIR`: the README's pictures, made by the simulator: the pose screen and a finished photo."""

import sys
import tempfile
from contextlib import closing
from pathlib import Path

from PIL import Image

from kiosk.core.session.state import State
from sim.play.scenario import Graduate, load
from sim.play.stage import Stage
from sim.play.world import World

SEED = 17


def main() -> int:
    """Play card-happy until the photo is there, and keep the two pictures."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m sim.pictures DIR\n")
        return 2
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    scenario = load("card-happy").model_copy(update={"graduate": (Graduate(seed=SEED),)})
    # Closed whatever happens: the stand-in office's thread would keep a program that failed from ending.
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder, closing(World(scenario, Path(folder))) as world:
        stage = Stage(scenario, world, Path(folder))
        world.start()
        screen = world.booth.shell.grab()
        while not (received := world.office.received()):
            if world.clock.now_ns() >= scenario.limit_s * 1e9:
                sys.stderr.write(f"{scenario.name} gave no photo in {scenario.limit_s:g} s: play it and see why\n")
                return 1
            if world.booth.loop.session.state is State.POSE:
                screen = world.booth.shell.grab()
            stage.turn()
    Image.fromarray(screen).save(out / "pose.jpg", quality=92)
    (out / "photo.jpg").write_bytes(received[0].photo)
    return 0


if __name__ == "__main__":
    sys.exit(main())
