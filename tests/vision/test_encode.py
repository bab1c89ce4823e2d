"""The JPEG: legal or refused, never padded."""

import cv2
import numpy as np

from kiosk.vision.encode import Encoded, NoEncoding, encode
from rules.filecheck import check_file
from rules.profile import load_profile
from tests.vision.conftest import Picture

SPEC = load_profile("jiangsu-2019").photo


def textured(strength: float, sigma: float) -> Picture:
    noise = np.random.default_rng(1).normal(0, 1, (640, 480, 3)).astype(np.float32)
    values = 128 + strength * cv2.GaussianBlur(noise, (0, 0), sigma)
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def test_a_usual_picture_gets_the_best_quality_that_fits() -> None:
    file = encode(textured(120, 3.0), SPEC)
    assert isinstance(file, Encoded)
    assert check_file(file.jpeg, SPEC) == ()
    assert SPEC.bytes_min <= len(file.jpeg) <= SPEC.bytes_max


def test_a_busy_picture_gives_up_colour_resolution_before_quality() -> None:
    file = encode(textured(60, 1.2), SPEC)
    assert isinstance(file, Encoded)
    assert file.subsampling == "4:2:0"
    assert check_file(file.jpeg, SPEC) == ()


def test_pure_noise_is_too_large_at_the_least_quality_and_refused() -> None:
    refused = encode(textured(80, 0.01), SPEC)
    assert isinstance(refused, NoEncoding)
    assert refused.size > SPEC.bytes_max
    assert "60" in str(refused)


def test_a_blank_picture_is_too_small_at_the_best_quality_and_never_padded() -> None:
    refused = encode(np.full((640, 480, 3), 200, np.uint8), SPEC)
    assert isinstance(refused, NoEncoding)
    assert refused.size < SPEC.bytes_min
