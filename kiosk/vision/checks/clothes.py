"""Judges the top: is it white, and does it stand out from the background?

Cloth is the part of the mask below the chin, on both sides. Pixels with the colour of the person's own skin (the neck)
or hair (long hair on the shoulders) do not count as cloth. Skin is recognised in shade, too, because shade keeps its
hue (see `kiosk.vision.backdrop.shadow`). If nearly all of a side has the hair's colour, that side is a dark top. Both
sides must pass, so the side that is less white counts; a single broken lamp darkens only one side.

- Whiteness is one number, L* minus chroma: cloth of L* 70 with chroma 12 reaches 58, and cloth that is greyer or has
  more colour reaches less. A low quantile of the pixels counts, so that striped and chequered cloth is judged by its
  coloured part.
- Contrast is the distance in L*a*b* (dE) between the cloth just inside the silhouette and the background beside it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.analysis import Analysis
from kiosk.vision.checks.light import cheeks
from kiosk.vision.pixels import Floats, eroded, lab

BELOW_CHIN = 0.15  # how far below the chin cloth begins, in face widths
BESIDE = 0.22  # distance from the face's middle at which cloth begins, in face widths
INSIDE = 0.04  # distance from the silhouette at which cloth begins, in face widths
RIM = 0.12  # the width of the rim whose contrast counts, in face widths
SKIN_DE, HAIR_DE = 9.0, 16.0
"""A pixel is no cloth if it is nearer than this (dE) to the colour of the person's skin (a* and b* only, as the skin
would look at the pixel's lightness), or to the colour of the person's hair."""
ALL_HAIR = 0.8  # if at least this share of a side has the colour of hair or skin, the side is a top of that colour
# where the colour of the hair is read, in face widths: between these two depths below the top of the hair, and up to
# this far from the face's middle
HAIR_DEPTH, HAIR_BESIDE = (0.04, 0.16), 0.25
LEAST_PX = 60  # with fewer pixels of cloth on a side, or of hair, its colour is not known (face 120 px wide)
LOW = 15  # the percentile of whiteness that counts; folds and the shade under the arm take a smaller part of a side


def top_colour(analysis: Analysis) -> float | None:
    """L* minus chroma of the side that is less white; None if no cloth is seen on either side."""
    white = analysis.backdrop.seen[..., 0] - np.hypot(analysis.backdrop.seen[..., 1], analysis.backdrop.seen[..., 2])
    return _worse([_low(white, side, LOW) for side in _sides(analysis, INSIDE, None)])


def top_contrast(analysis: Analysis, against: Sequence[int] | None = None) -> float | None:
    """The dE between cloth and background along the silhouette, on the side where it is smaller; None without cloth.

    `against`: the colour (sRGB) that the background will have; None: the background of the picture.
    """
    behind = analysis.backdrop.lab if against is None else lab(np.array([[against]], np.uint8))
    apart = np.linalg.norm(analysis.backdrop.seen - behind, axis=2).astype(np.float32)
    return _worse([_low(apart, side, 50) for side in _sides(analysis, INSIDE, RIM)])


def _low(values: Floats, where: NDArray[np.bool_], percentile: float) -> float | None:
    return float(np.percentile(values[where], percentile)) if where.sum() >= LEAST_PX else None


def _worse(sides: list[float | None]) -> float | None:
    return min((value for value in sides if value is not None), default=None)


def _sides(analysis: Analysis, near: float, far: float | None) -> list[NDArray[np.bool_]]:
    """The cloth between two depths inside the silhouette, at the left and at the right of the person region, (h, w)
    each."""
    unit, (columns, rows) = analysis.region.face_px, analysis.region.from_face(analysis.face)
    band = eroded(analysis.matte.mask, near * unit)
    if far is not None:
        band &= ~eroded(analysis.matte.mask, far * unit)
    chin = float(rows[0]) + analysis.matte.chin / unit
    band &= (rows > chin + BELOW_CHIN)[:, None]
    seen, answer = analysis.backdrop.seen, []
    skin, hair = cheeks(analysis.face), _hair(analysis)
    for side in (-1, 1):
        zone = band & (side * columns > BESIDE)[None, :]
        other = np.zeros_like(zone)
        colours = seen[zone]
        bare = _shaded_like(colours, skin) < SKIN_DE
        if hair is not None:
            bare |= np.linalg.norm(colours - hair, axis=1) < HAIR_DE
        other[zone] = bare if bare.sum() < ALL_HAIR * bare.size else False
        answer.append(np.asarray(zone & ~other, np.bool_))
    return answer


def _shaded_like(colours: Floats, tone: Floats) -> Floats:
    """The distance (n,) in a* and b* of each colour from `tone`, after `tone` was scaled to the lightness of that
    colour."""
    q = (colours[:, 0] + 16) / (tone[0] + 16)
    return np.asarray(np.hypot(colours[:, 1] - q * tone[1], colours[:, 2] - q * tone[2]), np.float32)


def _hair(analysis: Analysis) -> Floats | None:
    """The middle colour of the hair on top of the head, L*a*b* (3,); None if there is hardly any hair."""
    columns, _ = analysis.region.from_face(analysis.face)
    unit, top = analysis.region.face_px, analysis.matte.hair_top
    rows = slice(max(0, round(top + HAIR_DEPTH[0] * unit)), max(1, round(top + HAIR_DEPTH[1] * unit)))
    crown = analysis.matte.mask[rows] & (np.abs(columns) < HAIR_BESIDE)[None, :]
    if crown.sum() < LEAST_PX:
        return None
    return np.asarray(np.median(analysis.backdrop.seen[rows][crown], axis=0), np.float32)
