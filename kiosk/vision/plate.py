"""The empty booth: a picture of what is behind the person when nobody sits there.

The camera is fixed, so the plate shows each thing of the backdrop where it is: a seam, a switch, the back of the
chair. It is kept small and without the sensor's grain. Lamps age, exposure is locked anew for each person and a
white shirt lights the wall, so a plate is never compared as it is: how the light has changed since is a smooth
surface, fitted where surely nobody is.
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from kiosk.ports.frames import Rgb
from kiosk.vision.network import Floats
from kiosk.vision.pixels import lab, resized
from kiosk.vision.workpiece import Workpiece

WIDTH_PX = 960
"""The booth's live frame is 1280 px wide and a face in it 140: the workpiece never needs more than this."""
GRAIN_PX = 3  # side of the median's square
SAME_SHAPE = 0.01  # pictures whose sides' ratio differs more are not of this camera's view


@dataclass(frozen=True, slots=True)
class Plate:
    """The camera's whole view without a person: `rgb` (h, w, 3), at most `WIDTH_PX` wide."""

    rgb: Rgb

    @classmethod
    def of(cls, empty: Rgb) -> "Plate":
        """A plate from a picture of the empty booth, main or live, of any size."""
        height, width = empty.shape[:2]
        scale = min(1.0, WIDTH_PX / width)
        small = resized(empty, max(1, round(width * scale)), max(1, round(height * scale)))
        return cls(cast("Rgb", cv2.medianBlur(small, GRAIN_PX)))

    def behind(self, work: Workpiece) -> Floats | None:
        """L*a*b* (h, w, 3) of the plate at the workpiece's pixels; None when the picture is of another shape."""
        width, height = work.picture_size
        rows, columns = self.rgb.shape[:2]
        if abs(width * rows / (height * columns) - 1) > SAME_SHAPE:
            return None
        to_x, to_y = columns / width, rows / height
        # plate = (work - d) / scale, then picture to plate, both by pixel centres.
        to_plate = np.array(
            [
                [to_x / work.scale_x, 0, (0.5 - work.dx / work.scale_x) * to_x - 0.5],
                [0, to_y / work.scale_y, (0.5 - work.dy / work.scale_y) * to_y - 0.5],
            ]
        )
        size = (work.rgb.shape[1], work.rgb.shape[0])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return lab(cast("Rgb", cv2.warpAffine(self.rgb, to_plate, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)))
