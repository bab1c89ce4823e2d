"""From native values to verdicts: a limit, a policy, and "could not tell" kept apart from "bad"."""

from collections.abc import Mapping
from dataclasses import dataclass

from rules.checks import CheckId, CheckRule, Limit, Policy, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """One check's answer. `side` is -1 below the limit, +1 above it, 0 inside or unknown."""

    check: CheckId
    verdict: Verdict
    value: float | None
    side: int
    limit: Limit


@dataclass(frozen=True, slots=True)
class Judgement:
    """All answers for one frame or picture, in the order of the rules."""

    checks: tuple[Judged, ...]

    @property
    def ready(self) -> bool:
        """No required check failed and the picture was judged at all."""
        return bool(self.checks) and all(judged.verdict is not Verdict.FAIL for judged in self.checks)

    def failing(self) -> tuple[Judged, ...]:
        """The required checks that failed."""
        return tuple(judged for judged in self.checks if judged.verdict is Verdict.FAIL)


def judge(values: Mapping[CheckId, float | None], rules: tuple[CheckRule, ...]) -> Judgement:
    """Judge `values` by `rules`; checks that were not tried (absent from `values`) are not in the answer."""
    answers = []
    for rule in rules:
        if rule.check not in values:
            continue
        value = values[rule.check]
        side = 0 if value is None else rule.limit.side(value)
        answers.append(Judged(rule.check, _verdict(rule.policy, value, side), value, side, rule.limit))
    return Judgement(tuple(answers))


def _verdict(policy: Policy, value: float | None, side: int) -> Verdict:
    if policy is Policy.OFF:
        return Verdict.OFF
    if value is None:
        return Verdict.UNKNOWN
    if side == 0:
        return Verdict.PASS
    return Verdict.FAIL if policy is Policy.REQUIRED else Verdict.WARN
