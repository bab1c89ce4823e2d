"""How drawn graduates are dressed."""

from sim.people import drawn
from sim.twins.scene import Person

WORN: dict[str, dict[str, object]] = {
    "glasses": {"glasses": "clear"},
    "fringe": {"fringe": 1.15},
    "coloured_top": {"top_colour": (52, 92, 74)},
}
"""What a drawn graduate can wear, as traits of the person."""


def dressed(seed: int, worn: frozenset[str]) -> Person:
    """The drawn graduate of this seed, wearing these things."""
    return drawn(seed, **{trait: value for name in worn for trait, value in WORN[name].items()})
