"""From values to verdicts: limits, policies, what could not be told, hysteresis, and checks measured in turn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.inputs import Measures
from kiosk.core.session.quality import HYSTERESIS, NOBODY, Judgement, judge, judge_live, widened
from rules.checks import CheckId, CheckRule, Limit, Policy, Verdict

ROLL = CheckRule(CheckId.ROLL, Policy.REQUIRED, Limit(-3, 3), "deg")
EYES = CheckRule(CheckId.EYES_OPEN, Policy.REQUIRED, Limit(min=0.2), "ratio")
MOUTH = CheckRule(CheckId.MOUTH_CLOSED, Policy.REQUIRED, Limit(max=0.1), "ratio")
SHOULDERS = CheckRule(CheckId.SHOULDERS, Policy.WARN, Limit(-4, 4), "deg")
TOP = CheckRule(CheckId.TOP_COLOUR, Policy.OFF, Limit(min=58), "L*")
RULES = (ROLL, SHOULDERS, EYES, MOUTH)


def verdict(rule: CheckRule, value: float | None, before: Judgement | None = None) -> Verdict:
    (judged,) = judge({rule.check: value}, (rule,), before).checks
    return judged.verdict


def test_between_its_limit_and_what_it_refuses_a_required_check_warns() -> None:
    smile = CheckRule(CheckId.NEUTRAL, Policy.REQUIRED, Limit(max=0.33), "share", Limit(max=0.7))
    told = {value: verdict(smile, value) for value in (0.33, 0.34, 0.7, 0.71, None)}
    assert list(told.values()) == [Verdict.PASS, Verdict.WARN, Verdict.WARN, Verdict.FAIL, Verdict.UNKNOWN]
    (judged,) = judge({CheckId.NEUTRAL: 0.5}, (smile,)).checks
    assert (judged.side, judged.limit) == (1, Limit(max=0.33)), "what is told is the limit it lies beyond"


def test_an_end_that_is_not_widened_refuses_at_nothing() -> None:
    light = CheckRule(CheckId.LIGHT_EVEN, Policy.REQUIRED, Limit(-0.1, 0.1), "ratio", Limit(max=0.2))
    assert [verdict(light, value) for value in (-5.0, 0.15, 0.3)] == [Verdict.WARN, Verdict.WARN, Verdict.FAIL]


def frame(faces: int = 1, **values: float | None) -> Measures:
    return Measures(1, faces, {CheckId(name): value for name, value in values.items()})


@pytest.mark.parametrize(
    ("rule", "value", "expected", "side"),
    [
        (ROLL, 3.0, Verdict.PASS, 0),
        (ROLL, -3.0, Verdict.PASS, 0),
        (ROLL, 3.01, Verdict.FAIL, 1),
        (ROLL, -3.01, Verdict.FAIL, -1),
        (ROLL, None, Verdict.UNKNOWN, 0),
        (EYES, 0.19, Verdict.FAIL, -1),
        (MOUTH, 0.11, Verdict.FAIL, 1),
        (SHOULDERS, 5.0, Verdict.WARN, 1),
        (SHOULDERS, None, Verdict.UNKNOWN, 0),
        (TOP, 3.0, Verdict.OFF, -1),
        (TOP, None, Verdict.OFF, 0),
    ],
)
def test_value_limit_and_policy_give_the_verdict(
    rule: CheckRule, value: float | None, expected: Verdict, side: int
) -> None:
    (judged,) = judge({rule.check: value}, (rule,)).checks
    assert (judged.verdict, judged.side, judged.value, judged.limit) == (expected, side, value, rule.limit)


def test_answers_come_in_the_order_of_the_rules_and_only_for_what_was_tried() -> None:
    judged = judge({CheckId.EYES_OPEN: 0.3, CheckId.ROLL: 0.0}, RULES)
    assert [answer.check for answer in judged.checks] == [CheckId.ROLL, CheckId.EYES_OPEN]


def test_only_required_failures_hold_up_the_shot() -> None:
    assert judge({CheckId.SHOULDERS: 9.0, CheckId.ROLL: None}, RULES).ready
    refused = judge({CheckId.SHOULDERS: 9.0, CheckId.ROLL: 9.0}, RULES)
    assert not refused.ready
    assert [judged.check for judged in refused.failing()] == [CheckId.ROLL]


def test_picture_that_was_not_judged_is_not_ready() -> None:
    assert not Judgement(()).ready


def test_value_trembling_at_its_limit_does_not_flicker() -> None:
    passed = judge({CheckId.ROLL: 2.9}, (ROLL,))
    assert verdict(ROLL, 3.1, passed) is Verdict.PASS
    assert verdict(ROLL, 3.0 + 6 * HYSTERESIS + 0.01, passed) is Verdict.FAIL
    failed = judge({CheckId.ROLL: 3.1}, (ROLL,))
    assert verdict(ROLL, 3.05, failed) is Verdict.FAIL
    assert verdict(ROLL, 3.0, failed) is Verdict.PASS


def test_slack_is_a_share_of_the_range_or_of_the_one_limit() -> None:
    assert widened(Limit(-5, 5)) == Limit(-6, 6)
    assert widened(Limit(min=20)) == Limit(18, None)
    assert widened(Limit(max=10)) == Limit(None, 11)
    assert widened(Limit(max=-10)) == Limit(None, -9)
    assert widened(Limit()) == Limit()


@given(st.floats(-100, 100), st.floats(-100, 100))
def test_wider_limit_holds_all_that_the_limit_holds(low: float, value: float) -> None:
    limit = Limit(low, low + 1)
    if limit.side(value) == 0:
        assert widened(limit).side(value) == 0


def test_frame_without_a_face_has_one_answer() -> None:
    judged = judge_live(frame(faces=0, roll=0.0), RULES, None)
    assert judged == NOBODY
    assert not judged.ready
    assert [(answer.check, answer.side) for answer in judged.failing()] == [(CheckId.ONE_FACE, -1)]


def test_check_that_was_not_tried_keeps_its_answer() -> None:
    first = judge_live(frame(roll=9.0, eyes_open=0.3), RULES, None)
    second = judge_live(frame(eyes_open=0.1), RULES, first)
    assert [(answer.check, answer.verdict) for answer in second.checks] == [
        (CheckId.ROLL, Verdict.FAIL),
        (CheckId.EYES_OPEN, Verdict.FAIL),
    ]
    third = judge_live(frame(roll=0.0), RULES, second)
    assert [answer.verdict for answer in third.checks] == [Verdict.PASS, Verdict.FAIL]


def test_hysteresis_outlasts_frames_in_which_the_check_was_not_tried() -> None:
    first = judge_live(frame(roll=2.9), RULES, None)
    second = judge_live(frame(eyes_open=0.3), RULES, first)
    third = judge_live(frame(roll=3.1), RULES, second)
    assert third.ready


def test_face_that_came_back_is_judged_anew() -> None:
    before = judge_live(frame(faces=0), RULES, judge_live(frame(roll=9.0), RULES, None))
    after = judge_live(frame(eyes_open=0.3), RULES, before)
    assert [answer.check for answer in after.checks] == [CheckId.EYES_OPEN]
    assert after.ready
