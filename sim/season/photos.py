"""Photos of people who do not exist: simple figures that are drawn in milliseconds."""

import io
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from pydantic import JsonValue

from rules.checks import CheckId, CheckRule, Limit, Policy
from rules.profile import Profile

_BACKDROP = (100, 197, 255)
_TONES = ((238, 205, 180), (222, 184, 150), (246, 218, 196), (205, 164, 130))


def scripted(person: int, number: int) -> bytes:
    """A figure in front of the backdrop, without a face. `person`: whom the photo shows; `number`: the number of the
    photo, which determines its grain.
    """
    looks, grain = np.random.default_rng(person), np.random.default_rng(number)
    image = Image.new("RGB", (480, 640), _BACKDROP)
    pen = ImageDraw.Draw(image)
    skin, hair = _TONES[person % len(_TONES)], tuple(int(one) for one in looks.integers(15, 70, 3))
    shift = int(looks.integers(-6, 7))
    pen.ellipse((100 + shift, 470, 380 + shift, 900), fill=(244, 244, 246))
    pen.rectangle((205 + shift, 400, 275 + shift, 500), fill=skin)
    pen.ellipse((132 + shift, 84, 348 + shift, 380), fill=hair)
    pen.ellipse((146 + shift, 120, 334 + shift, 420), fill=skin)
    for x in (198, 282):
        pen.ellipse((x - 13 + shift, 242, x + 13 + shift, 258), fill=(250, 250, 250))
        pen.ellipse((x - 7 + shift, 243, x + 7 + shift, 257), fill=(45, 35, 30))
    pen.arc((205 + shift, 320, 275 + shift, 352), 20, 160, fill=(170, 90, 85), width=4)
    pixels = np.asarray(image.filter(ImageFilter.BoxBlur(1)), np.int16).copy()
    # The grain makes the file as large as that of a real photo.
    pixels[90:, 90:390] += grain.integers(-9, 10, (550, 300, 1)).astype(np.int16)
    for quality in range(88, 60, -4):
        out = io.BytesIO()
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=quality, dpi=(300, 300))
        if len(out.getvalue()) <= 39_500:
            return out.getvalue()
    raise AssertionError("grain and quality were chosen so that one of them fits")


def report(profile: Profile) -> tuple[dict[str, JsonValue], ...]:
    """A check report in which every check passes with a value in the middle of its limits."""
    return tuple(map(passing, profile.shot_rules))


def passing(rule: CheckRule) -> dict[str, JsonValue]:
    """The row of a check report for a check that passes with a value in the middle of its limits."""
    if rule.policy is Policy.OFF:
        return {"id": rule.check.value, "verdict": "off", "value": None}
    return {"id": rule.check.value, "verdict": "pass", "value": middle(rule.limit)}


def fine_values(profile: Profile) -> Mapping[CheckId, float | None]:
    """The measures of a live frame on which every check passes."""
    fine = {rule.check: middle(rule.limit) for rule in profile.live_rules if rule.policy is not Policy.OFF}
    return MappingProxyType({**fine, CheckId.LIGHT_EVEN: 0.0})


def middle(limit: Limit) -> float:
    """A value that passes and is as far from both ends of the limit as possible."""
    sides = [side for side in (limit.min, limit.max) if side is not None]
    return sum(sides) / len(sides) if sides else 0.0
