"""Staff's decisions: approve (unchanged, recropped, or replacing an earlier photo) or reject with reasons.

Reasons are names of checks (`rules.checks`), and the booth shows them in its own texts. The reason `other` stands for a
text that staff write themselves and that stays in the office.
"""

from dataclasses import dataclass, field

from center.platform.faults import WrongRequest
from rules.checks import GUIDANCE_ORDER, LIVE_ONLY, CheckId
from wire.decision import Decision

OTHER = "other"
_LONGEST_NOTE = 500
_NOT_A_REASON = LIVE_ONLY | {CheckId.FILE}

REASONS: tuple[str, ...] = (*(check.value for check in GUIDANCE_ORDER if check not in _NOT_A_REASON), OTHER)
"""The reasons that staff can give, in the order in which the booth guides graduates. Framing and the file are left out:
the machine must get them right, and a graduate can't improve them.
"""


@dataclass(frozen=True, slots=True)
class Recrop:
    """Another crop from the original: `photo = scale * original + d`, where `photo` and `original` are places in these
    pictures, in pixels.
    """

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
    """The graduate must retake the photo. `note`: staff's own text, required with `other`; it stays in the office."""

    reasons: tuple[str, ...]
    note: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse a rejection without usable reasons."""
        unknown = [reason for reason in self.reasons if reason not in REASONS]
        if unknown or not self.reasons or len(set(self.reasons)) != len(self.reasons):
            raise WrongRequest(
                "a rejection has one reason or several, each once, of: {reasons}", reasons=", ".join(REASONS)
            )
        if OTHER in self.reasons and not self.note.strip():
            raise WrongRequest("the reason `other` needs words of one's own")
        if len(self.note) > _LONGEST_NOTE:
            raise WrongRequest(
                "the note has {count} characters, at most {most} are kept", count=len(self.note), most=_LONGEST_NOTE
            )

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
