"""All that is measured of a person in a still picture: face, backdrop, matte, and the geometry the crop needs."""

from dataclasses import dataclass
from pathlib import Path

from kiosk.ports.frames import Rgb
from kiosk.vision import backdrop as backdrops
from kiosk.vision.face import Face, Observation
from kiosk.vision.find import FaceFinder
from kiosk.vision.hands import HandFinder
from kiosk.vision.landmarks import CHIN
from kiosk.vision.matte import Matte, person_mask
from kiosk.vision.models import Model, there
from kiosk.vision.plate import Plate
from kiosk.vision.segment import Segmenter
from kiosk.vision.square import Points
from kiosk.vision.workpiece import Workpiece
from rules.photo import Crop, CropRefused, FaceGeometry, PlainSides, solve_crop
from rules.spec import PhotoSpec


@dataclass(frozen=True, slots=True)
class Studied:
    """All that is known of a person in a picture: `geometry` counts from the picture's edges (centre of the first
    pixel is 0.5, 0.5), as the crop solver does."""

    observation: Observation
    face: Face
    work: Workpiece
    backdrop: backdrops.Backdrop
    matte: Matte
    geometry: FaceGeometry


class Surveyor:
    """Studies pictures. Holds the networks; keeps nothing of a person between calls."""

    def __init__(self, models: Path, plate: Plate | None = None) -> None:
        """`plate`: the empty booth, for pictures of its own camera."""
        self._plate = plate
        self._finder = FaceFinder(models)
        self._segmenter = Segmenter(models)
        self._hands = HandFinder(models) if there(models, Model.PALM) else None

    def face_near(self, rgb: Rgb, mesh: Points) -> Face | None:
        """The face near a mesh (468, 3) known from another picture of the same size; None when it is not there."""
        return self._finder.refit(rgb, mesh)

    def second_share(self, rgb: Rgb, face: Face) -> float:
        """Area of the largest other face in the picture over that of `face`; 0.0 when there is no other."""
        return self._finder.second_share(rgb, face)

    def hand(self, rgb: Rgb, face: Face) -> float | None:
        """How surely a hand is before or near `face` in `rgb` (h, w, 3), 0..1; None where the booth's models are of
        the time before hands were looked for."""
        return None if self._hands is None else self._hands.hand(rgb, face)

    def look(self, rgb: Rgb) -> Observation:
        """Find the face in `rgb` (h, w, 3), and others beside it."""
        return self._finder.find(rgb)

    def study(self, rgb: Rgb, observation: Observation | None = None, plate: Plate | None = None) -> Studied | None:
        """Measure the person in `rgb` (h, w, 3); None when there is no face. `observation`: when already found;
        `plate`: the empty booth in this very picture's view, where it is not the surveyor's."""
        seen = self.look(rgb) if observation is None else observation
        if seen.face is None:
            return None
        work = Workpiece.around(rgb, seen.face)
        person = self._segmenter.person(work.rgb)
        ground = backdrops.estimate(work, person, self._plate if plate is None else plate)
        matte = person_mask(work, person, ground, seen.face)
        return Studied(seen, seen.face, work, ground, matte, _geometry(seen.face, work, matte))


def crop_of(studied: Studied, spec: PhotoSpec) -> Crop | CropRefused:
    """The legal crop with the largest margin, or why there is none."""
    return solve_crop(studied.geometry, studied.work.picture_size, spec, plain_sides(studied))


def plain_sides(studied: Studied) -> PlainSides:
    """Where the backdrop may be continued beyond the picture: it is plain, and the person does not leave there."""
    if not studied.backdrop.plain:
        return PlainSides()
    mask = studied.matte.mask
    return PlainSides(
        top=not studied.matte.touches_top, left=not bool(mask[:, 0].any()), right=not bool(mask[:, -1].any())
    )


def _geometry(face: Face, work: Workpiece, matte: Matte) -> FaceGeometry:
    left, right = face.sides
    top = 0.0 if matte.touches_top else work.to_picture_y(matte.hair_top) + 0.5
    return FaceGeometry(
        pupil_l=(float(face.eye_l.pupil[0]) + 0.5, float(face.eye_l.pupil[1]) + 0.5),
        pupil_r=(float(face.eye_r.pupil[0]) + 0.5, float(face.eye_r.pupil[1]) + 0.5),
        hair_top=top,
        chin=float(face.mesh[CHIN, 1]) + 0.5,
        face_l=left + 0.5,
        face_r=right + 0.5,
    )
