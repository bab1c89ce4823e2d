"""The JPEG: legal or refused, never padded."""

import cv2
import numpy as np
from PIL import Image

from rules.encode import Encoded, NoEncoding, encode, encode_original
from rules.filecheck import check_file
from rules.original import ORIGINAL_BYTES, original_faults
from rules.profile import load_profile

SPEC = load_profile("jiangsu-2019").photo


def textured(strength: float, sigma: float) -> Image.Image:
    noise = np.random.default_rng(1).normal(0, 1, (640, 480, 3)).astype(np.float32)
    values = 128 + strength * cv2.GaussianBlur(noise, (0, 0), sigma)
    return Image.fromarray(np.asarray(np.clip(values, 0, 255), np.uint8))


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
    refused = encode(Image.new("RGB", (480, 640), (200, 200, 200)), SPEC)
    assert isinstance(refused, NoEncoding)
    assert refused.size < SPEC.bytes_min


def test_an_original_fits_its_bytes_and_is_what_it_says() -> None:
    file = encode_original(textured(40, 3.0).resize((874, 1165)), SPEC.dpi)
    assert isinstance(file, Encoded)
    assert len(file.jpeg) <= ORIGINAL_BYTES
    assert original_faults(file.jpeg, (874, 1165)) == ()
    assert "874 x 1165" in " ".join(original_faults(file.jpeg, (873, 1165)))
    assert "after the picture" in " ".join(original_faults(file.jpeg + b"x", (874, 1165)))
    assert "no whole JPEG" in " ".join(original_faults(file.jpeg[:-9], (874, 1165)))
    assert "60000" in " ".join(original_faults(bytes(ORIGINAL_BYTES + 1), (874, 1165)))


def test_an_original_that_can_not_fit_is_refused() -> None:
    assert isinstance(
        encode_original(textured(80, 0.01).resize((1400, 1800), Image.Resampling.NEAREST), 300), NoEncoding
    )
