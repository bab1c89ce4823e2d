"""Faulty pictures: each rule of the notice is broken on purpose, in portraits and in pictures of drawn graduates.

Theory. A check is only as good as the share of faulty pictures that it catches, and nobody has a collection of refused
photos. So we make the faults. A *source* is a good picture of one person with what is known about the picture (mesh,
lids, opacity, colours). A *fault* turns a source and a seed into a faulty picture. Everything is measured in units of
the face (the distance of the outer eye corners, as in `mean_mesh.csv`), so that one method fits every person and size.

Drawn people show most faults by their own parameters (lids, gaze, turn, hair, glasses, dress, lamps). A fault without a
parameter is painted on them as on a portrait. The seed determines how bad a fault is: bad enough that staff would call
it clearly wrong, but not worse.
"""

from sim.negatives.catalogue import FAULTS, Fault, fault_named
from sim.negatives.source import Source

__all__ = ["FAULTS", "Fault", "Source", "fault_named"]
