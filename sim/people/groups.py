"""Groups of drawn people on whom the checks of a face err often. Each group has many different members.

A limit that is right for the mean face can be wrong for a whole group: bearded chins, bald crowns, single lids. Each
seed gives a person (`traits_of`). A member of a group is the person of a seed with a few traits changed; everything
else varies as among all people.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.people.drawn import DrawnPerson, drawn
from sim.people.traits import BLOND, DYED_BLUE, DYED_PINK, GREY, RED, WHITE, traits_of

_FIRST_SEED = 50_000

Change = Callable[[np.random.Generator], dict[str, Any]]


def _beard(rng: np.random.Generator) -> dict[str, Any]:
    return {"beard": str(rng.choice(["stubble", "short", "full"])), "age": int(rng.integers(20, 45))}


def _bald(rng: np.random.Generator) -> dict[str, Any]:
    return {"hair_style": str(rng.choice(["bald", "bald", "receding"])), "age": int(rng.integers(22, 60))}


def _grey(rng: np.random.Generator) -> dict[str, Any]:
    return {"hair_colour": WHITE if rng.random() < 0.3 else GREY, "age": int(rng.integers(45, 61))}


def _dyed(rng: np.random.Generator) -> dict[str, Any]:
    colours = (RED, BLOND, DYED_BLUE, DYED_PINK)
    return {"hair_colour": colours[int(rng.integers(len(colours)))]}


def _slicked(rng: np.random.Generator) -> dict[str, Any]:
    return {"hair_style": "slicked", "hair_volume": float(rng.uniform(0.7, 0.95))}


def _single_lids(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "crease": float(rng.uniform(0, 0.3)),
        "eye_size": float(rng.uniform(0.74, 0.9)),
        "eye_tilt": float(rng.uniform(0.01, 0.045)),
    }


def _round_face(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "face_length": float(rng.uniform(0.88, 0.94)),
        "jaw_width": float(rng.uniform(1.04, 1.12)),
        "cheek_width": float(rng.uniform(1.03, 1.07)),
    }


def _long_face(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "face_length": float(rng.uniform(1.06, 1.12)),
        "jaw_width": float(rng.uniform(0.86, 0.95)),
        "chin_length": float(rng.uniform(0.03, 0.07)),
    }


def _freckles(rng: np.random.Generator) -> dict[str, Any]:
    return {"freckles": float(rng.uniform(0.4, 1.0)), "skin_type": int(rng.integers(1, 4))}


def _older(rng: np.random.Generator) -> dict[str, Any]:
    return {"age": int(rng.integers(40, 61)), "corners_low": float(rng.uniform(0.024, 0.044))}


GROUPS: dict[str, Change] = {
    "beard": _beard,
    "bald": _bald,
    "grey": _grey,
    "dyed": _dyed,
    "slicked": _slicked,
    "single_lids": _single_lids,
    "round_face": _round_face,
    "long_face": _long_face,
    "freckles": _freckles,
    "older": _older,
}
"""For each group, the traits in which its members differ from the people of the same seeds."""

HAIR_GROUPS = ("bald", "slicked")
"""The groups that are about the way the hair is worn."""
_MEN = ("beard", "bald", "slicked")


def member(group: str, number: int) -> DrawnPerson:
    """Member `number` (0, 1, ...) of a group; always the same person. Raises `KeyError` for an unknown group."""
    seed, own = member_traits(group, number)
    return drawn(seed, **own)


def member_traits(group: str, number: int) -> tuple[int, dict[str, Any]]:
    """The seed of a member, and the traits in which the member differs from the person of that seed."""
    change = GROUPS[group]
    seed = _FIRST_SEED + number
    traits, rng = traits_of(seed), np.random.default_rng([23, number])
    own: dict[str, Any] = {}
    if group in _MEN and traits.sex == "f":
        own = {"sex": "m", "hair_style": "short", "top": "shirt"}
    return seed, own | change(rng)
