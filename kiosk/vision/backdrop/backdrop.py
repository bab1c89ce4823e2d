"""What the picture would show without the person: taken from the plate of the empty booth, or modelled from the
surroundings.

Without a plate the backdrop is a smooth surface of colour. It is fitted to the pixels that surely do not show the
person, and to other pixels whose colour agrees with theirs. A pixel surely does not show the person if the segmentation
says so and if it keeps some distance from the person. With a plate, the smooth surface is fitted to the change of light
since the plate was taken; the plate itself shows whatever hangs on the wall. The remaining difference in the pixels
that surely show backdrop tells how plain the backdrop is, or whether the plate still matches the wall. A plate that
does not match is not used. The person's own shadow also belongs to the backdrop.
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.backdrop.empty_backdrop import EmptyBackdrop
from kiosk.vision.backdrop.person_region import PersonRegion
from kiosk.vision.backdrop.shadow import shade, shaded
from kiosk.vision.backdrop.surface import Rounds, fitted
from kiosk.vision.pixels import Floats, lab

WALL: Rounds = ((2, 4), (3, 4))
LIGHT_SINCE: Rounds = ((1, 3), (2, 3))
"""How the smooth surface is fitted: to the wall (no plate), and to the change of light since the plate was taken."""
ROOM = 0.15  # in face widths; a pixel nearer to the person than this does not surely show the backdrop
PLAIN_DE = 4.0
"""The backdrop is plain if three quarters of its pixels lie within this dE of the model. Studio backdrops measure 0.3,
a crumpled cloth 2, a room 10 and more."""
LIKELY = 0.5  # pixels with at least this likelihood of showing the person take no part in the fit
LEAST_SHARE = 0.05  # a model is made only if at least this share of the pixels surely shows backdrop
EDGE_DE, EDGE_PX = 15.0, 5
"""If a plate's colour changes by this much within a square with sides of this many pixels, the plate shows the edge of
a thing there, such as a seam, a poster or a switch."""
IN_PLACE_DE = 14.0
"""Camera and things are still in place if three quarters of the pixels around the edges of things lie within this dE of
the model. While nothing has moved, they lie within 9 (plate and picture are not equally sharp). If the camera was moved
by one hundredth of a face's width, this dE is 23 and more."""
LEAST_EDGES = 0.003  # if a smaller share of the sure pixels lies at edges of things, a moved camera does no harm


@dataclass(frozen=True, slots=True)
class Backdrop:
    """All arrays are (h, w, ...) and cover the person region; colours are L*a*b*. `seen`: the picture. `lit`: the
    backdrop without the person's shadow; `lab`: the backdrop with it. `difference`: dE of the picture from `lab`.
    `sure`: pixels that show backdrop according to the segmentation; `noise`: the usual dE of these pixels from the
    model. `plain`: whether the model fits. `empty`: the plate, if there is one for this picture; `empty_holds`: whether
    the model was made from the plate."""

    seen: Floats
    lit: Floats
    lab: Floats
    difference: Floats
    sure: NDArray[np.bool_]
    noise: float
    plain: bool
    empty: Floats | None = None
    empty_holds: bool = False


def estimate(region: PersonRegion, person: Floats, empty: EmptyBackdrop | None = None) -> Backdrop:
    """Model the backdrop of a person region, given the likelihood `person` (h, w) that a pixel shows the person."""
    seen, sure = lab(region.rgb), _surely_not(person, region.face_px)
    if sure.mean() < LEAST_SHARE:
        flat = np.broadcast_to(np.array([80, 0, 0], np.float32), seen.shape).copy()
        return Backdrop(seen, flat, flat, _distance(seen, flat), sure, 10.0, plain=False)
    behind = None if empty is None else empty.behind(region, sure)
    model, noise, holds = _modelled(seen, sure, person > LIKELY, behind)
    plain = holds or _near(seen, model, sure)
    q = shade(seen, model, person, region.face_px) if plain else None
    under = model if q is None else shaded(model, q)
    return Backdrop(seen, model, under, _distance(seen, under), sure, noise, plain, behind, holds)


def _modelled(
    seen: Floats, sure: NDArray[np.bool_], doubtful: NDArray[np.bool_], empty: Floats | None
) -> tuple[Floats, float, bool]:
    """The backdrop's colours, the usual dE of the sure pixels from them, and whether they were made from the plate."""
    if empty is not None:
        since, noise = fitted(seen - empty, sure, doubtful, LIGHT_SINCE)
        if _near(seen, empty + since, sure) and _in_place(seen, empty + since, sure, empty):
            return empty + since, noise, True
    model, noise = fitted(seen, sure, doubtful, WALL)
    return model, noise, False


def _in_place(seen: Floats, model: Floats, sure: NDArray[np.bool_], empty: Floats) -> bool:
    """Whether the things on the wall are still where the plate shows them. If a camera was moved a little, most of a
    wall looks as before, but around the edges of things half of the pixels change."""
    steps = cv2.morphologyEx(empty, cv2.MORPH_GRADIENT, np.ones((EDGE_PX, EDGE_PX), np.uint8))
    edges = np.asarray(sure & (np.linalg.norm(steps, axis=2) > EDGE_DE), np.bool_)
    return edges.sum() < LEAST_EDGES * sure.sum() or _near(seen, model, edges, IN_PLACE_DE)


def _near(seen: Floats, model: Floats, where: NDArray[np.bool_], within: float = PLAIN_DE) -> bool:
    return float(np.percentile(_distance(seen, model)[where], 75)) <= within


def _distance(one: Floats, other: Floats) -> Floats:
    apart = cv2.magnitude(one[..., 1] - other[..., 1], one[..., 2] - other[..., 2])
    return cast("Floats", cv2.magnitude(apart, one[..., 0] - other[..., 0]))


def _surely_not(person: Floats, face_px: float) -> NDArray[np.bool_]:
    side = 2 * max(1, round(ROOM * face_px)) + 1
    near = cv2.dilate((person > 0.3).astype(np.uint8), np.ones((side, side), np.uint8))
    return np.asarray((near == 0) & (person < 0.1), np.bool_)
