"""Variants of one picture: the same face, and the check whose answer changes between them is named."""

import numpy as np
import pytest

from bench.accuracy.left_out import Stranger
from bench.accuracy.variants import VARIANTS, changed_answers
from rules.checks import CheckId
from rules.profile import load_profile

PROFILE = load_profile("national-2017")
RGB = np.asarray(np.random.default_rng(4).integers(60, 180, (120, 100, 3)), np.uint8)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_is_another_picture_of_about_the_same_brightness(name: str) -> None:
    made = VARIANTS[name](RGB)
    assert made.dtype == np.uint8
    assert made.shape[2] == 3
    assert abs(float(made.mean()) - float(RGB.mean())) < 20
    assert (name == "as it is") == np.array_equal(made, RGB)


def seen(*values: float) -> dict[str, Stranger]:
    return {str(k): Stranger("neutral", "a", {CheckId.GAZE: value}) for k, value in enumerate(values)}


def test_an_answer_that_changes_between_variants_is_reported_with_its_values() -> None:
    assert dict(changed_answers(seen(0.02, 0.09), PROFILE)) == {CheckId.GAZE: {"0": 0.02, "1": 0.09}}


def test_an_answer_that_stays_is_no_news_unless_it_refuses() -> None:
    assert dict(changed_answers(seen(0.02, 0.03), PROFILE)) == {}
    assert set(dict(changed_answers(seen(0.09, 0.1), PROFILE))) == {CheckId.GAZE}
