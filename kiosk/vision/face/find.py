"""Finds the face in a still picture of any size, as exactly as the networks can.

The picture is searched at reduced sizes in squares of three sizes: half its shorter side, the shorter side and the
longer side. So faces far from the camera and second faces are found, too. The detector does not find a face that the
picture's edge cuts in half. If the half is joined with its own mirror image, the detector finds it.

The face that counts is the most prominent one: large, central and clear. A face on a poster, or mirrored in a window,
is less clear. The face is fitted several times, each time from a square drawn around the previous fit; the last time it
is also fitted in the mirrored picture. The mean of the plain and the mirrored fit varies less than a single fit, and
mirroring removes the network's preference for one side.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kiosk.ports.frames import Rgb
from kiosk.vision.face.detect import Detection, FaceDetector, tiles, whole
from kiosk.vision.face.face import Face, Observation
from kiosk.vision.face.iris import IrisFinder
from kiosk.vision.face.landmarks import mirror_points
from kiosk.vision.face.mesh import MeshFinder, MeshFit, square_of
from kiosk.vision.face.square import Points, Square
from kiosk.vision.face.track import PRESENT, is_other, outside
from kiosk.vision.pixels import resized

SEARCH_SIDE_PX = 128  # a searched square is reduced for the detector until its side is one to two times this
REFINING_FITS = 2  # this many fits improve the square before the two fits whose mean counts
RIVALS = 3  # at most this many faces are fitted, and the best of them is chosen
RIVAL_SHARE = 0.25  # before fitting, a face with a smaller share of the best face's prominence is no rival
AWAY = 0.5  # for a face in the picture's corner, this share of its area is subtracted; in the middle, nothing
HALF_SURE = 0.7
"""From this score of the detector on, a half joined with its mirror image counts as a face. The limit is high, because
joining makes anything symmetric."""


class FaceFinder:
    """Finds and fits the face of a still picture."""

    def __init__(self, models: Path) -> None:
        self._detector = FaceDetector(models)
        self._meshes = MeshFinder(models)
        self._irises = IrisFinder(models)

    def forget(self) -> None:
        """Remove the last picture from the memory of the networks."""
        for network in (self._detector, self._meshes, self._irises):
            network.forget()

    def find(self, rgb: Rgb, at_ns: int = 0) -> Observation:
        """The most prominent face, and the area share of a second one; without a face, `Observation.face` is None."""
        found = sorted(self._detections(rgb), key=lambda one: _prominence(rgb, one), reverse=True)
        faces: list[tuple[float, Face]] = []
        for detection in found:
            weight = _prominence(rgb, detection)
            if len(faces) == RIVALS or (faces and weight < RIVAL_SHARE * faces[0][0]):
                break
            if all(outside(*detection.middle, face) for _, face in faces):
                face = self._refined(rgb, self._meshes.fit(rgb, detection.square()))
                if face is not None:
                    faces.append((weight, face))
        if not faces:
            return Observation(at_ns, None)
        face = max(faces, key=lambda one: one[0] * _clearness(one[1]))[1]
        return Observation(at_ns, face, self._share_of_others(rgb, face, found))

    def second_share(self, rgb: Rgb, face: Face) -> float:
        """The area of the largest other face in the picture divided by that of `face`; 0.0 if there is no other."""
        return self._share_of_others(rgb, face, self._detections(rgb))

    def refit(self, rgb: Rgb, near: Points) -> Face | None:
        """The face near a mesh (468, 3) that is known from another frame of the burst; None if it is not there any
        more."""
        return self._refined(rgb, self._meshes.fit(rgb, square_of(near)))

    def _detections(self, rgb: Rgb) -> list[Detection]:
        shorter, longer = sorted(rgb.shape[:2])
        found, small, factor = [], rgb, 1
        # The squares get larger and larger; for each size the picture that is already reduced is reduced further.
        for side in (shorter / 2, shorter, longer):
            more = max(1, int(side / factor / SEARCH_SIDE_PX))
            small, factor = _reduced(small, more), factor * more
            squares = [whole(small)] if side == longer else tiles(small, side / factor)
            found += [_scaled(one, factor) for square in squares for one in self._detector.find(small, square)]
        return found

    def _share_of_others(self, rgb: Rgb, face: Face, found: list[Detection]) -> float:
        others = [one.area for one in found if is_other(self._meshes, rgb, one, face)]
        return max([*others, *self._halves(rgb, face)], default=0.0) / face.area

    def _halves(self, rgb: Rgb, face: Face) -> Iterator[float]:
        """The areas of faces that the picture's left or right edge cuts in half; none at an edge that `face` itself
        reaches."""
        factor = max(1, min(rgb.shape[:2]) // (2 * SEARCH_SIDE_PX))
        small = _reduced(rgb, factor)
        height, width = small.shape[:2]
        x0, _, x1, _ = (place / factor for place in face.box)
        for strip, near in ((small[:, : width // 2], x0 <= 0), (small[:, width - width // 2 :][:, ::-1], x1 >= width)):
            if near:
                continue
            joined = np.ascontiguousarray(np.concatenate([strip[:, ::-1], strip], axis=1))
            middle = joined.shape[1] / 2 - 0.5
            for square in _down_the_middle(middle, height):
                for half in self._detector.find(joined, square):
                    central = abs(half.middle[0] - middle) < math.sqrt(half.area) / 4
                    if half.score >= HALF_SURE and central and self._is_face(joined, half):
                        yield half.area / 2 * factor**2

    def _is_face(self, rgb: Rgb, detection: Detection) -> bool:
        fit = self._meshes.fit(rgb, detection.square())
        return fit.score >= PRESENT and self._meshes.fit(rgb, square_of(fit.points)).score >= PRESENT

    def _refined(self, rgb: Rgb, fit: MeshFit) -> Face | None:
        for _ in range(REFINING_FITS):
            if fit.score < PRESENT:
                return None
            fit = self._meshes.fit(rgb, square_of(fit.points))
        mirrored = self._meshes.fit(rgb, square_of(fit.points).flipped())
        if min(fit.score, mirrored.score) < PRESENT:
            return None
        mesh = np.float32(0.5) * (fit.points + mirrored.points[mirror_points()])
        eye_l, eye_r = (self._irises.fit(rgb, mesh, right=right) for right in (False, True))
        return Face(mesh, fit.score, eye_l, eye_r, fit.crop, fit.square)


def _prominence(rgb: Rgb, detection: Detection) -> float:
    """The area of a detection times its score; the further it is from the picture's middle, the more this is
    reduced."""
    height, width = rgb.shape[:2]
    (x, y), reach = detection.middle, math.hypot(width, height) / 2
    return detection.area * detection.score * (1 - AWAY * min(1.0, math.hypot(x - width / 2, y - height / 2) / reach))


def _clearness(face: Face) -> float:
    """The score times the contrast of the face, because glass and paper reduce contrast."""
    return face.score * float(face.crop.std())


def _down_the_middle(x: float, height: int) -> Iterator[Square]:
    """Squares centred on the column `x`; their sides are the picture's height and half of it."""
    yield Square(x, (height - 1) / 2, float(height))
    for place in (0.25, 0.5, 0.75):
        yield Square(x, height * place - 0.5, height / 2)


def _reduced(rgb: Rgb, factor: int) -> Rgb:
    height, width = rgb.shape[0] // factor, rgb.shape[1] // factor
    return rgb if factor == 1 else resized(rgb[: height * factor, : width * factor], width, height)


def _scaled(detection: Detection, factor: int) -> Detection:
    def place(value: float) -> float:
        return (value + 0.5) * factor - 0.5

    x0, y0, x1, y1 = (place(value) for value in detection.box)
    points: Points = ((detection.points + 0.5) * factor - 0.5).astype(np.float32)
    return Detection((x0, y0, x1, y1), points, detection.score)
