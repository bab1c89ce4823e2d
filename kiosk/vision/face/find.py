"""Finding the face in a still picture of any size, as exactly as the networks can.

The picture is searched at reduced sizes by squares as large as half its shorter side, as that side, and as all of it:
so faces far from the camera and second faces are found, too. The largest face is then fitted several times, from
squares drawn around the fit before, plain and mirrored; the mean of the fits is quieter than one of them, and
mirroring removes the network's one-sidedness.
"""

from pathlib import Path

import numpy as np

from kiosk.ports.frames import Rgb
from kiosk.vision.face.detect import Detection, FaceDetector, tiles, whole
from kiosk.vision.face.face import Face, Observation
from kiosk.vision.face.iris import IrisFinder
from kiosk.vision.face.landmarks import twins
from kiosk.vision.face.mesh import MeshFinder, MeshFit, square_of
from kiosk.vision.face.square import Points
from kiosk.vision.face.track import PRESENT, is_other
from kiosk.vision.pixels import resized

SEARCH_SIDE_PX = 128  # a searched square is reduced to once or twice this, which the detector sees
SETTLING_FITS = 2  # fits before the ones that count


class FaceFinder:
    """Finds and fits the face of a still picture."""

    def __init__(self, models: Path) -> None:
        self._detector = FaceDetector(models)
        self._meshes = MeshFinder(models)
        self._irises = IrisFinder(models)

    def find(self, rgb: Rgb, at_ns: int = 0) -> Observation:
        """The largest face of the picture and the share of a second one; no face: `Observation.face` is None."""
        found = self._detections(rgb)
        for detection in sorted(found, key=lambda one: one.area, reverse=True):
            face = self._fitted(rgb, detection)
            if face is not None:
                return Observation(at_ns, face, self._share_of_others(rgb, face, found))
        return Observation(at_ns, None)

    def second_share(self, rgb: Rgb, face: Face) -> float:
        """Area of the largest other face in the picture over that of `face`; 0.0 when there is no other."""
        return self._share_of_others(rgb, face, self._detections(rgb))

    def refit(self, rgb: Rgb, near: Points) -> Face | None:
        """The face near a mesh (468, 3) known from elsewhere (another frame of the burst); None when it is gone."""
        return self._settled(rgb, self._meshes.fit(rgb, square_of(near)))

    def _detections(self, rgb: Rgb) -> list[Detection]:
        shorter, longer = sorted(rgb.shape[:2])
        found, small, factor = [], rgb, 1
        for side in (shorter / 2, shorter, longer):  # ever larger squares, each size from the reduction before
            more = max(1, int(side / factor / SEARCH_SIDE_PX))
            small, factor = _reduced(small, more), factor * more
            squares = [whole(small)] if side == longer else tiles(small, side / factor)
            found += [_scaled(one, factor) for square in squares for one in self._detector.find(small, square)]
        return found

    def _share_of_others(self, rgb: Rgb, face: Face, found: list[Detection]) -> float:
        others = [one.area for one in found if is_other(self._meshes, rgb, one, face)]
        return max(others, default=0.0) / face.area

    def _fitted(self, rgb: Rgb, detection: Detection) -> Face | None:
        return self._settled(rgb, self._meshes.fit(rgb, detection.square()))

    def _settled(self, rgb: Rgb, fit: MeshFit) -> Face | None:
        for _ in range(SETTLING_FITS):
            if fit.score < PRESENT:
                return None
            fit = self._meshes.fit(rgb, square_of(fit.points))
        mirrored = self._meshes.fit(rgb, square_of(fit.points).flipped())
        if min(fit.score, mirrored.score) < PRESENT:
            return None
        mesh = np.float32(0.5) * (fit.points + mirrored.points[twins()])
        eye_l, eye_r = (self._irises.fit(rgb, mesh, right=right) for right in (False, True))
        return Face(mesh, fit.score, eye_l, eye_r, fit.crop, fit.square)


def _reduced(rgb: Rgb, factor: int) -> Rgb:
    height, width = rgb.shape[0] // factor, rgb.shape[1] // factor
    return rgb if factor == 1 else resized(rgb[: height * factor, : width * factor], width, height)


def _scaled(detection: Detection, factor: int) -> Detection:
    def place(value: float) -> float:
        return (value + 0.5) * factor - 0.5

    x0, y0, x1, y1 = (place(value) for value in detection.box)
    points: Points = ((detection.points + 0.5) * factor - 0.5).astype(np.float32)
    return Detection((x0, y0, x1, y1), points, detection.score)
