"""Compares the measured geometry, and the crop made from it, with positions placed by hand. By the labels a photo is
legal if the crop that the booth would make, applied to the positions placed by hand, is within the photo's limits. Four
pixels of tolerance are allowed, because the labels are only exact to some pixels.
"""

import math

from bench.accuracy.faces import Marks
from kiosk.vision.analysis import Analysis, crop_of
from rules.photo import CropRefused, FaceGeometry
from rules.spec import PhotoSpec

GRACE_PX = 4.0


def against(analysis: Analysis, marks: Marks, spec: PhotoSpec) -> dict[str, float]:
    """The figures of one portrait, by name. `legal` and `refused` are 0 or 1. `pupil_error` is the mean error as a
    share of the distance between the pupils. The errors of hair top, width and chin are in pixels of the photo (640
    high). The error of the hair top is left out if the portrait's edge cuts off the hair.
    """
    found = analysis.geometry
    true = FaceGeometry(
        pupil_l=_edge(marks.pupil_l),
        pupil_r=_edge(marks.pupil_r),
        hair_top=marks.hair_top + 0.5,
        chin=marks.chin + 0.5,
        face_l=marks.face_l + 0.5,
        face_r=marks.face_r + 0.5,
    )
    apart = math.dist(true.pupil_l, true.pupil_r)
    out = {
        "pupil_error": (math.dist(found.pupil_l, true.pupil_l) + math.dist(found.pupil_r, true.pupil_r)) / 2 / apart,
        "refused": 0.0,
    }
    crop = crop_of(analysis, spec)
    scale = spec.aim_face_width_px / (true.face_r - true.face_l)
    if isinstance(crop, CropRefused):
        out |= {"refused": 1.0, "legal": 0.0}
    else:
        placed = crop.place(true)
        out["legal"] = float(not _broken(placed, spec))
        scale = (placed.face_r - placed.face_l) / (true.face_r - true.face_l)
    if marks.hair_top > 0:
        out["hair_top_px"] = (found.hair_top - true.hair_top) * scale
    out["chin_px"] = (found.chin - true.chin) * scale
    out["width_px"] = ((found.face_r - found.face_l) - (true.face_r - true.face_l)) * scale
    return out


def _edge(place: tuple[float, float]) -> tuple[float, float]:
    return place[0] + 0.5, place[1] + 0.5


def _broken(placed: FaceGeometry, spec: PhotoSpec) -> list[str]:
    """The limits that the labelled positions in the photo exceed by more than the tolerance."""
    eyes = (placed.pupil_l[1] + placed.pupil_r[1]) / 2
    middles = ((placed.pupil_l[0] + placed.pupil_r[0]) / 2, (placed.face_l + placed.face_r) / 2)
    width = placed.face_r - placed.face_l
    off = {
        "hair top": _outside(placed.hair_top, spec.hair_top_px.min, spec.hair_top_px.max),
        "eyes": _outside(eyes, spec.eyes_px.min, spec.eyes_px.max),
        "width": _outside(width, spec.face_width_px.min, spec.face_width_px.max),
        "centre": max(abs(x - spec.width_px / 2) for x in middles) - spec.centre_tolerance_px,
    }
    return [name for name, by in off.items() if by > GRACE_PX]


def _outside(value: float, low: float, high: float) -> float:
    return max(low - value, value - high)
