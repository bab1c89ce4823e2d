"""Turns native values into check results, by limit and policy. A check without a result is not a failed check."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kiosk.core.inputs import Measures
from rules.checks import CheckId, CheckRule, Limit, Policy, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """The result of one check. `side` is -1 if the value is below the limit, +1 if above, 0 if inside or unknown."""

    check: CheckId
    verdict: Verdict
    value: float | None
    side: int
    limit: Limit


@dataclass(frozen=True, slots=True)
class Judgement:
    """The results of all checks of one frame or picture, in the order of the rules."""

    checks: tuple[Judged, ...]

    @property
    def ready(self) -> bool:
        """Whether no required check failed, and at least one check was made."""
        return bool(self.checks) and all(judged.verdict is not Verdict.FAIL for judged in self.checks)

    def failing(self) -> tuple[Judged, ...]:
        """The required checks that failed."""
        return tuple(judged for judged in self.checks if judged.verdict is Verdict.FAIL)


NOBODY = Judgement((Judged(CheckId.ONE_FACE, Verdict.FAIL, None, -1, Limit(min=1)),))
"""The judgement of a live frame without a face."""


def judge_live(
    measures: Measures, rules: tuple[CheckRule, ...], before: Judgement | None, *, nearly: bool = False
) -> Judgement:
    """Judge a live frame. `nearly`: a value beyond its limit, but not beyond the rule's `refuse`, only warns.

    Without a face there is one result: the check `one_face` failed, with a value below its limit. Expensive checks are
    not measured in every frame; a check that was not measured in this frame keeps its result from `before`.
    """
    if measures.faces == 0:
        return NOBODY
    asked = rules if nearly else tuple(replace(rule, refuse=None) for rule in rules)
    fresh = {judged.check: judged for judged in judge(measures.values, asked, before).checks}
    if before is not None and before != NOBODY:
        fresh = {judged.check: judged for judged in before.checks} | fresh
    return Judgement(tuple(fresh[rule.check] for rule in rules if rule.check in fresh))


ESSENTIAL = frozenset(
    {
        CheckId.ONE_FACE,
        CheckId.DISTANCE,
        CheckId.CENTRE_X,
        CheckId.CENTRE_Y,
        CheckId.ENOUGH_PIXELS,
        CheckId.POSITION,
    }
)
"""The essential checks: if one of them fails, no legal photo can be cut out of the frame."""


def excused(judgement: Judgement) -> Judgement:
    """`judgement` for a graduate who said why the checks cannot be met, or who has tried for long enough: all checks
    but the essential ones only warn."""
    return Judgement(
        tuple(
            replace(one, verdict=Verdict.WARN) if one.verdict is Verdict.FAIL and one.check not in ESSENTIAL else one
            for one in judgement.checks
        )
    )


def waived(judgement: Judgement, check: CheckId | None) -> Judgement:
    """`judgement` after staff waived `check`: if it fails, it only warns."""
    return Judgement(
        tuple(
            replace(one, verdict=Verdict.WARN) if one.check is check and one.verdict is Verdict.FAIL else one
            for one in judgement.checks
        )
    )


HYSTERESIS = 0.1
"""How far the value of a check that passed may go beyond its limit before the check fails. It is a share of the
limit's range or, if the limit has only one end, of that end."""


def judge(
    values: Mapping[CheckId, float | None], rules: tuple[CheckRule, ...], before: Judgement | None = None
) -> Judgement:
    """Judge `values` by `rules`; checks that were not measured (absent from `values`) are not in the result.

    A check that passed in the judgement `before` gets a limit that is wider by `HYSTERESIS`, so that the result of a
    value near its limit does not alternate.
    """
    passed = {judged.check for judged in before.checks if judged.verdict is Verdict.PASS} if before else set()
    answers = []
    for rule in rules:
        if rule.check not in values:
            continue
        value = values[rule.check]
        limit = widened(rule.limit) if rule.check in passed else rule.limit
        side = 0 if value is None else limit.side(value)
        beyond = rule.refuse is None or value is None or rule.refuse.side(value) != 0
        answers.append(Judged(rule.check, _verdict(rule.policy, value, side, refused=beyond), value, side, rule.limit))
    return Judgement(tuple(answers))


def widened(limit: Limit) -> Limit:
    """`limit` with `HYSTERESIS` added at each end."""
    if limit.min is not None and limit.max is not None:
        slack = (limit.max - limit.min) * HYSTERESIS
    else:
        slack = abs(limit.min if limit.min is not None else limit.max or 0.0) * HYSTERESIS
    return Limit(
        None if limit.min is None else limit.min - slack,
        None if limit.max is None else limit.max + slack,
    )


def _verdict(policy: Policy, value: float | None, side: int, *, refused: bool) -> Verdict:
    if policy is Policy.OFF:
        return Verdict.OFF
    if value is None:
        return Verdict.UNKNOWN
    if side == 0:
        return Verdict.PASS
    return Verdict.FAIL if policy is Policy.REQUIRED and refused else Verdict.WARN
