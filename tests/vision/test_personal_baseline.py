"""The person's own eyes and mouth at ease: who differs is not held up, and nobody teaches the booth a fault."""

import pytest

from kiosk.vision.checks.personal_baseline import FEWEST, PersonalBaseline
from rules.checks import CheckId
from rules.profile import load_profile

SHOT = {rule.check: rule.limit for rule in load_profile("jiangsu-2019").shot_rules}
REFUSED = 0.7
"""The profile refuses a shot from here on (`refuse` of `neutral`)."""
EYES, SMILE = CheckId.EYES_OPEN, CheckId.NEUTRAL


def frame(eyes: float, smile: float, yaw: float = 0.0, pitch: float = 0.0) -> dict[CheckId, float | None]:
    return {EYES: eyes, SMILE: smile, CheckId.YAW: yaw, CheckId.PITCH: pitch}


def learnt(*frames: dict[CheckId, float | None], times: int = 60) -> PersonalBaseline:
    own = PersonalBaseline()
    for k in range(times):
        own.learn(frames[k % len(frames)])
    return own


def passes(own: PersonalBaseline, eyes: float, smile: float) -> tuple[bool, bool]:
    told = own.judged({EYES: eyes, SMILE: smile})
    gap, grin = told[EYES], told[SMILE]
    assert gap is not None
    assert grin is not None
    return SHOT[EYES].side(gap) == 0, SHOT[SMILE].side(grin) == 0


def test_values_are_unchanged_before_a_baseline_is_known() -> None:
    own = learnt(frame(0.15, 0.5), times=FEWEST - 1)
    assert own.judged({EYES: 0.15, SMILE: 0.5}) == {EYES: 0.15, SMILE: 0.5}


def test_narrow_eyes_wide_open_pass_and_closed_do_not() -> None:
    own = learnt(frame(0.17, 0.0))
    assert passes(PersonalBaseline(), 0.17, 0.0) == (False, True)
    assert passes(own, 0.17, 0.0) == (True, True)
    assert passes(own, 0.08, 0.0) == (False, True)


def test_wide_eyes_half_closed_do_not_pass() -> None:
    own = learnt(frame(0.45, 0.0))
    assert passes(PersonalBaseline(), 0.23, 0.0) == (True, True)
    assert passes(own, 0.23, 0.0) == (False, True)
    assert passes(own, 0.45, 0.0) == (True, True)


def test_a_mouth_that_rests_high_passes_and_its_smile_does_not() -> None:
    own = learnt(frame(0.34, 0.6))
    assert passes(PersonalBaseline(), 0.34, 0.6) == (True, False)
    assert passes(own, 0.34, 0.6) == (True, True)
    assert passes(own, 0.34, 1.1) == (True, False)


def test_who_changes_from_the_own_rest_smiles_though_others_rest_so() -> None:
    own = learnt(frame(0.34, -0.3))
    assert passes(PersonalBaseline(), 0.34, 0.1) == (True, True)
    assert passes(own, 0.34, 0.1) == (True, False)


@pytest.mark.parametrize(("eyes", "smile"), [(0.1, 0.0), (0.0, 0.0)])
def test_closed_eyes_are_nobody_s_open_ones(eyes: float, smile: float) -> None:
    assert passes(learnt(frame(eyes, smile)), eyes, smile)[0] is False


@pytest.mark.parametrize("moved", [-0.018, 0.03])
def test_a_frown_and_raised_brows_are_no_relaxed_face_and_small_moves_are_one(moved: float) -> None:
    own = PersonalBaseline()
    for _ in range(20):
        own.learn(frame(0.34, 0.0), 0.22)
    frowns, rests = (own.judged(frame(0.34, 0.0), 0.22 + change)[SMILE] for change in (moved, 0.005))
    assert frowns is not None
    assert frowns > REFUSED
    assert rests is not None
    assert SHOT[SMILE].side(rests) == 0


def test_low_brows_that_never_move_are_at_rest() -> None:
    own = PersonalBaseline()
    for _ in range(20):
        own.learn(frame(0.34, 0.0), 0.16)
    assert own.judged(frame(0.34, 0.0), 0.16)[SMILE] == pytest.approx(0.0)


def test_brows_hide_no_smile() -> None:
    own = PersonalBaseline()
    for _ in range(20):
        own.learn(frame(0.34, 0.0), 0.22)
    smiles = own.judged(frame(0.34, 0.5), 0.22)[SMILE]
    assert smiles is not None
    assert smiles > REFUSED


def test_a_grin_from_the_first_frame_on_is_nobody_s_rest() -> None:
    assert passes(learnt(frame(0.34, 1.0)), 0.34, 1.0)[1] is False


def test_blinks_and_words_teach_nothing() -> None:
    own = learnt(*[frame(0.34, 0.1)] * 3, frame(0.05, 0.9))
    told = own.judged({EYES: 0.34, SMILE: 0.1})
    assert told[EYES] == pytest.approx(0.34)
    assert told[SMILE] == pytest.approx(0.0)


def test_a_turned_head_teaches_nothing() -> None:
    own = learnt(frame(0.15, 0.6, yaw=20.0), frame(0.15, 0.6, pitch=-20.0))
    assert own.judged({EYES: 0.15, SMILE: 0.6}) == {EYES: 0.15, SMILE: 0.6}


def test_a_frame_without_these_values_is_left_alone() -> None:
    own = learnt(frame(0.34, 0.0))
    assert own.judged({CheckId.ROLL: 1.0, EYES: None}) == {CheckId.ROLL: 1.0, EYES: None}
