"""The person's shadow on the backdrop, distinguished from the person.

A shadow has less light but the same colour: when linear light is multiplied by k, L* + 16, a* and b* all shrink by the
cube root of k (CIE 1976, above its linear part). So a pixel is shadow if one factor q explains all three, if q changes
slowly from pixel to pixel (at a hair's edge it changes fast), and if the segmentation does not see the person there.
From such pixels q is extended a little under the person's edge; the camera really sees the backdrop times q.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.pixels import Floats

DARKEST = 0.68
"""The q of the deepest shadow that counts; it leaves three tenths of the light. Dark hair on a light backdrop is
darker."""
TURN_DE = 4.0  # how far the colour may change in a shadow, because lamps and room light do not have exactly one colour
SLOPE = 0.05
"""Change of q per pixel (face 120 px wide): on a wall half a metre behind the person a shadow's edge is 4 px wide and
more, a hair's edge 2 px."""
WEAVE, WEAVE_PX = 0.015, 7
"""Mean difference of q from the mean in a square of this many pixels: grain measures 0.01, loose hair 0.03."""
LIKELY = 0.5  # a pixel with this segmentation likelihood or more is the person
THICK = 0.04  # a place narrower than twice this, in face widths, is a strand and no shadow
LEAST_SHARE = 0.002  # least share of the person region; a smaller shadow is ignored
REACHES = (0.02, 0.1, 0.25)  # how far q is spread, in face widths


def shade(seen: Floats, model: Floats, person: Floats, face_px: float) -> Floats | None:
    """q (h, w) 0..1 by which `seen` (h, w, 3) is darker than the backdrop `model` (h, w, 3), both L*a*b*; None: no
    shadow."""
    q = (seen[..., 0] + 16) / (model[..., 0] + 16)
    turned = cv2.magnitude(seen[..., 1] - q * model[..., 1], seen[..., 2] - q * model[..., 2])
    like = (turned < TURN_DE) & (q > DARKEST) & (q < 1.05) & (person < LIKELY)
    ground = _opened(like & _smooth(q, like), THICK * face_px)
    deep = ground & (q < 0.97)
    if deep.mean() < LEAST_SHARE:
        return None
    return _spread(np.minimum(q, 1), ground, face_px)


def _smooth(q: Floats, like: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where q changes slowly and has no fine pattern. A fine pattern means loose hair: seen through it, the backdrop is
    as dark as in a shadow."""
    mean = cv2.blur(q, (3, 3))
    slope = cv2.magnitude(
        cv2.Sobel(mean, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(mean, cv2.CV_32F, 0, 1, scale=1 / 8)
    )
    weight = like.astype(np.float32)
    around = (WEAVE_PX, WEAVE_PX)
    share = np.maximum(cv2.blur(weight, around), 1e-6)
    rough = np.abs(q - cv2.blur(q * weight, around) / share) * weight
    woven = cv2.blur(rough, around) / share
    return np.asarray((slope < SLOPE) & (woven < WEAVE), np.bool_)


def shaded(model: Floats, q: Floats) -> Floats:
    """The backdrop under the shadow."""
    under = model * q[..., None]
    under[..., 0] -= 16 * (1 - q)
    return under


def _opened(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    size = 2 * max(1, round(radius)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, disc) > 0, np.bool_)


def _spread(q: Floats, ground: NDArray[np.bool_], face_px: float) -> Floats:
    weight = ground.astype(np.float32)
    answer, covered = np.zeros_like(q), np.zeros_like(q)
    for reach in REACHES:
        size = 2 * max(1, round(reach * face_px)) + 1
        share = cv2.boxFilter(weight, -1, (size, size))
        mean = cv2.boxFilter(q * weight, -1, (size, size)) / np.maximum(share, 1e-6)
        fresh = np.clip(share * 10, 0, 1) * (1 - covered)
        answer += mean * fresh
        covered += fresh
    return np.asarray(answer + (1 - covered), np.float32)
