"""Is the background even, of the right colour, and without a shadow?

The picture is judged as it was taken. Only the ground counts: the part of the picture that a photo can show, that lies
further from the person than soft hair reaches, and in which the segmentation sees nobody. First a median removes small
grain. Then colours are compared by their distance in L*a*b* (dE, CIE 1976).

- Evenness: the distance from the ground's middle colour within which 95 % of the ground's pixels lie. A gradient, a
  shadow, bricks and a cluttered room all increase it. With a plate only the change since the plate counts, so that a
  seam in the booth's own wall has no effect.
- Colour: the distance of the ground's middle colour from the profile's colour.
- Shadow: the darkest patch that has less light but the same colour (`kiosk.vision.backdrop.shadow`). This needs a model
  of the unshadowed ground; where there is none, the result is "could not tell" (such a ground is uneven anyway).
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.analysis import Analysis
from kiosk.vision.pixels import disc, lab, length

BESIDE, ABOVE = 1.2, 1.4
"""The part of the picture that counts as the photo: how far it reaches to each side from the face's middle, and above
the eyes, in face widths. A photo with the usual face shows 1.12 to each side and 1.16 above; a photo with the smallest
legal face (180 of 480 px) shows at most 1.33 and 1.67."""
AWAY = 0.06  # distance from the mask, in face widths; within it lie soft hair and the blur of the edge
NOBODY = 0.2  # where the segmentation's likelihood of a person is lower than this, there is nobody
GRAIN_PX = 5  # the side of the median filter's square, in pixels of the person region
LEAST_SHARE = 0.02  # at least this share of the person region must be ground
FAR = 95  # a percentile: the distance within which so many per cent of the ground's pixels lie
PATCH = 0.08  # the side of the square over which a shadow is averaged, in face widths


def background_even(analysis: Analysis) -> float | None:
    """The dE from the ground's middle colour within which 95 % of its pixels lie; None if hardly any ground is seen."""
    ground, backdrop = _ground(analysis), analysis.backdrop
    if ground is None:
        return None
    known = backdrop.empty if backdrop.empty_holds else None
    seen = backdrop.seen if known is None else backdrop.seen - known
    colours = np.asarray(cv2.medianBlur(seen, GRAIN_PX), np.float32)[ground]
    apart = np.linalg.norm(colours - np.median(colours, axis=0), axis=1)
    return float(np.percentile(apart, FAR))


def background_colour(analysis: Analysis, want: Sequence[int]) -> float | None:
    """The dE of the ground's middle colour from `want` (sRGB); None if hardly any ground is seen."""
    ground = _ground(analysis)
    if ground is None:
        return None
    middle = np.median(analysis.backdrop.seen[ground], axis=0)
    return float(np.linalg.norm(middle - lab(np.array([[want]], np.uint8))[0, 0]))


def shadow(analysis: Analysis) -> float | None:
    """The dE of the darkest patch of shadow on the ground; 0.0 if there is no shadow; None if the ground has no
    model."""
    backdrop = analysis.backdrop
    if not backdrop.plain:
        return None
    if backdrop.lab is backdrop.lit:
        return 0.0
    side = max(1, round(PATCH * analysis.region.face_px))
    drop = length(backdrop.lit - backdrop.lab)
    open_ground = (_photo_part(analysis) & ~analysis.matte.mask).astype(np.float32)
    share = cv2.blur(open_ground, (side, side))
    mean = cv2.blur(drop * open_ground, (side, side)) / np.maximum(share, 1e-6)
    return float(np.max(mean, where=share > 0.5, initial=0.0))


def _ground(analysis: Analysis) -> NDArray[np.bool_] | None:
    matte = analysis.matte
    near = cv2.dilate(matte.mask.astype(np.uint8), disc(AWAY * analysis.region.face_px)) > 0
    ground = np.asarray(_photo_part(analysis) & ~near & (matte.likely < NOBODY), np.bool_)
    return ground if ground.mean() >= LEAST_SHARE else None


def _photo_part(analysis: Analysis) -> NDArray[np.bool_]:
    columns, rows = analysis.region.from_face(analysis.face)
    return np.asarray((np.abs(columns) < BESIDE)[None, :] & (rows > -ABOVE)[:, None], np.bool_)
