"""Follows one face through live frames, within what one core can do.

Finding a face takes much time and following it takes little, because the square for the mesh comes from the mesh of the
previous frame. The detector runs only when the mesh's score falls (the face is lost), and twice a second on one half of
the frame, so that another face anywhere in the frame is seen within a second. On three of every seven frames, the eye
network looks at one eye: at the left eye and the right eye in turn. On other frames each eye moves along with the mesh.
"""

from pathlib import Path

import numpy as np

from kiosk.ports.frames import Rgb
from kiosk.vision.face.detect import Detection, FaceDetector, halves, tiles, whole
from kiosk.vision.face.face import CYCLE, EYE_TURNS, Face, Observation
from kiosk.vision.face.iris import EyeFit, IrisFinder
from kiosk.vision.face.landmarks import EYE_L_CORNERS, EYE_R_CORNERS
from kiosk.vision.face.mesh import MeshFinder, MeshFit, square_of
from kiosk.vision.face.square import Points

PRESENT = 0.5  # with a lower score of the mesh the face is lost: MediaPipe's min_tracking_confidence
GLANCE_NS = 430_000_000
"""The time between two searches for other faces. After this time, the next frame on which an eye is looked at is also
searched. Each search covers one half of the frame, so the whole frame is searched once a second."""
LARGER = 1.5  # if another face has this many times the area, it becomes the face that counts


class FaceTracker:
    """Follows the largest face. Use one tracker per stream of frames; call `forget` between people."""

    def __init__(self, models: Path) -> None:
        self._detector = FaceDetector(models)
        self._meshes = MeshFinder(models)
        self._irises = IrisFinder(models)
        self._drop()

    def forget(self) -> None:
        """Drop every track, so that the next frame is treated as the first. Nothing of the last frame stays in the
        networks."""
        for network in (self._detector, self._meshes, self._irises):
            network.forget()
        self._drop()

    def _drop(self) -> None:
        self._face: Face | None = None
        self._turn = self._looks = 0
        self._glanced_ns = 0
        self._glances = 0
        self._others: dict[int, float] = {}  # for each square, the area of the largest other face

    def track(self, rgb: Rgb, at_ns: int) -> Observation:
        """Look at one frame (height, width, 3), exposed at `at_ns`."""
        self._turn += 1
        face = self._follow(rgb, self._face) if self._face is not None else None
        if face is None:
            face = self._search(rgb, at_ns)
        elif self._turn % CYCLE in EYE_TURNS and at_ns - self._glanced_ns >= GLANCE_NS:
            # Other faces are searched only on frames on which an eye is looked at, so that most frames cost little
            # time.
            face = self._glance(rgb, at_ns, face)
        self._face = face
        if face is None:
            return Observation(at_ns, None)
        other = max(self._others.values(), default=0.0)
        return Observation(at_ns, face, other / face.area if other else 0.0, self._turn)

    def _follow(self, rgb: Rgb, last: Face) -> Face | None:
        fit = self._meshes.fit(rgb, square_of(last.mesh))
        if fit.score < PRESENT:
            return None
        eye_l = _carried(last.eye_l, last.mesh, fit.points, EYE_L_CORNERS)
        eye_r = _carried(last.eye_r, last.mesh, fit.points, EYE_R_CORNERS)
        if self._turn % CYCLE in EYE_TURNS:
            self._looks += 1
            if self._looks % 2:
                eye_l = self._irises.fit(rgb, fit.points, right=False)
            else:
                eye_r = self._irises.fit(rgb, fit.points, right=True)
        return Face(fit.points, fit.score, eye_l, eye_r, fit.crop, fit.square)

    def _search(self, rgb: Rgb, at_ns: int) -> Face | None:
        self._others = {}
        self._turn = 0
        self._glanced_ns = at_ns
        squares = [*tiles(rgb, float(min(rgb.shape[:2]))), whole(rgb)]
        found = [detection for square in squares for detection in self._detector.find(rgb, square)]
        for detection in sorted(found, key=lambda one: one.area, reverse=True):
            face = self._at(rgb, detection)
            if face is not None:
                others = (one.area for one in found if is_other(self._meshes, rgb, one, face))
                self._others[-1] = max(others, default=0.0)
                return face
        return None

    def _glance(self, rgb: Rgb, at_ns: int, face: Face) -> Face:
        self._glanced_ns = at_ns
        squares = halves(rgb)
        place = self._glances % len(squares)
        self._glances += 1
        found = self._detector.find(rgb, squares[place])
        others = [one for one in found if is_other(self._meshes, rgb, one, face)]
        largest = max(others, key=lambda one: one.area, default=None)
        self._others.pop(-1, None)
        self._others[place] = 0.0 if largest is None else largest.area
        if largest is None or largest.area < LARGER * face.area:
            return face
        return self._at(rgb, largest) or face

    def _at(self, rgb: Rgb, detection: Detection) -> Face | None:
        rough = self._meshes.fit(rgb, detection.square())
        # A second fit is needed, because the square of a detection is too inexact to find the eyes from it.
        fit = self._meshes.fit(rgb, square_of(rough.points))
        return None if min(rough.score, fit.score) < PRESENT else face_of(rgb, fit, self._irises)


def is_other(meshes: MeshFinder, rgb: Rgb, detection: Detection, face: Face) -> bool:
    """Whether `detection` shows another face than `face`.

    The mesh is fitted twice. At the second fit the score falls if the thing only looks like a face (a parting in dark
    hair: 0.58, then 0.29), and a detection of a part of `face` has moved onto `face`.
    """
    if not outside(*detection.middle, face):
        return False
    fit = meshes.fit(rgb, detection.square())
    if fit.score < PRESENT:
        return False
    again = meshes.fit(rgb, square_of(fit.points))
    x, y = again.points[:, :2].mean(axis=0)
    return again.score >= PRESENT and outside(float(x), float(y), face)


def outside(x: float, y: float, face: Face) -> bool:
    """Whether a place of the picture lies outside the face."""
    x0, y0, x1, y1 = face.box
    return not (x0 <= x <= x1 and y0 <= y <= y1)


def face_of(rgb: Rgb, fit: MeshFit, irises: IrisFinder) -> Face:
    """The face of a mesh, with both eyes fitted."""
    eye_l, eye_r = (irises.fit(rgb, fit.points, right=right) for right in (False, True))
    return Face(fit.points, fit.score, eye_l, eye_r, fit.crop, fit.square)


def _carried(eye: EyeFit, before: Points, now: Points, corners: tuple[int, int]) -> EyeFit:
    outer, inner = corners
    moved: Points = now[outer, :2] + now[inner, :2] - before[outer, :2] - before[inner, :2]
    return eye.moved(np.float32(0.5) * moved)
