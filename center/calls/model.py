"""Live help: which checks staff may waive for one session, and on which grounds."""

from enum import StrEnum

from rules.checks import NEVER_WAIVED, CheckId
from wire.live_help import HelpView


class WaiverGround(StrEnum):
    """Why staff waive a check. No ground is about health or religion: a person looks at such reasons, and they are
    not stored.
    """

    MEASURED_WRONG = "measured_wrong"  # staff saw that the rule is met
    EQUIPMENT = "equipment"  # light, backdrop or seat of the booth can't do better now
    LOOKED_AT = "looked_at"  # staff looked at the person; what they saw is not stored


def waivable(view: HelpView) -> tuple[str, ...]:
    """The checks that staff may waive now: those that fail; none if one check is waived already."""
    if view.released is not None:
        return ()
    known = {check.value for check in CheckId} - {check.value for check in NEVER_WAIVED}
    return tuple(one.check for one in view.checks if one.result == "fail" and one.check in known)
