"""Photographed people: a portrait with a plain backdrop, cut out and set in front of the booth's camera.

A photograph can be moved, brought nearer, tilted (the head about the neck) and lit from one side. A head that was held
at a slant is levelled first, as a person would do when asked. A photograph cannot turn, nod, blink or speak: these
parts of a pose are ignored, and the truth shows them at rest. The booth's own vision finds the face, once, in the whole
portrait.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.face.find import FaceFinder
from kiosk.vision.face.landmarks import CHIN, OVAL
from kiosk.vision.models import models_folder
from kiosk.vision.pixels import bands
from sim.people.cache import PersonCache
from sim.people.cutout import Cutout, cut_out, lengthened
from sim.people.drawn import Layer
from sim.people.mesh import Floats
from sim.people.pose import FACE_WIDTH_CM, Light, Pose, Truth

PICTURES = (".jpg", ".jpeg", ".png")
SMILING = 0.5  # if a pose smiles at least this much, the smiling portrait is shown

_CHEST_CM = 39.0
"""How far below the eyes the person is shown; at the seat's distance the camera sees no lower place."""
_LEVEL_DEG = 0.5  # a head is levelled only if its pupils are off level by more than this
_REFERENCE = Light()


@dataclass(frozen=True)
class _Face:
    """Where the face lies in a portrait, in pixels."""

    pupils: Floats
    chin: float
    sides: tuple[float, float]
    oval: Floats

    @property
    def width(self) -> float:
        return self.sides[1] - self.sides[0]

    @property
    def held_deg(self) -> float:
        """How far the line of the pupils was off level, in degrees; positive if the right pupil was lower; 0 if the
        difference is too small to be seen."""
        across = self.pupils[1] - self.pupils[0]
        held = float(np.degrees(np.arctan2(across[1], across[0])))
        return held if abs(held) > _LEVEL_DEG else 0.0


class PhotographedPerson:
    """The person of one portrait. The portrait is read, and the person found and cut out, at the first use.

    `smiling`: another portrait of the same person, shown in the place of this one while the pose smiles.
    """

    def __init__(self, path: Path, smiling: Path | None = None) -> None:
        self.path = path
        self._smiling = None if smiling is None else PhotographedPerson(smiling)
        self._cache = PersonCache()

    def __repr__(self) -> str:
        return f"PhotographedPerson({self.path.name})"

    @property
    def _rgb(self) -> NDArray[np.uint8]:
        return self._cache.get("portrait", self._read)

    def _read(self) -> NDArray[np.uint8]:
        data = np.frombuffer(self.path.read_bytes(), np.uint8)
        read = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB) if len(data) else None
        if read is None:
            raise ValueError(f"{self.path.name} is not a picture: give a .jpg or .png that an image viewer opens")
        return np.asarray(read, np.uint8)

    @cached_property
    def _face(self) -> _Face:
        face = FaceFinder(models_folder()).find(self._rgb).face
        if face is None:
            raise ValueError(f"{self.path.name}: no face found; give a frontal portrait")
        pupils = np.array([face.eye_l.pupil[:2], face.eye_r.pupil[:2]], np.float32)
        oval = np.asarray(face.mesh[list(OVAL), :2], np.float32)
        return _Face(pupils, float(face.mesh[CHIN, 1]), face.sides, oval)

    @property
    def _cutout(self) -> Cutout:
        return self._cache.get("cutout", self._cut)

    def _cut(self) -> Cutout:
        inside = np.zeros(self._rgb.shape[:2], np.uint8)
        cv2.fillPoly(inside, [self._face.oval.round().astype(np.int32)], 1)
        face = self._face
        try:
            person = cut_out(self._rgb, inside > 0, face.width)
        except ValueError as fault:
            raise ValueError(f"{self.path.name}: {fault}") from fault
        chest_px = _CHEST_CM / FACE_WIDTH_CM * face.width
        return lengthened(person, round(float(face.pupils[:, 1].mean()) + chest_px) - person.alpha.shape[0])

    def layer(self, pose: Pose, light: Light, px_per_cm: float) -> Layer:
        """The person, lit, and tilted by the pose's roll, at a scale that holds at the reference distance."""
        if self._smiling is not None and pose.smile >= SMILING:
            return self._smiling.layer(pose, light, px_per_cm)
        roll = round(pose.roll_deg * 2) / 2 + 0.0
        key = (roll, light, px_per_cm)
        return self._cache.get(key, lambda: self._made(roll, light, px_per_cm))

    def _made(self, roll: float, light: Light, px_per_cm: float) -> Layer:
        face = self._face
        scale = px_per_cm * FACE_WIDTH_CM / face.width
        rgb = _lit(self._cutout.rgb, light, face)
        alpha = self._cutout.alpha
        premultiplied = np.asarray(cv2.multiply(rgb, cv2.merge([alpha] * 3), scale=1 / 255), np.uint8)
        rgba = np.dstack([premultiplied, alpha])
        size = (max(1, round(rgba.shape[1] * scale)), max(1, round(rgba.shape[0] * scale)))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        rgba = np.asarray(cv2.resize(rgba, size, interpolation=way), np.uint8)
        # Places are pixel centres: in both pictures the middle of the first pixel is half a pixel from the edge.
        pupils, chin = (face.pupils + 0.5) * scale - 0.5, (face.chin + 0.5) * scale - 0.5
        left, right = ((side + 0.5) * scale - 0.5 for side in face.sides)
        middle = pupils.mean(0)
        turned = roll - face.held_deg
        if turned:
            pivot = np.array([middle[0], chin + 0.1 * (chin - middle[1])])
            rgba = _tilted(rgba, pivot, turned, chin, px_per_cm)
            turn = _turn(turned)
            pupils = (pupils - pivot) @ turn.T + pivot
        rows = np.flatnonzero((rgba[..., 3] >= 128).sum(1) >= 3)
        truth = Truth(
            pupils=((float(pupils[0, 0]), float(pupils[0, 1])), (float(pupils[1, 0]), float(pupils[1, 1]))),
            hair_top=float(rows[0]) if len(rows) else 0.0,
            chin=float(chin),
            face_l=float(left),
            face_r=float(right),
            pose=Pose(roll_deg=roll),
            measured=True,
        )
        return Layer(np.asarray(rgba, np.uint8), (float(middle[0]), float(middle[1])), px_per_cm, truth)


def _turn(roll_deg: float) -> Floats:
    cos, sin = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
    return np.array([[cos, -sin], [sin, cos]], np.float32)


def _tilted(rgba: NDArray[np.uint8], pivot: Floats, roll: float, chin: float, px_per_cm: float) -> NDArray[np.uint8]:
    """Tilt the head about the neck; the tilt fades out below the chin, and the shoulders stay."""
    h, w = rgba.shape[:2]
    out = np.empty_like(rgba)
    for rows in bands(h):
        out[rows] = cv2.remap(rgba, *_from(range(h)[rows], w, pivot, roll, chin, px_per_cm), cv2.INTER_LINEAR)
    return out


def _from(rows: range, width: int, pivot: Floats, roll: float, chin: float, px_per_cm: float) -> tuple[Floats, Floats]:
    """Where the pixels in some rows of the tilted picture come from: columns and rows (h, w)."""
    y, x = np.mgrid[rows.start : rows.stop, :width].astype(np.float32)
    below = np.clip((y - chin + 3 * px_per_cm) / (6 * px_per_cm), 0, 1)
    beside = np.clip((np.abs(x - pivot[0]) - 6 * px_per_cm) / (5 * px_per_cm), 0, 1)
    share = np.clip(1 - (y - chin) / (6 * px_per_cm), 0, 1) * (1 - below * beside)
    angle = np.radians(roll) * share * share * (3 - 2 * share)
    cos, sin = np.cos(angle), np.sin(angle)
    dx, dy = x - pivot[0], y - pivot[1]
    from_x, from_y = pivot[0] + cos * dx + sin * dy, pivot[1] - sin * dx + cos * dy
    return from_x.astype(np.float32), from_y.astype(np.float32)


def _lit(rgb: NDArray[np.uint8], light: Light, face: _Face) -> NDArray[np.uint8]:
    """The portrait in the booth's `light`. The computation assumes that the portrait was taken in the reference light,
    and that a face is round."""
    if light == _REFERENCE:
        return rgb
    middle = sum(face.sides) / 2
    across = np.clip((np.arange(rgb.shape[1]) - middle) / (0.62 * face.width), -1, 1)

    def level(one: Light) -> Floats:
        left, right = (np.clip(0.64 * (1 + 0.75 * side * across), 0, None) for side in (-1, 1))
        return np.asarray(one.left * left + one.right * right + 1.1 * one.ambient + 0.12 * (one.left + one.right))

    gain = (level(light) / level(_REFERENCE)) ** (1 / 2.2)
    out = np.empty_like(rgb)
    for rows in bands(len(rgb)):
        out[rows] = np.clip(rgb[rows] * gain[None, :, None] + 0.5, 0, 255).astype(np.uint8)
    return out


def photographed(path: Path, smiling: Path | None = None) -> PhotographedPerson:
    """The person of a portrait, and of another portrait in which the person smiles. At the first use, raises ValueError
    for a file that can't be read or shows no face or no plain backdrop."""
    return PhotographedPerson(path, smiling)


def people_in(folder: Path) -> list[PhotographedPerson]:
    """The people of the portraits in a folder, by file name. Raises ValueError if there are none."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES) if folder.is_dir() else []
    if not found:
        raise ValueError(f"{folder} holds no portraits: give a folder with .jpg or .png files")
    return [PhotographedPerson(path) for path in found]
