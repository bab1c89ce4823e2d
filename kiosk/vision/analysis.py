"""Everything that is measured of a person in a still picture: face, backdrop, matte, and the geometry that the crop
needs."""

from dataclasses import dataclass
from pathlib import Path

from kiosk.ports.frames import Rgb
from kiosk.vision.backdrop import backdrop as backdrops
from kiosk.vision.backdrop.empty_backdrop import EmptyBackdrop
from kiosk.vision.backdrop.matte import Matte, person_mask
from kiosk.vision.backdrop.person_region import PersonRegion, Segmenter
from kiosk.vision.face.face import Face, Observation
from kiosk.vision.face.find import FaceFinder
from kiosk.vision.face.hands import HandFinder
from kiosk.vision.face.landmarks import CHIN
from kiosk.vision.face.square import Points
from kiosk.vision.models import Model, there
from rules.photo import Crop, CropRefused, FaceGeometry, PlainSides, solve_crop
from rules.spec import PhotoSpec


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that is known of a person in a picture. `geometry` counts from the picture's edges, as the crop solver
    does: the centre of the first pixel is (0.5, 0.5)."""

    observation: Observation
    face: Face
    region: PersonRegion
    backdrop: backdrops.Backdrop
    matte: Matte
    geometry: FaceGeometry


class PictureAnalyzer:
    """Measures pictures. Between calls it keeps the networks loaded. The networks' memory contains the last picture
    until `forget` is called."""

    def __init__(self, models: Path, empty: EmptyBackdrop | None = None) -> None:
        """`empty`: the backdrop of the empty booth; it is used for pictures of this booth's camera."""
        self._empty = empty
        self._finder = FaceFinder(models)
        self._segmenter = Segmenter(models)
        self._hands = HandFinder(models) if there(models, Model.PALM) else None

    def forget(self) -> None:
        """Remove the last picture from the memory of the networks."""
        self._finder.forget()
        self._segmenter.forget()
        if self._hands is not None:
            self._hands.forget()

    def face_near(self, rgb: Rgb, mesh: Points) -> Face | None:
        """The face near a mesh (468, 3) that is known from another picture of the same size; None if it is not
        there."""
        return self._finder.refit(rgb, mesh)

    def second_share(self, rgb: Rgb, face: Face) -> float:
        """The area of the largest other face in the picture, divided by the area of `face`; 0.0 if there is no other
        face."""
        return self._finder.second_share(rgb, face)

    def hand(self, rgb: Rgb, face: Face) -> float | None:
        """How surely a hand is before or near `face` in `rgb` (h, w, 3), 0..1; None if the model for hands is not
        installed (older installations lack it)."""
        return None if self._hands is None else self._hands.hand(rgb, face)

    def look(self, rgb: Rgb) -> Observation:
        """Find the most prominent face in `rgb` (h, w, 3), and others."""
        return self._finder.find(rgb)

    def analyze(self, rgb: Rgb, observation: Observation | None = None) -> Analysis | None:
        """Measure the person in `rgb` (h, w, 3); None if there is no face. `observation`: the face, if it was found
        already."""
        seen = self.look(rgb) if observation is None else observation
        if seen.face is None:
            return None
        region = PersonRegion.around(rgb, seen.face)
        person = self._segmenter.person(region.rgb)
        ground = backdrops.estimate(region, person, self._empty)
        matte = person_mask(region, person, ground, seen.face)
        return Analysis(seen, seen.face, region, ground, matte, _geometry(seen.face, region, matte))


def crop_of(analysis: Analysis, spec: PhotoSpec, *, forgiven: bool = False) -> Crop | CropRefused:
    """The legal crop with the largest margin, or the reason why there is none. `forgiven`: a crop that lies exactly at
    its limits is accepted, too."""
    spec = spec.model_copy(update={"min_margin_px": 0.0}) if forgiven else spec
    return solve_crop(analysis.geometry, analysis.region.picture_size, spec, plain_sides(analysis))


def plain_sides(analysis: Analysis) -> PlainSides:
    """The sides where the backdrop may be continued beyond the picture, because it is plain and the person does not
    reach that side."""
    if not analysis.backdrop.plain:
        return PlainSides()
    mask = analysis.matte.mask
    return PlainSides(
        top=not analysis.matte.touches_top, left=not bool(mask[:, 0].any()), right=not bool(mask[:, -1].any())
    )


def _geometry(face: Face, region: PersonRegion, matte: Matte) -> FaceGeometry:
    left, right = face.sides
    top = 0.0 if matte.touches_top else region.to_picture_y(matte.hair_top) + 0.5
    return FaceGeometry(
        pupil_l=(float(face.eye_l.pupil[0]) + 0.5, float(face.eye_l.pupil[1]) + 0.5),
        pupil_r=(float(face.eye_r.pupil[0]) + 0.5, float(face.eye_r.pupil[1]) + 0.5),
        hair_top=top,
        chin=float(face.mesh[CHIN, 1]) + 0.5,
        face_l=left + 0.5,
        face_r=right + 0.5,
    )
