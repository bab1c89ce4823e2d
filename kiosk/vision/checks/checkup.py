"""The check report: one JSON object for each check of `REPORTED`, with verdict, value, unit, limit and message."""

import math
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from common.catalog import SHORT_NAMES, Catalog
from kiosk.core.session.quality import Judged, Judgement, judge
from kiosk.vision.checks.genuine import PictureDoubt
from rules.checks import LIVE_ONLY, CheckId, CheckRule, Limit, Policy, Verdict
from rules.profile import Profile

REPORTED = tuple(check for check in CheckId if check not in LIVE_ONLY)

CheckRow = dict[str, JsonValue]


def judge_shot(values: Mapping[CheckId, float | None], profile: Profile) -> Judgement:
    """Judge a shot by the profile. A check without a value gives "could not tell"."""
    return judge({rule.check: values.get(rule.check) for rule in profile.shot_rules}, profile.shot_rules)


def check_rows(judgement: Judgement, profile: Profile, catalogs: Mapping[str, Catalog]) -> list[CheckRow]:
    """One row for each reported check, in the order of `CheckId`."""
    judged = {one.check: one for one in judgement.checks}
    rules = {rule.check: rule for rule in profile.shot_rules}
    return [_row(check, judged.get(check), rules.get(check), catalogs) for check in REPORTED]


def warnings(judgement: Judgement) -> tuple[str, ...]:
    """The checks whose result on a finished photo is a failure or a warning, failures first. Finishing never refuses a
    photo for looks: it only reports these checks."""
    ranked = sorted(judgement.checks, key=lambda one: one.verdict is not Verdict.FAIL)
    return tuple(one.check.value for one in ranked if one.verdict in (Verdict.FAIL, Verdict.WARN))


def doubts(values: Mapping[CheckId, float | None], profile: Profile) -> tuple[str, ...]:
    """The required checks that were tried on a shot and gave no result, in the order of guidance."""
    required = [rule.check for rule in profile.shot_rules if rule.policy is Policy.REQUIRED]
    return tuple(check.value for check in required if check in values and values[check] is None)


def doubted_checks(values: Mapping[CheckId, float | None], judgement: Judgement, *, plain: bool) -> tuple[CheckId, ...]:
    """The checks that make it doubtful whether staff would accept a photo made from a picture, in the order of
    guidance: required checks that fail or can't tell, and the background if it could not be modelled (not `plain`)."""
    doubtful = {one.check for one in judgement.failing()}
    doubtful |= {one.check for one in judgement.checks if one.verdict is Verdict.UNKNOWN and one.check in values}
    if not plain:
        doubtful.add(CheckId.BACKGROUND_EVEN)
    return tuple(one.check for one in judgement.checks if one.check in doubtful)


def doubt_rows(
    pictures: Iterable[PictureDoubt],
    checks: Iterable[CheckId],
    judgement: Judgement,
    catalogs: Mapping[str, Catalog],
) -> list[JsonValue]:
    """For each doubt its `id` and `message` (zh, en): first what speaks against the picture, then the doubted
    checks."""
    sides = {one.check: one.side if one.value is not None else None for one in judgement.checks}
    rows: list[JsonValue] = [_doubt_row(doubt.value, f"picture.{doubt.value}", catalogs) for doubt in pictures]
    for check in checks:
        side = sides[check]
        words = "check.unknown" if side is None else f"check.{check.value}.{'low' if side < 0 else 'high'}"
        rows.append(_doubt_row(check.value, words, catalogs))
    return rows


def _doubt_row(name: str, words: str, catalogs: Mapping[str, Catalog]) -> CheckRow:
    return {"id": name, "message": both(words, catalogs)}


def both(words: str, catalogs: Mapping[str, Catalog]) -> CheckRow:
    """The message `words` by the short name of each language."""
    return {short: catalogs[language].text(words) for short, language in SHORT_NAMES.items()}


def score(judgement: Judgement) -> float:
    """How good a take is, 0..1: the mean over all checks that have a value. It serves to rank the takes of one person.

    A value in the middle of its check's range counts 1, at the end of the range 0.5, and beyond it less and less.
    """
    comforts = [_comfort(one.value, one.limit) for one in judgement.checks if one.value is not None]
    return sum(comforts) / len(comforts) if comforts else 0.0


def _comfort(value: float, limit: Limit) -> float:
    low, high = limit.min, limit.max
    if low is not None and high is not None:
        strain = abs(value - (low + high) / 2) / max((high - low) / 2, 1e-9)
    elif high is not None:
        strain = value / high if high > 0 else 1.0 + value
    else:
        strain = low / value if low is not None and value > 0 else 2.0
    return 1 / (1 + max(0.0, strain) ** 2)


def _row(check: CheckId, judged: Judged | None, rule: CheckRule | None, catalogs: Mapping[str, Catalog]) -> CheckRow:
    if rule is None or rule.policy is Policy.OFF:
        verdict, value = Verdict.OFF, None
    elif judged is None:
        verdict, value = Verdict.UNKNOWN, None
    else:
        verdict, value = judged.verdict, judged.value
    ends = {} if rule is None else {"min": rule.limit.min, "max": rule.limit.max}
    limit: dict[str, JsonValue] = {end: number for end, number in ends.items() if number is not None}
    words = _text_id(check, verdict, 0 if judged is None else judged.side)
    return {
        "id": check.value,
        "verdict": verdict.value,
        "value": None if value is None or not math.isfinite(value) else round(value, 4),
        "unit": "" if rule is None else rule.unit,
        "limit": limit,
        "message": both(words, catalogs),
    }


def _text_id(check: CheckId, verdict: Verdict, side: int) -> str:
    if verdict in (Verdict.FAIL, Verdict.WARN):
        return f"check.{check.value}.{'low' if side < 0 else 'high'}"
    return f"check.{verdict.value}"
