"""`python -m bench.accuracy.variants --faces DIR`: tests whether another picture of the same face gets the same answer.

Everybody at rest is judged in pictures that staff would call the same: mirrored, with a quarter less light and with a
seventh more, warmer and colder, compressed, smaller and larger, tilted by a degree, cropped, noisy, a little soft. A
check whose answer changes between these pictures has a thin margin, whoever is in them. The command lists such checks.
No limit is chosen here.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from bench.accuracy.faces import SETS_AT_REST, SHOWN_BY_LABEL, neutral, pictures
from bench.accuracy.left_out import Stranger
from kiosk.core.session.quality import judge
from kiosk.ports.frames import Rgb
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks.shot import shot_values
from kiosk.vision.models import models_folder
from kiosk.vision.photo.picture import read_picture
from rules.checks import CheckId, Policy, Verdict
from rules.profile import Profile, load_profile

NOISE, SOFT_PX, TILT_DEG = 4.0, 0.8, 1.0
Change = Callable[[Rgb], Rgb]


def _lit(*gain: float) -> Change:
    return lambda rgb: np.asarray(
        np.clip((rgb / 255.0) ** 2.2 * np.array(gain), 0, 1) ** (1 / 2.2) * 255 + 0.5, np.uint8
    )


def _scaled(share: float) -> Change:
    way = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
    return lambda rgb: np.asarray(cv2.resize(rgb, None, fx=share, fy=share, interpolation=way), np.uint8)


def _tilted(rgb: Rgb) -> Rgb:
    height, width = rgb.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), TILT_DEG, 1.0)
    return np.asarray(
        cv2.warpAffine(rgb, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _compressed(rgb: Rgb) -> Rgb:
    _, file = cv2.imencode(".jpg", np.ascontiguousarray(rgb[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 60])
    read = cv2.imdecode(file, cv2.IMREAD_COLOR)
    assert read is not None, "what was just written can be read"
    return np.ascontiguousarray(read[..., ::-1]).astype(np.uint8)


def _cropped(rgb: Rgb) -> Rgb:
    edge = round(0.02 * rgb.shape[1])
    return np.ascontiguousarray(rgb[: rgb.shape[0] - 2 * edge, edge : rgb.shape[1] - edge])


def _noisy(rgb: Rgb) -> Rgb:
    grain = np.random.default_rng(1).normal(0, NOISE, rgb.shape)
    return np.asarray(np.clip(rgb + grain + 0.5, 0, 255), np.uint8)


VARIANTS: Mapping[str, Change] = {
    "as it is": lambda rgb: rgb,
    "mirrored": lambda rgb: np.ascontiguousarray(rgb[:, ::-1]),
    "darker": _lit(0.75, 0.75, 0.75),
    "brighter": _lit(1.15, 1.15, 1.15),
    "warmer": _lit(1.08, 1.0, 0.88),
    "colder": _lit(0.92, 1.0, 1.1),
    "compressed": _compressed,
    "smaller": _scaled(0.55),
    "larger": _scaled(1.6),
    "tilted": _tilted,
    "cropped": _cropped,
    "noisy": _noisy,
    "soft": lambda rgb: np.asarray(cv2.GaussianBlur(rgb, (0, 0), SOFT_PX), np.uint8),
}
"""Changes to a picture after which it still shows the same face."""


def changed_answers(seen: Mapping[str, Stranger], profile: Profile) -> Iterator[tuple[CheckId, dict[str, float]]]:
    """The checks whose verdict differs between the variants of one person, or that refuse a variant; with their
    values."""
    for rule in profile.shot_rules:
        values = {name: value for name, one in seen.items() if (value := one.values.get(rule.check)) is not None}
        if rule.policy is Policy.OFF or not all(one.asked(rule.check) for one in seen.values()):
            continue
        verdicts = {judge({rule.check: value}, (rule,)).checks[0].verdict for value in values.values()}
        if len(verdicts) > 1 or Verdict.FAIL in verdicts:
            yield rule.check, {name: round(value, 3) for name, value in values.items()}


def main(argv: Sequence[str] | None = None) -> int:
    """Print each check whose answers change, with the people and values. Returns 0, or 2 if the folder has no
    people."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy.variants", description=(__doc__ or "")[:90])
    parser.add_argument("--faces", type=Path, required=True, help="folder with neutral/, rest/, close/")
    parser.add_argument("--profile", default="national-2017", help="whose rules: a name in rules/profiles")
    options = parser.parse_args(argv)
    profile, analyzer = load_profile(options.profile), PictureAnalyzer(models_folder())
    people = [(name, path) for name in SETS_AT_REST for path in pictures(options.faces / name)]
    if not people:
        sys.stderr.write(f"{options.faces} holds nobody at rest: give a folder with neutral/, rest/ or close/\n")
        return 2
    labels = {one.path: one.faults | one.unsure for one in neutral(options.faces)}
    found: dict[CheckId, list[str]] = defaultdict(list)
    for name, path in people:
        rgb = read_picture(path)
        seen = {
            word: one
            for word, change in VARIANTS.items()
            if (one := _judged(name, path, change(rgb), analyzer, profile))
        }
        shown = {check for word in labels.get(path, ()) for check in SHOWN_BY_LABEL[word]}
        for check, values in changed_answers(seen, profile):
            if check not in shown:
                found[check].append(f"{name}/{path.stem} {values}")
    for check, lines in sorted(found.items(), key=lambda item: -len(item[1])):
        print(f"{check.value}: {len(lines)} of {len(people)} people", *lines, sep="\n  ")
    return 0


def _judged(name: str, path: Path, rgb: Rgb, analyzer: PictureAnalyzer, profile: Profile) -> Stranger | None:
    analysis = analyzer.analyze(rgb)
    if analysis is None:
        return None
    values = shot_values(rgb, analysis, profile, hand=analyzer.hand(rgb, analysis.face))
    return Stranger(name, path.stem, values)


if __name__ == "__main__":
    sys.exit(main())
