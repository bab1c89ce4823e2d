"""Drawn people in front of the simulator's camera: everything true of them is known exactly."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.models import models_folder, verify
from sim.people import Light, Pose, Truth, drawn
from sim.twins.scene import LORES, Scene

HALF = (2304, 1296)
"""The size of a frame in the camera's binned mode: quick to draw, and still twice as fine as the photo needs."""

Picture = NDArray[np.uint8]
Draw = Callable[..., tuple[Picture, Truth]]


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of the face models; set-up has put them there."""
    faults = verify(models_folder())
    if faults:
        pytest.fail(str(faults[0]))
    return models_folder()


@pytest.fixture(scope="session")
def analyzer(models: Path) -> PictureAnalyzer:
    return PictureAnalyzer(models)


@pytest.fixture(scope="session")
def draw() -> Draw:
    """Draw one person: `draw(seed, size, light, **pose)` gives the picture and the truth."""
    scene = Scene()

    def picture(
        seed: int = 1, size: tuple[int, int] = LORES, light: Light | None = None, **pose: float
    ) -> tuple[Picture, Truth]:
        lit, who = light or Light(), [(drawn(seed), Pose(**pose))]
        (truth,) = scene.truths(size, lit, who)
        return np.array(scene.picture(size, lit, who)), truth

    return picture
