"""Are the shoulders level? The check compares the height of the silhouette at the left and at the right.

Shoulders slope, so heights are compared at equal distances from the middle of the body, in a band that contains neither
neck nor sleeve. The mean difference divided by twice the distance is the tangent of the tilt. The mask gives the height
of every column. A column does not count if long hair reaches down onto the shoulder there, or if the picture ends above
the shoulder. If too few columns are left, the result is "could not tell".
"""

import math

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.analysis import Analysis

NEAR, FAR = 0.62, 1.0
"""The band beside the middle of the body, in face widths: necks end at 0.4, and shoulders are at least 1.1 wide."""
# in face widths; a column in which the silhouette begins above a line this far below the chin shows hair
BELOW_CHIN = 0.06
LEAST_COLUMNS = 0.35  # the height of at least this share of the band must be known on both sides


def shoulders(analysis: Analysis) -> float | None:
    """The tilt of the shoulders in degrees, positive if the one at the picture's right is lower; None if they are not
    seen."""
    unit, middle = analysis.region.face_px, _middle(analysis)
    offsets = np.arange(round(NEAR * unit), round(FAR * unit))
    left, right = (_heights(analysis, middle + side * offsets) for side in (-1, 1))
    visible = ~np.isnan(left) & ~np.isnan(right)
    if not visible.size or visible.mean() < LEAST_COLUMNS:  # there is no column if the face is only a pixel or two wide
        return None
    rise = float(np.median((right - left)[visible] / (2 * offsets[visible])))
    return math.degrees(math.atan(rise))


def _middle(analysis: Analysis) -> int:
    return round(analysis.region.to_region(sum(analysis.face.sides) / 2, 0)[0])


def _heights(analysis: Analysis, columns: NDArray[np.intp]) -> NDArray[np.float64]:
    """The first row of the person in each column; NaN for a column that does not count."""
    mask, region = analysis.matte.mask, analysis.region
    height, width = mask.shape
    inside = (columns >= 0) & (columns < width)
    shown = mask[:, columns.clip(0, width - 1)]
    first: NDArray[np.float64] = shown.argmax(axis=0).astype(np.float64)
    lowest_hair = analysis.matte.chin + BELOW_CHIN * region.face_px
    first[~inside | ~shown.any(axis=0) | (first < lowest_hair) | (first > height - 3)] = np.nan
    return first
