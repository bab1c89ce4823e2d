"""Which pixels are roughly the person: MediaPipe's selfie segmentation, a prior for the matte and no more."""

from pathlib import Path
from typing import cast

import cv2
import numpy as np

from kiosk.ports.frames import Rgb
from kiosk.vision.models import Model
from kiosk.vision.network import Floats, Network


class Segmenter:
    """The segmentation network."""

    def __init__(self, models: Path) -> None:
        self._network = Network(models, Model.SEGMENTER)

    def person(self, rgb: Rgb) -> Floats:
        """The likelihood 0..1 that a pixel shows the person: (height, width), smooth at the network's 256 pixels."""
        size = (self._network.width, self._network.height)
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        (answer,) = self._network.run(np.multiply(small, np.float32(1 / 255), dtype=np.float32))
        return cast("Floats", cv2.resize(answer[..., 0], (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR))
