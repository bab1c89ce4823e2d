"""The recrop editor: scale and shift only, from the original, always within the limits.

The page requests a step and gets the crop after the step; a step that would exceed the limits is not made. Staff see
the original, placed as the crop places it; saving cuts the photo from the original with the same numbers.
"""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.platform.faults import WrongRequest
from center.recrop.service import RecropInput, Recropping
from center.shots.model.overlay import Overlay, readings
from center.shots.model.staff_decision import Approve, Recrop
from center.shots.pages import ShotPage
from center.web.gate import SHOT, Page
from center.web.page_request import PageRequest
from rules.photo import Crop, CropRefused, solve_crop

_STEPS: dict[str, tuple[float, float, float]] = {
    "left": (-1.0, 0.0, 1.0),
    "right": (1.0, 0.0, 1.0),
    "up": (0.0, -1.0, 1.0),
    "down": (0.0, 1.0, 1.0),
    "larger": (0.0, 0.0, 1.01),
    "smaller": (0.0, 0.0, 1 / 1.01),
}
"""Each step of the editor -> how far it moves the photo's content (pixels to the right, pixels down), and by which
factor it scales the content about the middle of the photo.
"""


def recrop(request: PageRequest) -> Response:
    """Move one step, calculate the crop again, or save. Without a move: the newly opened editor, a part of the page."""
    here = request.service(ShotPage).here(request)
    source = request.service(Recropping).recroppable(here.shot_id)
    spec = source.profile.photo
    now = _crop(request, source)
    move = request.word("move", "")
    if move == "save":
        return _save(request, now)
    wanted = _wanted(move, now, source)
    crop = now if wanted is None else wanted
    face = crop.place(source.recrop_source.face)
    return request.page(
        "_recrop.html",
        shot=here,
        overlay=Overlay(spec, face, readings(face, spec)),
        crop=crop,
        size=source.original.size,
        stuck=wanted is None and move != "",
        changed=crop != source.recrop_source.crop,
        background=source.profile.background.rgb,
        spec=spec,
    )


def _save(request: PageRequest, crop: Crop) -> Response:
    page = request.service(ShotPage)
    made = Recrop(crop.scale, crop.dx, crop.dy)
    recropped = request.service(Recropping).make(page.here(request).shot_id, made)
    return page.decide(request, Approve(recrop=made), recropped)


def _wanted(move: str, now: Crop, source: RecropInput) -> Crop | None:
    """The crop after a move; None if it would not be legal. Without a move: the present crop, or the best one if the
    present one is not legal.
    """
    spec = source.profile.photo
    if move == "best" or (move == "" and not _legal(now, source)):
        best = solve_crop(source.recrop_source.face, source.original.size, spec, source.original.plain_sides())
        return None if isinstance(best, CropRefused) else best
    if move == "":
        return now
    if move not in _STEPS:
        raise WrongRequest("there is no such move")
    right, down, factor = _STEPS[move]
    middle = spec.width_px / 2, spec.height_px / 2
    crop = Crop(
        now.scale * factor,
        middle[0] + (now.dx - middle[0]) * factor + right,
        middle[1] + (now.dy - middle[1]) * factor + down,
        0.0,
    )
    return crop if _legal(crop, source) else None


def _legal(crop: Crop, source: RecropInput) -> bool:
    return not source.faults(Recrop(crop.scale, crop.dx, crop.dy))


def _crop(request: PageRequest, source: RecropInput) -> Crop:
    """The crop in the form; when the editor opens, the booth's crop."""
    words = [request.word(name, "") for name in ("scale", "dx", "dy")]
    if not all(words):
        return source.recrop_source.crop
    try:
        scale, dx, dy = map(float, words)
    except ValueError:
        raise WrongRequest("the crop is not made of numbers: load the page again") from None
    return Crop(scale, dx, dy, 0.0)


PAGES = (Page("POST", f"/review/{SHOT}/mend", recrop, Right.REVIEW),)
