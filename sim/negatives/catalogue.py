"""Every fault by name: how it is painted on a portrait, how a drawn person shows it, and which check must find it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from rules.checks import CheckId
from sim.negatives import backdrops, clothes, cover, eyes, eyewear, headwear, jewels, lamps, lens, mouth, strands, turn
from sim.negatives.acting import ACTS, Act
from sim.negatives.frame import Rgb
from sim.negatives.source import Source

Maker = Callable[[Source, np.random.Generator], Rgb]


@dataclass(frozen=True)
class Fault:
    """One way to break a rule. `checks`: at least one of them must fail or warn. `make` paints the fault on a good
    picture; None for the one fault that needs a second person. `act`: how a drawn person does or wears the fault; None
    if the fault is painted on drawn pictures, too.
    """

    name: str
    checks: frozenset[CheckId]
    make: Maker | None
    act: Act | None = None

    def made(self, source: Source, seed: int, other: Source | None = None) -> Rgb:
        """The faulty picture of a source and a seed; `other`: the person who looks over the shoulder."""
        rng = np.random.default_rng([20261123, seed])
        if self.make is not None:
            return self.make(source, rng)
        if other is None:
            raise ValueError(f"{self.name} needs a second person: give `other`")
        return backdrops.joined(source, other, rng)


_MAKERS: Mapping[str, tuple[Maker | None, tuple[CheckId, ...]]] = {
    "eyes_closed": (eyes.closed, (CheckId.EYES_OPEN,)),
    "mouth_open": (mouth.opened, (CheckId.MOUTH_CLOSED,)),
    "smile": (mouth.smiling, (CheckId.NEUTRAL, CheckId.MOUTH_CLOSED)),
    "gaze_away": (eyes.averted, (CheckId.GAZE,)),
    "roll": (turn.rolled, (CheckId.ROLL,)),
    "yaw": (turn.yawed, (CheckId.YAW,)),
    "pitch": (turn.pitched, (CheckId.PITCH,)),
    "second_face": (None, (CheckId.ONE_FACE,)),
    "clear_glasses": (eyewear.clear, (CheckId.GLASSES,)),
    "dark_glasses": (eyewear.dark, (CheckId.GLASSES, CheckId.GLARE)),
    "glare": (eyewear.glaring, (CheckId.GLARE,)),
    "fringe": (strands.fringe, (CheckId.HAIR_BROWS,)),
    "hair_over_eyes": (strands.over_eyes, (CheckId.HAIR_EYES,)),
    "ears_covered": (strands.over_ears, (CheckId.EARS,)),
    "hat": (headwear.hat, (CheckId.HEAD_COVER,)),
    "mask": (cover.mask, (CheckId.OCCLUSION,)),
    "hand": (cover.hand, (CheckId.OCCLUSION,)),
    "earrings": (jewels.earrings, (CheckId.JEWELLERY,)),
    "necklace": (jewels.necklace, (CheckId.JEWELLERY,)),
    "coloured_top": (clothes.coloured, (CheckId.TOP_COLOUR,)),
    "patterned_top": (clothes.patterned, (CheckId.TOP_COLOUR,)),
    "top_like_background": (clothes.like_backdrop, (CheckId.TOP_CONTRAST,)),
    "shadow": (backdrops.shadowed, (CheckId.SHADOW,)),
    "uneven_light": (lamps.one_sided, (CheckId.LIGHT_EVEN,)),
    "hot_spot": (lamps.hot_spots, (CheckId.EXPOSURE,)),
    "under_exposed": (lamps.dim, (CheckId.EXPOSURE,)),
    "over_exposed": (lamps.glaring, (CheckId.EXPOSURE,)),
    "blurred": (lens.blurred, (CheckId.SHARP,)),
    "noisy": (lens.noisy, (CheckId.SHARP,)),
    "backdrop_colour": (backdrops.off_colour, (CheckId.BACKGROUND_COLOUR,)),
    "backdrop_uneven": (backdrops.uneven, (CheckId.BACKGROUND_EVEN,)),
}

FAULTS: tuple[Fault, ...] = tuple(
    Fault(name, frozenset(checks), make, ACTS.get(name)) for name, (make, checks) in _MAKERS.items()
)


def fault_named(name: str) -> Fault:
    """The fault with this name. Raises `ValueError`, which lists all names, for an unknown name."""
    for fault in FAULTS:
        if fault.name == name:
            return fault
    raise ValueError(f"no fault {name!r}; there are: {', '.join(fault.name for fault in FAULTS)}")
