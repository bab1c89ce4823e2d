"""Finds the person's shadow on the backdrop, and distinguishes it from the person.

A shadow has less light but the same colour: when linear light is multiplied by k, L* + 16, a* and b* all shrink by the
cube root of k (CIE 1976, above its linear part). So a pixel belongs to a shadow if one factor q explains all three, if
q changes slowly from pixel to pixel (at the edge of hair it changes fast), and if the segmentation does not see the
person there. Along the person's edge, pixels mix the person with a backdrop that is darkened by q, too. So the q of the
shadow is extended a little under that edge.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.pixels import Floats, disc

DARKEST = 0.68
"""The q of the deepest shadow that counts; three tenths of the light are left. Dark hair in front of a light
backdrop is darker."""
# the colour may change this much in a shadow, because lamps and room light do not have exactly the same colour
TURN_DE = 4.0
SLOPE = 0.05
"""How much q may change per pixel (face 120 px wide). On a wall half a metre behind the person, the edge of a shadow is
at least 4 px wide; the edge of hair is 2 px wide."""
WEAVE, WEAVE_PX = 0.015, 7
"""Limits for fine patterns: in a square of `WEAVE_PX` x `WEAVE_PX` pixels, q may deviate from its mean by `WEAVE` on
average. Grain measures 0.01, loose hair 0.03."""
LIKELY = 0.5  # pixels with at least this likelihood of showing the person do not belong to a shadow
THICK = 0.04  # in face widths; a place narrower than twice this is a strand and no shadow
LEAST_SHARE = 0.002  # a shadow that covers a smaller share of the person region is ignored
REACHES = (0.02, 0.1, 0.25)  # how far q is spread step by step, in face widths


def shade(seen: Floats, model: Floats, person: Floats, face_px: float) -> Floats | None:
    """The q (h, w) 0..1 by which `seen` (h, w, 3) is darker than the backdrop `model` (h, w, 3), both L*a*b*; None if
    there is no shadow."""
    q = (seen[..., 0] + 16) / (model[..., 0] + 16)
    turned = cv2.magnitude(seen[..., 1] - q * model[..., 1], seen[..., 2] - q * model[..., 2])
    like = (turned < TURN_DE) & (q > DARKEST) & (q < 1.05) & (person < LIKELY)
    calm = (like & _smooth(q, like)).astype(np.uint8)
    ground = np.asarray(cv2.morphologyEx(calm, cv2.MORPH_OPEN, disc(THICK * face_px)) > 0, np.bool_)
    deep = ground & (q < 0.97)
    if deep.mean() < LEAST_SHARE:
        return None
    return _spread(np.minimum(q, 1), ground, face_px)


def _smooth(q: Floats, like: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where q changes slowly and has no fine pattern. A fine pattern is loose hair: the backdrop between the hairs
    looks as dark as in a shadow."""
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
    """The colours of the backdrop in the shadow."""
    under = model * q[..., None]
    under[..., 0] -= 16 * (1 - q)
    return under


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
