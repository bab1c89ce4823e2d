"""One instruction at a time: order, calm, and hold still at once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.session.guidance import DWELL_MS, HOLD_STILL, SHOWN_MS, SILENT, WORDS, Guidance, advance, words
from kiosk.core.session.quality import NOBODY, Judged, Judgement
from rules.checks import CheckId, Limit, Verdict
from rules.profile import load_profile, profile_names

MS = 1_000_000
FRAME_MS = 70


def failing(*checks: tuple[CheckId, int]) -> Judgement:
    judged = [Judged(check, Verdict.FAIL, 0.0, side, Limit(0, 0)) for check, side in checks]
    return Judgement((*judged, Judged(CheckId.SHARP, Verdict.PASS, 1.0, 0, Limit(min=0.5))))


FINE = failing()
BLINK = failing((CheckId.EYES_OPEN, -1))
TILTED = failing((CheckId.ROLL, 1))
FAR = failing((CheckId.DISTANCE, -1))


class Talk:
    """Frames as they come, and what the screen said."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.guidance = Guidance()
        self.said: list[tuple[int, str]] = []

    def see(self, judgement: Judgement, for_ms: int) -> str:
        end_ms = self.now_ms + for_ms
        while self.now_ms < end_ms:
            self.now_ms += FRAME_MS
            before, self.guidance = self.guidance.text, advance(self.guidance, judgement, self.now_ms * MS)
            if self.guidance.text != before:
                self.said.append((self.now_ms, self.guidance.text))
        return self.guidance.text


def test_first_failing_check_speaks() -> None:
    both = failing((CheckId.DISTANCE, -1), (CheckId.ROLL, 1))
    assert Talk().see(both, FRAME_MS) == "guide.too_far"


def test_first_words_come_at_once() -> None:
    assert Talk().see(TILTED, FRAME_MS) == "guide.tilt_right"


def test_blink_of_200_ms_is_not_scolded() -> None:
    talk = Talk()
    talk.see(FINE, 3_000)
    for _ in range(4):
        talk.see(BLINK, 200)
        talk.see(FINE, 4_000)
    assert [text for _, text in talk.said] == [HOLD_STILL]


def test_closed_eyes_are_told_after_the_dwell() -> None:
    talk = Talk()
    talk.see(FINE, 3_000)
    began_ms = talk.now_ms
    assert talk.see(BLINK, 1_000) == "guide.eyes_open"
    assert DWELL_MS <= talk.said[-1][0] - began_ms <= DWELL_MS + 2 * FRAME_MS


def test_instruction_stays_long_enough_to_be_read() -> None:
    talk = Talk()
    talk.see(TILTED, FRAME_MS)
    shown_ms = talk.now_ms
    talk.see(FAR, 3_000)
    assert [text for _, text in talk.said] == ["guide.tilt_right", "guide.too_far"]
    assert SHOWN_MS <= talk.said[1][0] - shown_ms <= SHOWN_MS + FRAME_MS


def test_hold_still_comes_at_once_since_the_shot_follows_it() -> None:
    talk = Talk()
    talk.see(TILTED, FRAME_MS)
    assert talk.see(FINE, FRAME_MS) == HOLD_STILL


def test_hold_still_for_sharpness_waits_like_any_instruction() -> None:
    talk = Talk()
    talk.see(TILTED, FRAME_MS)
    blurred = failing((CheckId.SHARP, -1))
    assert talk.see(blurred, 500) == "guide.tilt_right"
    assert talk.see(blurred, 500) == HOLD_STILL


def test_instructions_that_take_turns_every_frame_do_not_flicker() -> None:
    talk = Talk()
    talk.see(TILTED, FRAME_MS)
    for _ in range(40):
        talk.see(FAR, FRAME_MS)
        talk.see(TILTED, FRAME_MS)
    assert [text for _, text in talk.said] == ["guide.tilt_right"]


def test_nobody_is_asked_to_sit_down() -> None:
    assert Talk().see(NOBODY, FRAME_MS) == "guide.face_none"


def test_failed_check_without_words_leaves_the_next_one_to_speak() -> None:
    assert words(Judged(CheckId.SKIN_COLOUR, Verdict.FAIL, 9.0, 1, Limit(max=1))) is None
    assert Talk().see(failing((CheckId.SKIN_COLOUR, 1), (CheckId.ROLL, -1)), FRAME_MS) == "guide.tilt_left"


@given(st.lists(st.tuples(st.sampled_from([FINE, BLINK, TILTED, FAR, NOBODY]), st.integers(1, 2_000)), max_size=30))
def test_no_instruction_but_hold_still_follows_another_within_its_time(seen: list[tuple[Judgement, int]]) -> None:
    talk = Talk()
    for judgement, for_ms in seen:
        talk.see(judgement, for_ms)
    for (before_ms, _), (after_ms, text) in pairwise(talk.said):
        assert text == HOLD_STILL or after_ms - before_ms >= SHOWN_MS


@pytest.mark.parametrize("name", profile_names())
def test_every_live_check_has_words_for_each_side_that_can_fail(name: str) -> None:
    """Those that only warn, too: another profile may require them."""
    for rule in load_profile(name).live_rules:
        if rule.check not in SILENT:
            assert rule.limit.min is None or (rule.check, -1) in WORDS, f"{rule.check} below its limit"
            assert rule.limit.max is None or (rule.check, 1) in WORDS, f"{rule.check} above its limit"


def test_what_the_graduate_can_do_nothing_about_has_no_words() -> None:
    assert not SILENT & {check for check, _ in WORDS}


@pytest.mark.parametrize("name", profile_names())
def test_order_is_face_light_position_expression(name: str) -> None:
    order = [rule.check for rule in load_profile(name).live_rules]
    groups = [
        [CheckId.ONE_FACE],
        [CheckId.EXPOSURE, CheckId.LIGHT_EVEN],
        [CheckId.DISTANCE, CheckId.CENTRE_X, CheckId.CENTRE_Y, CheckId.ROLL, CheckId.YAW, CheckId.PITCH],
        [CheckId.EYES_OPEN, CheckId.MOUTH_CLOSED],
    ]
    places = [[order.index(check) for check in group] for group in groups]
    for earlier, later in pairwise(places):
        assert max(earlier) < min(later)
