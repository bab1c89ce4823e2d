"""The booth's view: people where their pose says, lit by the lamps, the same every time."""

import numpy as np

from sim.people import Light, Pose, drawn
from sim.scene import LORES, Scene


def test_same_seed_gives_the_same_pixels_in_another_scene() -> None:
    first = Scene().picture(LORES, Light(), [(drawn(2), Pose())])
    again = Scene().picture(LORES, Light(), [(drawn(2), Pose())])
    assert np.array_equal(first, again)


def test_pupils_are_dark_where_the_truth_says() -> None:
    scene, who = Scene(), [(drawn(0), Pose(x_cm=3, y_cm=-2, distance_cm=110, roll_deg=3))]
    picture = scene.picture(LORES, Light(), who)
    for x, y in scene.truths(LORES, Light(), who)[0].pupils:
        assert picture[round(y), round(x)].max() < 90
