"""Staff's decisions: approve (unchanged, recropped, or replacing an earlier photo) or reject with reasons.

Reasons are names of checks (`rules.checks`), so that the booth shows them in its own texts; `other` stands for staff's
own text, which stays in the office.
"""

from dataclasses import dataclass, field

from center.platform.faults import WrongRequest
from rules.checks import GUIDANCE_ORDER, CheckId
from rules.photo import Crop, PlainSides
from rules.spec import FaceGeometry, PhotoSpec, margins
from wire.decision import Decision

OTHER = "other"
_LONGEST_NOTE = 500
_NOT_A_REASON = frozenset({CheckId.DISTANCE, CheckId.CENTRE_X, CheckId.CENTRE_Y, CheckId.FILE})

REASONS: tuple[str, ...] = (*(check.value for check in GUIDANCE_ORDER if check not in _NOT_A_REASON), OTHER)
"""The reasons staff can give, in the order graduates are guided in. Framing and the file are the machine's to get
right: nobody can be asked to do better there."""


@dataclass(frozen=True, slots=True)
class Recrop:
    """Another crop from the original: `output = scale * input + d`, pixels of the original and of the photo."""

    scale: float
    dx: float
    dy: float


@dataclass(frozen=True, slots=True)
class Approve:
    """The photo goes to the school. `replaces` names the person's approved photo, if there is one."""

    replaces: str | None = None
    recrop: Recrop | None = None

    @property
    def decision(self) -> Decision:
        """The decision as sent to the booth."""
        return Decision.APPROVED


@dataclass(frozen=True, slots=True)
class Reject:
    """The graduate must retake the photo. `note`: staff's own text, required with `other`, stays in the office."""

    reasons: tuple[str, ...]
    note: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse a rejection without usable reasons."""
        unknown = [reason for reason in self.reasons if reason not in REASONS]
        if unknown or not self.reasons or len(set(self.reasons)) != len(self.reasons):
            raise WrongRequest(f"a rejection has one reason or several, each once, of: {', '.join(REASONS)}")
        if OTHER in self.reasons and not self.note.strip():
            raise WrongRequest("the reason `other` needs words of one's own")
        if len(self.note) > _LONGEST_NOTE:
            raise WrongRequest(f"the note has {len(self.note)} characters, at most {_LONGEST_NOTE} are kept")

    @property
    def decision(self) -> Decision:
        """The decision as sent to the booth."""
        return Decision.REJECTED


StaffDecision = Approve | Reject


@dataclass(frozen=True, slots=True)
class RecroppedPhoto:
    """A recropped photo in the photo store, for the decision that names it."""

    sha256: bytes
    size: int


def recrop_faults(
    recrop: Recrop, face: FaceGeometry, original_size: tuple[int, int], spec: PhotoSpec, plain: PlainSides
) -> tuple[str, ...]:
    """The faults of a crop that staff made on the original; none: it is legal.

    The same limits as at the booth; `face` is measured in the original. NaN counts as a fault.
    """
    faults = []
    if not 0 < recrop.scale <= spec.max_scale:
        return (f"scale {recrop.scale:g} must be above 0 and at most {spec.max_scale:g}: nothing is enlarged",)
    placed = Crop(recrop.scale, recrop.dx, recrop.dy, 0.0).place(face)
    for limit, margin in margins(placed, spec).items():
        if not margin >= spec.min_margin_px:
            faults.append(f"{limit.value}: {margin:.1f} px inside its limits, {spec.min_margin_px:g} px are needed")
    width, height = original_size
    left, top = -recrop.dx / recrop.scale, -recrop.dy / recrop.scale
    right, bottom = (spec.width_px - recrop.dx) / recrop.scale, (spec.height_px - recrop.dy) / recrop.scale
    reach = {
        "top": top >= 0 or plain.top,
        "left": left >= 0 or plain.left,
        "right": right <= width or plain.right,
        "bottom": bottom <= height,
    }
    faults += [f"the crop reaches beyond the {side} of the original" for side, fine in reach.items() if not fine]
    return tuple(faults)
