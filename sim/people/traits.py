"""The traits of a drawn person: all features of the appearance that stay the same during a session."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Rgb = tuple[int, int, int]
HairStyle = Literal[
    "buzz", "short", "side_part", "slicked", "receding", "bald", "curly", "bob", "long", "ponytail", "bun"
]
Beard = Literal["none", "stubble", "short", "full"]
Top = Literal["shirt", "blouse", "tshirt"]
Glasses = Literal["none", "clear", "dark"]
Pattern = Literal["plain", "stripes", "checks"]

SKINS: dict[int, Rgb] = {
    1: (244, 214, 198),
    2: (236, 201, 178),
    3: (228, 190, 163),
    4: (198, 150, 116),
    5: (146, 98, 70),
    6: (96, 62, 46),
}
"""The colour of the skin for each type of Fitzpatrick's scale: sRGB in even light at the reference exposure."""

BLACK: Rgb = (34, 29, 28)
SOFT_BLACK: Rgb = (44, 35, 32)
DARK_BROWN: Rgb = (66, 46, 36)
GREY: Rgb = (142, 140, 138)
WHITE: Rgb = (214, 212, 208)
RED: Rgb = (146, 62, 34)
BLOND: Rgb = (196, 158, 104)
DYED_BLUE: Rgb = (62, 86, 150)
DYED_PINK: Rgb = (206, 104, 148)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """The looks of one person. Factors (width, size) are near 1, shifts are near 0; colours are sRGB.

    `crease`: how deep the fold of the upper lid is; with 0 the lid is single, and its skin hangs to the lashes.
    `freckles`: 0 to 1. `age` in years: from 30 on there are lines and loose lids. `headband_cm`: the width of a band
    across the head; 0: no band.
    """

    seed: int
    sex: Literal["f", "m"]
    skin_type: int = 3
    hair_style: HairStyle = "short"
    hair_colour: Rgb = BLACK
    hair_volume: float = 1.0
    iris_colour: Rgb = (62, 40, 28)
    lip_colour: Rgb = (190, 110, 104)
    face_length: float = 1.0
    jaw_width: float = 1.0
    cheek_width: float = 1.0
    chin_length: float = 0.0
    nose_width: float = 1.0
    nose_length: float = 1.0
    eye_size: float = 1.0
    eye_tilt: float = 0.0
    lip_fullness: float = 1.0
    mouth_width: float = 1.0
    corners_low: float = 0.0
    brow_thickness: float = 1.0
    brow_height: float = 0.0
    ear_size: float = 1.0
    shoulder_width: float = 1.0
    fringe: float = 0.0
    ears_covered: bool = False
    earrings: bool = False
    beard: Beard = "none"
    crease: float = 1.0
    freckles: float = 0.0
    age: int = 22
    headband_cm: float = 0.0
    headband_colour: Rgb = (46, 60, 110)
    glasses: Glasses = "none"
    frame_colour: Rgb = (30, 28, 30)
    top: Top = "shirt"
    top_colour: Rgb = (233, 234, 235)
    top_pattern: Pattern = "plain"


_CAST: tuple[tuple[Literal["f", "m"], int, HairStyle], ...] = (
    ("f", 3, "ponytail"),
    ("m", 3, "short"),
    ("f", 2, "long"),
    ("m", 4, "side_part"),
    ("f", 3, "bob"),
    ("m", 2, "buzz"),
    ("f", 5, "bun"),
    ("m", 3, "curly"),
    ("f", 4, "bob"),
    ("m", 6, "buzz"),
    ("f", 1, "long"),
    ("m", 3, "side_part"),
)


CAST_SIZE = len(_CAST)
"""How many people were chosen by hand. Every other seed gives a person, too."""


def traits_of(seed: int) -> Traits:
    """The looks of a seed; the same seed always gives the same looks. Sex, skin and hair of the first dozen people were
    chosen by hand."""
    rng = np.random.default_rng([20261122, seed])
    if 0 <= seed < len(_CAST):
        sex, skin_type, style = _CAST[seed]
    else:
        sex, _, style = _CAST[int(rng.integers(len(_CAST)))]
        skin_type = int(rng.choice([1, 2, 3, 4, 5, 6], p=[0.06, 0.22, 0.42, 0.2, 0.06, 0.04]))

    def around(middle: float, spread: float) -> float:
        return float(np.clip(rng.normal(middle, spread), middle - 2 * spread, middle + 2 * spread))

    woman = sex == "f"
    skin = np.array(SKINS[skin_type], float)
    lip = np.array((186, 96, 98), float) * 0.55 + skin * 0.42 if woman else np.array((168, 100, 92)) * 0.4 + skin * 0.5
    colours = (BLACK, BLACK, BLACK, SOFT_BLACK, DARK_BROWN)
    return Traits(
        seed=seed,
        sex=sex,
        skin_type=skin_type,
        hair_style=style,
        hair_colour=(92, 62, 40) if skin_type == 1 else colours[int(rng.integers(len(colours)))],
        hair_volume=around(1.0, 0.08),
        iris_colour=(84, 96, 88) if skin_type == 1 else (58, 38, 27),
        lip_colour=(int(lip[0]), int(lip[1]), int(lip[2])),
        face_length=around(0.975 if woman else 1.025, 0.028),
        jaw_width=around(0.92 if woman else 1.02, 0.04),
        cheek_width=around(0.985 if woman else 1.0, 0.018),
        chin_length=around(-0.02 if woman else 0.02, 0.022),
        nose_width=around(0.94 if woman else 1.06, 0.08),
        nose_length=around(0.96 if woman else 1.02, 0.04),
        eye_size=around(1.06 if woman else 0.92, 0.10),
        eye_tilt=around(0.012, 0.014),
        lip_fullness=around(1.1 if woman else 0.95, 0.12),
        mouth_width=around(0.95 if woman else 1.02, 0.05),
        brow_thickness=around(0.72 if woman else 1.1, 0.16),
        brow_height=around(0.012 if woman else -0.008, 0.012),
        ear_size=around(0.94 if woman else 1.03, 0.06),
        shoulder_width=around(0.84 if woman else 0.97, 0.025),
        top="blouse" if woman and seed % 3 == 0 else "tshirt" if seed % 4 == 1 else "shirt",
        # Drawn last, so that the other traits of a seed do not change. The corners of relaxed mouths are low: men's by
        # 3 %, women's by 1.5 % of the distance of the outer eye corners.
        corners_low=around(0.014 if woman else 0.028, 0.005),
    )
