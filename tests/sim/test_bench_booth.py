"""What the benches of the booth measure."""

from pathlib import Path

from bench.booth import TimedStage
from sim.play.scenario import load


def test_the_time_in_which_the_camera_s_twin_draws_is_measured_apart(tmp_path: Path) -> None:
    timed = TimedStage(load("card-happy"), tmp_path)
    try:
        while timed.world.rig.rendered["lores"] < 3:
            timed.stage.turn()
        assert timed.rendering_s > 0
    finally:
        timed.world.close()
