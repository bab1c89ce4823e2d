"""Mending the crop when that is all that is wrong: scale and move only, from the original, always legal.

The page asks for a nudge and gets the crop after it; a nudge that would leave the limits is not made. What staff see
is the original laid where the crop puts it; saving cuts the photo out of it by the same numbers.
"""

from starlette.responses import Response

from center.identity.model import Unsettled
from center.platform.faults import ApprovedAlready, MovedOn, WrongRequest
from center.recrop.service import Mendable
from center.review.pages.hand import read_hand
from center.review.pages.review import go_on, here_of, show, shown_at
from center.shots.model.overlay import Overlay, readings
from center.shots.model.ruling import Approve, Mend
from center.web.call import Call, id_of
from rules.photo import Crop, CropRefused, solve_crop

_STEPS: dict[str, tuple[float, float, float]] = {
    "left": (-1.0, 0.0, 1.0),
    "right": (1.0, 0.0, 1.0),
    "up": (0.0, -1.0, 1.0),
    "down": (0.0, 1.0, 1.0),
    "larger": (0.0, 0.0, 1.01),
    "smaller": (0.0, 0.0, 1 / 1.01),
}
"""Nudge -> pixels to the right and down, and the factor of the scale about the middle of the photo."""


def mend(call: Call) -> Response:
    """Nudge, solve anew or save. Without a nudge: the editor as it opens, a piece of the page."""
    here = here_of(call)
    source = call.services.office.mending.mendable(here.shot_id)
    spec = source.profile.photo
    now = _crop(call, source)
    move = call.word("move", "")
    if move == "save":
        return _save(call, now)
    wanted = _wanted(move, now, source)
    crop = now if wanted is None else wanted
    face = crop.place(source.origin.face)
    return call.page(
        "_mend.html",
        shot=call.services.desk.shot(here.shot_id),
        overlay=Overlay(spec, face, readings(face, spec)),
        crop=crop,
        size=source.original.size,
        stuck=wanted is None and move != "",
        changed=crop != source.origin.crop,
        background=source.profile.background.rgb,
        spec=spec,
    )


def _save(call: Call, crop: Crop) -> Response:
    here, office = here_of(call), call.services.office
    made = Mend(crop.scale, crop.dx, crop.dy)
    kept = office.mending.make(here.shot_id, made)
    try:
        shot = office.queue.decide(
            call.who, here.shot_id, here.version, Approve(mend=made), shown_at=shown_at(call), kept=kept
        )
    except (MovedOn, ApprovedAlready, Unsettled) as fault:
        return show(call, id_of(call), ahead=read_hand(call, "ahead"), audited=False, fault=fault)
    return go_on(call, shot)


def _wanted(move: str, now: Crop, source: Mendable) -> Crop | None:
    """The crop after a move; None where it would not be legal. Without a move the present one, if it is legal."""
    spec = source.profile.photo
    if move == "best" or (move == "" and not _legal(now, source)):
        best = solve_crop(source.origin.face, source.original.size, spec, source.original.plain_sides())
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


def _legal(crop: Crop, source: Mendable) -> bool:
    return not source.faults(Mend(crop.scale, crop.dx, crop.dy))


def _crop(call: Call, source: Mendable) -> Crop:
    """The crop on the page; the booth's own when it opens."""
    words = [call.word(name, "") for name in ("scale", "dx", "dy")]
    if not all(words):
        return source.origin.crop
    try:
        scale, dx, dy = map(float, words)
    except ValueError:
        raise WrongRequest("the crop is not made of numbers: load the page again") from None
    return Crop(scale, dx, dy, 0.0)
