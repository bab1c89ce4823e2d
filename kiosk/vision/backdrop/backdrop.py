"""What the picture would show without the person: from the plate of the empty booth, or modelled from the surroundings.

Without a plate the backdrop is a smooth surface of colour. It is fitted to the pixels that are surely not the person
(by segmentation, with room around the person) and to those that agree with them. With a plate a smooth surface is
fitted to the change of light since the plate was taken; the plate shows whatever hangs on the wall. The difference that
remains in the pixels that are surely backdrop tells how plain the backdrop is, or whether the plate is still right. A
plate that is no longer right is not used. The person's own shadow belongs to the backdrop, too.
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
ROOM = 0.15  # room left around the person, in face widths
PLAIN_DE = 4.0
"""The backdrop is plain when three quarters of its pixels lie within this dE of the model. Studio backdrops measure
0.3, a crumpled cloth 2, a room 10 and more."""
LIKELY = 0.5  # a pixel with this segmentation likelihood or more takes no part in the fit
LEAST_SHARE = 0.05  # share of the pixels that must surely be backdrop for a model to be made
EDGE_DE, EDGE_PX = 15.0, 5
"""Where a plate's colour changes by this much within a square of this many pixels, the plate shows the edge of a thing,
such as a seam, a poster or a switch."""
IN_PLACE_DE = 14.0
"""Around edges that have not moved, three quarters of the pixels differ by 9 at most (plate and picture are not equally
sharp); if the camera was moved by one hundredth of a face's width, they differ by 23 and more."""
LEAST_EDGES = 0.003  # least share of edges in the sure pixels; on a wall with fewer edges a moved plate does no harm


@dataclass(frozen=True, slots=True)
class Backdrop:
    """All arrays are (h, w, ...) and cover the person region; colours are L*a*b*. `seen`: the picture; `lit`: the
    backdrop without the person's shadow, `lab`: with it; `difference`: dE of the picture from `lab`; `sure`: pixels
    that are backdrop by segmentation; `noise`: their usual dE; `plain`: whether the model fits; `empty`: the plate at
    these pixels, if there is one for this picture; `empty_holds`: whether the model was made from the plate."""

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
    """The backdrop's colours, their usual dE, and whether they were made from the plate."""
    if empty is not None:
        since, noise = fitted(seen - empty, sure, doubtful, LIGHT_SINCE)
        if _near(seen, empty + since, sure) and _in_place(seen, empty + since, sure, empty):
            return empty + since, noise, True
    model, noise = fitted(seen, sure, doubtful, WALL)
    return model, noise, False


def _in_place(seen: Floats, model: Floats, sure: NDArray[np.bool_], empty: Floats) -> bool:
    """Whether the things on the wall are where the plate shows them. When a camera is moved a little, most of a wall
    looks as before, but around the edges of things half of the pixels change."""
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
