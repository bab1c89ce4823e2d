"""The booth's check report as the office uses it: read leniently, and checked against the office's own profile."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from rules.checks import CheckId, CheckRule, Policy, Verdict
from rules.profile import Profile

_FINE = frozenset({Verdict.PASS, Verdict.OFF})
_CHECKS = {check.value: check for check in CheckId}
_VERDICTS = {verdict.value: verdict for verdict in Verdict}


class CheckResult(NamedTuple):
    """One check: the value that the booth measured, in the check's own unit, and the booth's result. `value` None: no
    result, or not measured."""

    check: CheckId
    verdict: Verdict
    value: float | None


def read_report(rows: Sequence[Mapping[str, JsonValue]]) -> tuple[CheckResult, ...]:
    """The rows that can be read, one for each check. An unreadable row is left out: its check then has no result, so
    that staff look at the shot; a damaged report must not refuse a photo.
    """
    found: dict[CheckId, CheckResult] = {}
    for row in rows:
        name = row["id"] if "id" in row else row.get("check")
        check, known = _CHECKS.get(str(name)), _VERDICTS.get(str(row.get("verdict")))
        if check is not None and known is not None:
            found[check] = CheckResult(check, known, _number(row.get("value")))
    return tuple(found.values())


def photo_rules(profile: Profile) -> list[CheckRule]:
    """The profile's rules for the checks of a photo that are on."""
    return [rule for rule in profile.shot_rules if rule.policy is not Policy.OFF]


def findings(results: Sequence[CheckResult], profile: Profile) -> tuple[CheckResult, ...]:
    """Checks that did not pass: failed, warned, without a result, missing, or outside the limits of the office's own
    profile."""
    by_check = {result.check: result for result in results}
    found = []
    for rule in photo_rules(profile):
        result = by_check.get(rule.check, CheckResult(rule.check, Verdict.UNKNOWN, None))
        if result.verdict is Verdict.PASS and (result.value is None or rule.limit.side(result.value) != 0):
            verdict = Verdict.UNKNOWN if result.value is None else Verdict.FAIL
            result = CheckResult(rule.check, verdict, result.value)
        if result.verdict is not Verdict.PASS:
            found.append(result)
    known = {result.check for result in found} | {rule.check for rule in profile.shot_rules}
    found += [result for result in results if result.check not in known and result.verdict not in _FINE]
    return tuple(found)


def not_judged(found: Sequence[CheckResult], profile: Profile) -> bool:
    """Whether a required check has no result. Staff look at such a shot first."""
    required = {rule.check for rule in profile.shot_rules if rule.policy is Policy.REQUIRED}
    return any(result.verdict is Verdict.UNKNOWN and result.check in required for result in found)


def _number(value: JsonValue) -> float | None:
    if type(value) is float and math.isfinite(value):  # nearly every value
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
