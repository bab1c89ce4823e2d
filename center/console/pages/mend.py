"""Mending the crop when that is all that is wrong: scale and move only, from the original frame, always legal.

The page asks for a nudge and gets the crop after it; a nudge that would leave the limits is not made. What staff see
is today's photo scaled and moved to where the new crop puts it: the original itself stays with the booth.
"""

from dataclasses import dataclass

from starlette.responses import Response

from center.console.call import Call, id_of
from center.console.hand import read_hand
from center.console.overlay import Origin, Overlay, origin, readings
from center.console.pages.review import go_on, here_of, show, shown_at
from center.domain.faults import ApprovedAlready, MovedOn, WrongRequest
from center.domain.ruling import Approve, Mend, mend_faults
from center.domain.settle import Unsettled
from rules.photo import Crop, CropRefused, solve_crop
from rules.spec import PhotoSpec

_STEPS: dict[str, tuple[float, float, float]] = {
    "left": (-1.0, 0.0, 1.0),
    "right": (1.0, 0.0, 1.0),
    "up": (0.0, -1.0, 1.0),
    "down": (0.0, 1.0, 1.0),
    "larger": (0.0, 0.0, 1.01),
    "smaller": (0.0, 0.0, 1 / 1.01),
}
"""Nudge -> pixels to the right and down, and the factor of the scale about the middle of the photo."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How today's photo is laid over the new crop: `new = scale * today + shift`, in pixels of the photo."""

    scale: float
    x: float
    y: float


def mend(call: Call) -> Response:
    """Nudge, solve anew or save. Without a nudge: the editor as it opens, a piece of the page."""
    here = here_of(call)
    sheet = call.services.desk.sheet(here.shot_id)
    source, spec = origin(sheet.manifest.finish), sheet.profile.photo
    if source is None:
        raise WrongRequest("the booth did not say how this photo was cut: it can't be mended here, reject it instead")
    now = _crop(call, source)
    move = call.word("move", "")
    if move == "save":
        return _save(call, now, source, spec)
    wanted = _wanted(move, now, source, spec)
    stuck = wanted is None
    crop = now if wanted is None else wanted
    face = crop.place(source.face)
    return call.page(
        "_mend.html",
        shot=sheet.shot,
        overlay=Overlay(spec, face, readings(face, spec)),
        crop=crop,
        shown=_shown(crop, source.crop),
        stuck=stuck and move != "",
        changed=crop != source.crop,
        background=sheet.profile.background.rgb,
        spec=spec,
    )


def _save(call: Call, crop: Crop, source: Origin, spec: PhotoSpec) -> Response:
    made = Mend(crop.scale, crop.dx, crop.dy)
    faults = mend_faults(made, source.face, source.size, spec, source.plain)
    if faults:
        raise WrongRequest("the crop is not legal: " + "; ".join(faults))
    here = here_of(call)
    try:
        shot = call.services.office.queue.decide(
            call.who, here.shot_id, here.version, Approve(mend=made), shown_at=shown_at(call)
        )
    except (MovedOn, ApprovedAlready, Unsettled) as fault:
        return show(call, id_of(call), ahead=read_hand(call, "ahead"), audited=False, fault=fault)
    return go_on(call, shot)


def _wanted(move: str, now: Crop, source: Origin, spec: PhotoSpec) -> Crop | None:
    """The crop after a move; None where it would not be legal. Without a move the present one, if it is legal."""
    if move == "best" or (move == "" and not _legal(now, source, spec)):
        best = solve_crop(source.face, source.size, spec, source.plain)
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
    return crop if _legal(crop, source, spec) else None


def _legal(crop: Crop, source: Origin, spec: PhotoSpec) -> bool:
    made = Mend(crop.scale, crop.dx, crop.dy)
    return not mend_faults(made, source.face, source.size, spec, source.plain)


def _crop(call: Call, source: Origin) -> Crop:
    """The crop on the page; the booth's own when it opens."""
    words = [call.word(name, "") for name in ("scale", "dx", "dy")]
    if not all(words):
        return source.crop
    try:
        scale, dx, dy = map(float, words)
    except ValueError:
        raise WrongRequest("the crop is not made of numbers: load the page again") from None
    return Crop(scale, dx, dy, 0.0)


def _shown(crop: Crop, today: Crop) -> Shown:
    scale = crop.scale / today.scale
    return Shown(scale, crop.dx - today.dx * scale, crop.dy - today.dy * scale)
