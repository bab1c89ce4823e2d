"""Balances the lamps: computes their next levels from the light on the face.

Theory of operation. The controlled value is the light on the left of the face divided by the light on the right. It is
computed from `light_even`, a ratio of lightness: lightness is the cube root of linear light, so the ratio of light is
(1 + light_even)^3. The logarithm y of this ratio grows with the logarithm x of (left lamp / right lamp), monotonically
and with a slope of at most 1. The slope depends on how far each lamp reaches around the nose, and on other light. It is
not known beforehand: the first step assumes a usual slope, and each further step uses the slope just measured (the
secant method). A window at one side only makes the slope smaller, and a weak lamp only shifts the curve.

The camera's automatic exposure compensates for the total amount of light. When the exposure has to amplify the picture,
the loop raises the lamps; when skin is overexposed, the loop lowers them.

The loop is bounded. Each time the graduate sits down, the loop changes the lamps at most `MOST_STEPS` times, and not
while the head is turned or out of place. The loop ends after `PATIENCE_NS` of measuring, whatever was measured. Where
the lamps cannot balance the light, the check `light_even` fails afterwards; a lamp that reaches the end of its range
because of a window is not reported as dead.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kiosk.core.inputs import Measures
from rules.checks import CheckId, CheckRule, Limit

MOST_STEPS = 4
PATIENCE_NS = 4_000_000_000
LONGEST_GAP_NS = 300_000_000
"""Of the time between two frames, at most this much counts towards `PATIENCE_NS`, so that a slow machine still measures
enough frames."""
EVEN_ENOUGH = 0.03
"""A difference in lightness between the sides of the face below this is good enough; at this difference one side gets a
tenth more light. It is well below the check's limit of 0.1, because the head still turns a little."""
FIRST_SLOPE = 0.6
LEAST_SLOPE = 0.08
LONGEST_STEP = 1.6  # the largest step of ln(left / right): a factor of 5
DIM_US = 15_000
"""Exposure time times gain above which the scene is too dim. The camera prefers 10 ms (mains light flickers at 100 Hz)
and amplifies above that."""
AIM_US = 10_000
RAISED, LOWERED = 1.6, 0.8
SAME = 0.01  # a smaller change (of full power, or of ln(left / right)) counts as none

WANTED = (CheckId.LIGHT_EVEN, CheckId.EXPOSURE)


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of both lamps, 0..1 of full power; left is the picture's left."""

    left: float
    right: float


@dataclass(frozen=True, slots=True)
class LampRange:
    """The range of the lamps: the `working` (calibrated) levels to begin with; the lowest and the highest level of a
    lamp that is on; how long it takes until the light is steady; and how long the self-test may take when lamps are
    switched on."""

    working: Levels = Levels(0.7, 0.7)
    least: float = 0.05
    most: float = 1.0
    settle_ns: int = 250_000_000
    test_ns: int = 6_000_000_000


@dataclass(frozen=True, slots=True)
class Lighting:
    """The state of the lamps in a session. `steady_ns`: frames exposed before this do not show the present levels.
    `values`: the measurements under these levels, up to the frame `seen_ns`. `looked_ns`: how long the booth has
    measured since the graduate sat down. `before`: the values before the last step: ln(left / right) of the lamps, and
    of the light on the face."""

    levels: Levels
    steady_ns: int
    on: bool = True
    done: bool = False
    steps: int = 0
    seen_ns: int | None = None
    looked_ns: int = 0
    values: tuple[tuple[CheckId, float | None], ...] = ()
    before: tuple[float, float] | None = None


def switched_on(lighting: Lighting | None, lamps: LampRange, now_ns: int) -> Lighting:
    """Switch the lamps on at their last levels in this session; lamps that were dark are tested first."""
    if lighting is None:
        return Lighting(lamps.working, now_ns + lamps.test_ns)
    return lighting if lighting.on else replace(lighting, on=True, steady_ns=now_ns + lamps.test_ns)


def tested(lighting: Lighting, lamps: LampRange, now_ns: int) -> Lighting:
    """The self-test is over, and the light will be steady `settle_ns` from now. Measurements made in the test's light
    are dropped: on a busy machine the test may take longer than `test_ns`."""
    return Lighting(lighting.levels, now_ns + lamps.settle_ns, lighting.on)


def restart_balancing(lighting: Lighting, now_ns: int) -> Lighting:
    """The graduate sits down (again): drop earlier measurements, and keep the levels of the lamps."""
    return Lighting(lighting.levels, max(now_ns, lighting.steady_ns), lighting.on)


def exposure_limit(rules: Iterable[CheckRule]) -> Limit:
    """The limit of the skin's exposure in a profile's live rules; an empty limit if the profile has none."""
    return next((rule.limit for rule in rules if rule.check is CheckId.EXPOSURE), Limit())


def advance(lighting: Lighting, measures: Measures, lamps: LampRange, now_ns: int, exposure: Limit) -> Lighting:
    """The lighting after one more frame of a face that is in its place. Changed `levels` must be sent to the lamps.

    `exposure`: the profile's limit of the skin's exposure.
    """
    if lighting.done or measures.frame_ns < lighting.steady_ns:
        return lighting
    values = dict(lighting.values) | {check: measures.values[check] for check in WANTED if check in measures.values}
    gap_ns = 0 if lighting.seen_ns is None else min(measures.frame_ns - lighting.seen_ns, LONGEST_GAP_NS)
    looked_ns = lighting.looked_ns + gap_ns
    lighting = replace(lighting, values=tuple(values.items()), seen_ns=measures.frame_ns, looked_ns=looked_ns)
    if looked_ns >= PATIENCE_NS:
        return replace(lighting, done=True)
    if any(check not in values for check in WANTED):
        return lighting
    levels = next_levels(lighting, values, measures.exposure_us, lamps, exposure)
    if levels is None or lighting.steps >= MOST_STEPS:
        return replace(lighting, done=True)
    return replace(
        lighting,
        levels=levels,
        steps=lighting.steps + 1,
        steady_ns=now_ns + lamps.settle_ns,
        values=(),
        before=_effect(lighting.levels, values[CheckId.LIGHT_EVEN]) or lighting.before,
    )


def next_levels(
    lighting: Lighting,
    values: Mapping[CheckId, float | None],
    exposure_us: float | None,
    lamps: LampRange,
    exposure: Limit,
) -> Levels | None:
    """The control law: better levels, or None if the present levels are good or if the lamps' range allows no better
    ones."""
    now = lighting.levels
    tilt = math.log(now.left / now.right)
    effect = _effect(now, values[CheckId.LIGHT_EVEN])
    if effect is not None and abs(values[CheckId.LIGHT_EVEN] or 0.0) > EVEN_ENOUGH:
        step = -effect[1] / _slope(lighting.before, effect)
        tilt += max(-LONGEST_STEP, min(LONGEST_STEP, step))
    seen = values[CheckId.EXPOSURE]
    side = 0 if seen is None else exposure.side(seen)
    total = (now.left + now.right) * _share(side, exposure_us, first=lighting.steps == 0)
    levels = split(tilt, total, lamps)
    changed = max(abs(levels.left - now.left), abs(levels.right - now.right))
    return levels if changed > SAME else None


def split(tilt: float, total: float, lamps: LampRange) -> Levels:
    """Levels whose logarithmic ratio is `tilt` and whose sum is `total`, as far as the lamps' range allows. If one
    lamp is at its maximum, the other is lowered, because the ratio has priority over the sum."""
    share = 1 / (1 + math.exp(-tilt))
    left, right = total * share, total * (1 - share)
    dimmed = max(left, right) / lamps.most
    if dimmed > 1:
        left, right = left / dimmed, right / dimmed
    return Levels(_within(left, lamps), _within(right, lamps))


def _within(level: float, lamps: LampRange) -> float:
    return round(max(lamps.least, min(lamps.most, level)), 4)


def _effect(levels: Levels, even: float | None) -> tuple[float, float] | None:
    """ln(left / right) of the lamps and of the light on the face; None if the light could not be measured."""
    if even is None or even <= -1:
        return None
    return math.log(levels.left / levels.right), 3 * math.log(1 + even)


def _slope(before: tuple[float, float] | None, now: tuple[float, float]) -> float:
    if before is None or abs(now[0] - before[0]) < SAME:
        return FIRST_SLOPE
    return max(LEAST_SLOPE, min(1.0, (now[1] - before[1]) / (now[0] - before[0])))


def _share(side: int, exposure_us: float | None, *, first: bool) -> float:
    """The factor by which both lamps are changed.

    `side`: how the skin is exposed: +1 overexposed, -1 too dark. For overexposed skin the lamps are dimmed only once:
    automatic exposure counteracts the dimming, and a wet forehead has highlights under any light.
    """
    if side > 0:
        return LOWERED if first else 1.0
    if exposure_us is not None and exposure_us > DIM_US:
        return min(RAISED, exposure_us / AIM_US)
    return RAISED if side < 0 else 1.0
