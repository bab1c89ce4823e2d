"""The reasons for a rejection and their keyboard keys: a reason always has the same key."""

from center.shots.model.staff_decision import OTHER, REASONS
from rules.checks import CheckId

_OFTEN = (
    CheckId.GLASSES,
    CheckId.HAIR_BROWS,
    CheckId.EARS,
    CheckId.JEWELLERY,
    CheckId.TOP_COLOUR,
    CheckId.EYES_OPEN,
    CheckId.MOUTH_CLOSED,
    CheckId.ROLL,
    CheckId.SHARP,
)
"""These reasons get the digit keys: what the notice demands of the appearance (身份证、白衬衫、去眼镜、露五官), then
what the cameras see most often.
"""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _keys() -> dict[str, str]:
    often = [check.value for check in _OFTEN]
    rest = [reason for reason in REASONS if reason not in often and reason != OTHER]
    assert len(rest) <= len(_LETTERS), "every reason has a key"
    return {
        **{reason: str(digit) for digit, reason in enumerate(often, start=1)},
        **dict(zip(rest, _LETTERS, strict=False)),
        OTHER: "0",
    }


KEYS: dict[str, str] = _keys()
"""Reason -> key, in the order of the keys."""
