"""Makes the good pictures into which faults are then put: drawn graduates of every skin tone, and portraits in front of
the booth's backdrop."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import cv2
import numpy as np

from sim.negatives.acting import Part
from sim.negatives.backdrops import before
from sim.negatives.frame import Colour, Floats, Rgb
from sim.negatives.source import Source, relit
from sim.people import DrawnPerson, Light, Pose, Truth, drawn
from sim.people.groups import HAIR_GROUPS, member_traits
from sim.people.traits import HairStyle, traits_of

Sex = Literal["f", "m"]
TONES = (1, 2, 3, 4, 5, 6)
SEXES: tuple[Sex, ...] = ("f", "m")
PX_PER_CM = 17.2
"""The scale at the reference distance, in a picture half as wide as the camera's. The pupils are some 111 px apart."""

_STYLES: dict[Sex, tuple[HairStyle, ...]] = {
    "f": ("ponytail", "short", "ponytail", "side_part"),
    "m": ("short", "side_part", "buzz", "short"),
}
"""For each sex, hair styles that leave brows and ears free and are low enough for the photo."""
_FIRST_SEED = 100
_GRAIN = 1.5  # the camera's grain at the reference exposure, in levels of 255


@dataclass
class Actor:
    """A drawn graduate who can show a fault. `own`: the traits of the person's `group` (`sim.people.groups`). Each
    person is cached for each choice of clothes, because drawing a person takes the most time."""

    tone: int
    sex: Sex
    seed: int
    style: HairStyle
    group: str = ""
    own: Mapping[str, Any] = field(default_factory=dict)
    _dressed: dict[tuple[tuple[str, Any], ...], DrawnPerson] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The name for the report: skin tone, sex, seed, group."""
        return f"drawn {self.tone}{self.sex}{self.seed} {self.group}".strip()

    def person(self, part: Part) -> DrawnPerson:
        """The person, dressed as `part` says."""
        key = tuple(sorted(part.traits.items()))
        if key not in self._dressed:
            traits = {"hair_style": self.style, **self.own, **part.traits}
            self._dressed[key] = drawn(self.seed, **traits)
        return self._dressed[key]

    def picture(self, part: Part, colour: Colour, rng: np.random.Generator) -> tuple[Rgb, Floats, Truth]:
        """The picture of the person in front of a wall of this colour, the person's share of each pixel (h, w), and the
        truth."""
        layer = self.person(part).layer(part.pose, part.light, PX_PER_CM)
        rgba = layer.rgba[: layer.rgba.shape[0] - 4]
        alpha = rgba[..., 3:].astype(np.float32) / 255
        light, usual = part.light, Light()
        level = (light.left + light.right + light.ambient) / (usual.left + usual.right + usual.ambient)
        wall = np.clip(np.array(colour, np.float32) * level ** (1 / 2.2), 0, 255)
        grain = rng.normal(0, _GRAIN, rgba.shape[:2])[..., None]
        rgb = rgba[..., :3] + wall * (1 - alpha) + grain
        return np.asarray(np.clip(rgb + 0.5, 0, 255), np.uint8), alpha[..., 0], layer.truth


@cache
def _seeds(tone: int, sex: Sex, count: int) -> tuple[int, ...]:
    found: list[int] = []
    seed = _FIRST_SEED
    while len(found) < count:
        traits = traits_of(seed)
        if traits.skin_type == tone and traits.sex == sex:
            found.append(seed)
        seed += 1
    return tuple(found)


def cast(looks: int) -> list[Actor]:
    """`looks` people of every skin tone and sex; tones and sexes alternate."""
    return [
        Actor(tone, sex, _seeds(tone, sex, looks)[k], _STYLES[sex][k % len(_STYLES[sex])])
        for k in range(looks)
        for tone in TONES
        for sex in SEXES
    ]


def group_cast(group: str, count: int) -> list[Actor]:
    """The first `count` members of a group of `sim.people.groups`. Their hair leaves brows and ears free, unless the
    group is about hair.
    """
    found = []
    for number in range(count):
        seed, own = member_traits(group, number)
        traits = drawn(seed, **own).traits
        style = _STYLES[traits.sex][number % len(_STYLES[traits.sex])]
        own = {key: value for key, value in own.items() if key != "hair_style" or group in HAIR_GROUPS}
        found.append(Actor(traits.skin_type, traits.sex, seed, style, group, own))
    return found


def at_rest(rng: np.random.Generator) -> Part:
    """Pose and light of a drawn graduate who follows the rules: nearly straight and level, and nearly evenly lit."""
    return Part(
        Pose(
            yaw_deg=float(rng.uniform(-3, 3)),
            pitch_deg=float(rng.uniform(-3, 3)),
            roll_deg=float(rng.uniform(-1, 1)),
            eyelids=float(rng.uniform(0.9, 1.0)),
            gaze_x=float(rng.uniform(-0.15, 0.15)),
        ),
        Light(float(rng.uniform(0.66, 0.74)), float(rng.uniform(0.66, 0.74)), float(rng.uniform(0.12, 0.18))),
    )


def set_before(source: Source, colour: Colour, rng: np.random.Generator) -> Rgb:
    """Set a portrait in front of the booth's wall. The pupils become level to within a degree, and the light changes
    by up to a tenth of a stop. Some portraits are mirrored, because a mirrored face is as valid.
    """
    rgb = _level(before(source, colour, rng), source, float(rng.uniform(-1, 1)))
    gain = 2.0 ** float(rng.uniform(-0.12, 0.08)) * rng.uniform(0.985, 1.015, 3)
    lit = relit(source.showing(rgb), np.broadcast_to(gain.astype(np.float32), rgb.shape))
    return np.ascontiguousarray(lit[:, ::-1]) if rng.random() < 0.5 else lit


def _level(rgb: Rgb, source: Source, left_deg: float) -> Rgb:
    """The picture turned until the pupil line slopes by `left_deg`."""
    across = source.pupils[1] - source.pupils[0]
    slope = float(np.degrees(np.arctan2(across[1], across[0])))
    x, y = source.frame.origin
    turn = cv2.getRotationMatrix2D((float(x), float(y)), slope - left_deg, 1.0)
    size = (rgb.shape[1], rgb.shape[0])
    return np.asarray(cv2.warpAffine(rgb, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)
