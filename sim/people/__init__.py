"""People who sit down in the booth: drawn from a seed, or cut out of photographs."""

from sim.people.drawn import DrawnPerson, Layer, drawn
from sim.people.photographed import PhotographedPerson, people_in, photographed
from sim.people.pose import Light, Pose, Truth
from sim.people.traits import Traits

__all__ = [
    "DrawnPerson",
    "Layer",
    "Light",
    "PhotographedPerson",
    "Pose",
    "Traits",
    "Truth",
    "drawn",
    "people_in",
    "photographed",
]
