"""Makes the photo from a picture of any camera, and runs the booth's checks on it."""

from dataclasses import dataclass, replace

from kiosk.core.session.quality import Judgement
from kiosk.ports.eye import FinishedPhoto
from kiosk.ports.frames import Rgb
from kiosk.text.catalog import load_all
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks.checkup import check_rows, doubts, judge_shot
from kiosk.vision.checks.ear_network import forget_ears
from kiosk.vision.checks.genuine import PictureDoubt, picture_doubts
from kiosk.vision.checks.shot import shot_values
from kiosk.vision.photo.finish import NO_FACE, FinishRefused, finish_studied
from rules.checks import CheckId
from rules.profile import Profile


@dataclass(frozen=True, slots=True)
class DeskPhoto:
    """A legal photo, and the results of the checks. `doubts`: the required checks without a result; `picture_doubts`:
    the reasons to doubt that the picture comes straight from a camera."""

    photo: FinishedPhoto
    judgement: Judgement
    doubts: tuple[str, ...]
    picture_doubts: tuple[PictureDoubt, ...] = ()


class Studio:
    """Makes photos by a profile. It holds the neural networks, which keep the last picture until `forget`. Only one
    thread may use it at a time."""

    def __init__(self, analyzer: PictureAnalyzer, profile: Profile) -> None:
        self._analyzer = analyzer
        self._profile = profile
        self._catalogs = load_all()

    def forget(self) -> None:
        """Delete everything about the last person from the networks."""
        self._analyzer.forget()
        forget_ears()

    def make(self, rgb: Rgb) -> DeskPhoto | FinishRefused:
        """The photo of the person in `rgb` (h, w, 3), or why there is none. A crop exactly at the limits is accepted,
        as at the last try of a booth: staff see the photo, and the check of the position reports such a crop."""
        analysis = self._analyzer.analyze(rgb)
        if analysis is None:
            return NO_FACE
        photo = finish_studied(rgb, analysis, self._profile, forgiven=True)
        if isinstance(photo, FinishRefused):
            return photo
        hand = self._analyzer.hand(rgb, analysis.face)
        values = shot_values(rgb, analysis, self._profile, hand=hand, finished=True, forgiven=True)
        values[CheckId.FILE] = 0.0
        judgement = judge_shot(values, self._profile)
        rows = tuple(check_rows(judgement, self._profile, self._catalogs))
        return DeskPhoto(
            replace(photo, checks=rows), judgement, doubts(values, self._profile), picture_doubts(rgb, analysis.face)
        )
