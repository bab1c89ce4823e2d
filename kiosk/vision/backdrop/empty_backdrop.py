"""The backdrop of the empty booth, brought to the pixels of a person region.

The camera is fixed, so a picture of the empty booth shows each thing of the backdrop at its place: a seam, a switch,
the back of the chair. The plates of a calibration (one of the room, one of each lamp,
`kiosk.vision.backdrop.light_mix`) are first mixed to match the light of the picture; a single picture of the empty
booth can be used instead. Neither the mixed plates nor the single picture is compared directly with the picture,
because a white shirt lights the wall and lamps age. Instead, a smooth surface models how the light has changed. The
surface is fitted to pixels where surely nobody is (`kiosk.vision.backdrop.backdrop`).
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb
from kiosk.vision.backdrop.light_mix import Plates
from kiosk.vision.backdrop.person_region import PersonRegion
from kiosk.vision.pixels import Floats, lab, resized

WIDTH_PX = 960
"""The booth's live frame is 1280 px wide, and a face in it 240 px: the person region never needs more than this
width."""
GRAIN_PX = 3  # the side of the median filter's square


@dataclass(frozen=True, slots=True)
class EmptyBackdrop:
    """What the camera sees without a person: one picture (h, w, 3), or the plates of the calibration."""

    empty: Rgb | Plates

    @classmethod
    def of(cls, empty: Rgb) -> "EmptyBackdrop":
        """Make an empty backdrop from one picture of the empty booth, which may be a main or a live picture of any
        size."""
        height, width = empty.shape[:2]
        scale = min(1.0, WIDTH_PX / width)
        small = resized(empty, max(1, round(width * scale)), max(1, round(height * scale)))
        return cls(cast("Rgb", cv2.medianBlur(small, GRAIN_PX)))

    def behind(self, region: PersonRegion, sure: NDArray[np.bool_]) -> Floats | None:
        """L*a*b* (h, w, 3) of the plate at the pixels of the person region, mixed to match the light of the region's
        pixels without a person (`sure`, (h, w)). None if the picture has another shape, so that it does not show this
        camera's view."""
        height, width = self.empty.light.shape[1:3] if isinstance(self.empty, Plates) else self.empty.shape[:2]
        to_plate = region.into_view(width, height)
        if to_plate is None:
            return None
        size = (region.rgb.shape[1], region.rgb.shape[0])
        if isinstance(self.empty, Plates):
            return lab(self.empty.seen_through(to_plate, *size).fitted(region.rgb, sure).rgb)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(self.empty, to_plate, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return lab(cast("Rgb", moved))
