"""Moves the 468 control points: once by the person's traits, and for every picture by the expression."""

import numpy as np

from kiosk.vision.face.landmarks import EYE_L_CORNERS
from sim.people.canvas import ramp
from sim.people.face import (
    CREASE_L,
    EYE_LOWER_L,
    EYE_UPPER_L,
    LIPS_INNER,
    LIPS_LOWER,
    mean_mesh,
)
from sim.people.mesh import Floats
from sim.people.pose import Pose
from sim.people.traits import Traits

_JAW_HINGE = np.array([0.0, 0.22, 0.62], np.float32)
_WIDEST_JAW_RAD = 0.27
_LIPS_FULL = ((183, 96), (42, 89), (41, 179), (38, 86), (12, 15))
"""Pairs of points of the third ring of the lips, which is next to the seam: an upper and a lower point. The pairs are
those of the picture's left half and of the middle."""
_CORNER = 291  # the mouth's corner at the picture's right
_LID_GOES_UP, _LID_GOES_DOWN = 0.25, 0.25
"""How far the upper lid follows a gaze of 1 up or down, as a share of the opening, so that it stays over the iris."""
_LOWER_LID_GOES_DOWN = 0.016
"""How far the lower lid follows a gaze of 1 downwards, in units."""
_FULLNESS = 0.5
"""How far the ring `_LIPS_FULL` closes. In the mean measured face the lips are apart; without this, closed lips would
have a shadow between them."""


def _near(points: Floats, centre: tuple[float, float], radius: tuple[float, float]) -> Floats:
    """How much each point belongs to a soft oval in the front view and to its mirror image: (n, 1), 0..1."""
    dx = (np.abs(points[:, 0]) - centre[0]) / radius[0]
    dy = (points[:, 1] - centre[1]) / radius[1]
    return np.asarray(np.exp(-(dx**2 + dy**2))[:, None], np.float32)


def shaped(traits: Traits) -> Floats:
    """The control points (468, 3) of a person at rest: eyes open, mouth closed."""
    p = mean_mesh().points.copy()
    y = p[:, 1]
    p[:, 0] *= 1 + (traits.cheek_width - 1) * ramp(y, -0.5, 0.1) + (traits.jaw_width - 1) * ramp(y, 0.45, 1.1)
    p[:, 1] = y * (1 + (traits.face_length - 1) * ramp(y, 0.1, 0.9)) + traits.chin_length * ramp(y, 0.75, 1.2)
    nose = _near(p, (0.0, 0.4), (0.2, 0.16))
    p[:, 0:1] *= 1 + (traits.nose_width - 1) * nose
    p[:, 1:2] *= 1 + (traits.nose_length - 1) * _near(p, (0.0, 0.42), (0.22, 0.14))
    eye = _near(p, (0.347, -0.005), (0.17, 0.085))
    p[:, 1:2] = -0.005 + (p[:, 1:2] + 0.005) * (1 + (traits.eye_size - 1) * 1.2 * eye)
    slope = (np.abs(p[:, 0:1]) - 0.347) / 0.15
    p[:, 1:2] -= traits.eye_tilt * np.clip(slope, -1.5, 1.5) * _near(p, (0.347, 0.0), (0.25, 0.12))
    lips = _near(p, (0.0, 0.735), (0.3, 0.12))
    p[:, 1:2] = 0.735 + (p[:, 1:2] - 0.735) * (1 + (traits.lip_fullness - 1) * lips)
    p[:, 0:1] *= 1 + (traits.mouth_width - 1) * _near(p, (0.0, 0.735), (0.4, 0.15))
    if traits.crease < 1:
        _single_lids(p, 1 - traits.crease)
    p[:, 1:2] += traits.corners_low * _near(p, (float(p[_CORNER, 0]), float(p[_CORNER, 1])), (0.12, 0.1))
    return p


def _single_lids(p: Floats, amount: float) -> None:
    """Fill the fold above the lids: the skin runs straight from brow to lashes and covers a part of the opening."""
    twin = mean_mesh().twin
    for left in (True, False):
        crease, upper = (list(k) if left else list(twin[list(k)]) for k in (CREASE_L, EYE_UPPER_L))
        p[crease] += amount * np.array([0.0, 0.004, -0.022], np.float32)
        p[upper] += amount * np.array([0.0, 0.012, -0.006], np.float32)


def moved(rest: Floats, pose: Pose) -> Floats:
    """The control points with the lids, the brows, the mouth and the smile of a pose. A gaze up or down moves the lids,
    too."""
    p = rest.copy()
    if pose.smile:
        _smile(p, pose.smile)
    if pose.brows:
        _brows(p, pose.brows)
    _mouth(p, pose.mouth)
    if pose.eyelids < 1 or pose.gaze_y:
        sunk, raised = max(pose.gaze_y, 0.0), max(-pose.gaze_y, 0.0)
        _lids(p, max(0.0, pose.eyelids - _LID_GOES_DOWN * sunk) + pose.eyelids * _LID_GOES_UP * raised)
        _lower_lids(p, sunk)
    return p


def _smile(p: Floats, amount: float) -> None:
    corner = _near(p, (0.27, 0.74), (0.16, 0.13)) * amount
    side = np.sign(p[:, 0:1]) * np.minimum(np.abs(p[:, 0:1]) / 0.1, 1)
    p += corner * np.concatenate([side * 0.105, np.full_like(side, -0.095), np.full_like(side, 0.05)], 1)
    cheek = _near(p, (0.42, 0.38), (0.18, 0.16)) * amount
    p += cheek * np.array([0.0, -0.03, -0.035], np.float32)
    lower_lid = _near(p, (0.35, 0.07), (0.16, 0.05)) * amount
    p[:, 1:2] -= lower_lid * 0.012


def _brows(p: Floats, amount: float) -> None:
    """Raise both brows and the skin over them, or draw their inner ends down and together."""
    if amount > 0:
        p[:, 1:2] -= amount * 0.085 * _near(p, (0.38, -0.27), (0.34, 0.13))
        return
    inner = -amount * _near(p, (0.14, -0.2), (0.15, 0.11))
    side = np.sign(p[:, 0:1]) * np.minimum(np.abs(p[:, 0:1]) / 0.05, 1)
    p += inner * np.concatenate([-side * 0.034, np.full_like(side, 0.055), np.full_like(side, -0.012)], 1)
    p[:, 1:2] += -amount * 0.03 * _near(p, (0.34, -0.2), (0.2, 0.08))


def _mouth(p: Floats, amount: float) -> None:
    """Close the thin gap of the measured lips, then turn the jaw down about its hinge."""
    upper, lower = LIPS_INNER[1:10], tuple(reversed(LIPS_INNER[11:]))
    for u, d in zip(upper, lower, strict=True):
        p[u] = p[d] = (p[u] + p[d]) / 2 + np.array([0, 0, 0.008])
    twin = mean_mesh().twin
    mirrored = [(int(twin[u]), int(twin[d])) for u, d in _LIPS_FULL[:-1]]
    for u, d in (*_LIPS_FULL, *mirrored):
        seam = (p[u] + p[d]) / 2
        p[u, 1:] += (seam - p[u])[1:] * _FULLNESS
        p[d, 1:] += (seam - p[d])[1:] * _FULLNESS
    if not amount:
        return
    jaw = ramp(p[:, 1], 0.80, 0.98) * (1 - 0.55 * ramp(np.abs(p[:, 0]), 0.35, 0.75))
    jaw[list(LIPS_LOWER)] = 1.0
    corner = np.exp(-(((np.abs(p[:, 0]) - 0.27) / 0.06) ** 2 + ((p[:, 1] - 0.74) / 0.05) ** 2))
    jaw *= 1 - 0.5 * corner
    angle = (jaw * amount * _WIDEST_JAW_RAD).astype(np.float32)
    rel = p - _JAW_HINGE
    sin, cos = np.sin(angle), np.cos(angle)
    p[:, 1] = _JAW_HINGE[1] + rel[:, 1] * cos - rel[:, 2] * sin
    p[:, 2] = _JAW_HINGE[2] + rel[:, 1] * sin + rel[:, 2] * cos


def _lower_lids(p: Floats, sunk: float) -> None:
    """Move the lower lids down with a downward gaze of `sunk`; their middle moves most."""
    twin = mean_mesh().twin
    least = np.sin(np.linspace(0.35, np.pi - 0.35, len(EYE_LOWER_L)))
    for lower in (list(EYE_LOWER_L), list(twin[list(EYE_LOWER_L)])):
        p[lower, 1] += (_LOWER_LID_GOES_DOWN * sunk * least).astype(np.float32)


def _lids(p: Floats, openness: float) -> None:
    """Draw the upper lid down over the eye towards the lower lid or, with `openness` above 1, up. The crease follows a
    little."""
    twin = mean_mesh().twin
    shut = 1 - openness
    bent = max(shut, 0.0)
    corners = list(EYE_L_CORNERS)
    for left in (True, False):
        upper, lower = (list(k) if left else list(twin[list(k)]) for k in (EYE_UPPER_L, EYE_LOWER_L))
        crease = list(CREASE_L) if left else list(twin[list(CREASE_L)])
        ends = corners if left else list(twin[corners])
        line = p[lower] + (0, -0.006, -0.012)
        gap = line - p[upper]
        bulge = np.sin(np.linspace(0.25, np.pi - 0.25, len(upper)))[:, None] * np.array([0, 0, -0.035])
        p[crease] += gap * 0.42 * shut
        p[upper] += gap * shut + bulge * (bent * (1 - bent) * 2 + bent * 0.2)
        p[lower] += np.array([0, -0.006, 0]) * bent
        p[ends] += np.array([0, 0.004, 0]) * bent
