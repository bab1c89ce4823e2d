"""The checks of a shot as staff see them: value, unit, limit, result. Checks that did not pass come first."""

from dataclasses import dataclass

from center.review.summaries import ShotDetail
from center.shots.model.report import photo_rules
from rules.checks import CheckRule, Policy, Verdict

_ORDER = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN, Verdict.PASS)


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check. `verdict`: the office's own result; `booth`: the booth's result, if it differs."""

    rule: CheckRule
    value: float | None
    verdict: Verdict
    booth: Verdict | None

    @property
    def check(self) -> str:
        """The check's name."""
        return self.rule.check.value

    @property
    def required(self) -> bool:
        """Whether the photo is refused if this check fails."""
        return self.rule.policy is Policy.REQUIRED


def rows(sheet: ShotDetail) -> tuple[CheckRow, ...]:
    """Every check of the profile that is on and that a photo's report can have."""
    reported = {result.check: result for result in sheet.results}
    found = {finding.check: finding for finding in sheet.findings}
    made = []
    for rule in photo_rules(sheet.profile):
        result, finding = reported.get(rule.check), found.get(rule.check)
        verdict = Verdict.PASS if finding is None else finding.verdict
        if verdict is Verdict.FAIL and rule.policy is Policy.WARN:
            verdict = Verdict.WARN
        booth = None if result is None or result.verdict is verdict else result.verdict
        made.append(CheckRow(rule, None if result is None else result.value, verdict, booth))
    return tuple(sorted(made, key=lambda row: _ORDER.index(row.verdict) if row.verdict in _ORDER else len(_ORDER)))
