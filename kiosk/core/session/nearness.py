"""How near the pose is to the right one, in a few steps; the booth tells it to the graduate by a rising tone."""

from math import inf

from kiosk.core.session.quality import NOBODY, Judged, Judgement
from rules.checks import CheckId, Verdict

POSE = frozenset({CheckId.DISTANCE, CheckId.CENTRE_X, CheckId.CENTRE_Y, CheckId.ROLL, CheckId.YAW, CheckId.PITCH})
"""Checks that the graduate corrects by moving. Glasses and smiles are told in words, and are not part of the pose."""
BEYOND = (1.5, 0.5)
"""The borders between the steps: how far the worst value is beyond its limit, in units of half the limit's range. If
the worst value is beyond its limit by the first number or more, the nearness is 1; by the second number or more, 2; by
less, 3."""
RIGHT = len(BEYOND) + 2


def nearness(judgement: Judgement | None) -> int:
    """0 if there is no face, else 1 (far from right) to `RIGHT` (no check of the pose fails)."""
    if judgement is None or judgement == NOBODY:
        return 0
    worst = max((_beyond(one) for one in judgement.checks if _fails(one)), default=None)
    return RIGHT if worst is None else 1 + sum(worst < end for end in BEYOND)


def _fails(one: Judged) -> bool:
    return one.check in POSE and one.verdict is Verdict.FAIL


def _beyond(one: Judged) -> float:
    low, high, value = one.limit.min, one.limit.max, one.value
    if value is None or low is None or high is None:
        return inf
    return max(low - value, value - high) / ((high - low) / 2)
