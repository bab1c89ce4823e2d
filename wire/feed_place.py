"""Places in a booth's feeds: whole numbers that hold the generation of the office that gave them.

An office that came back from a backup has another generation than before, so that a booth's place of before is told
from one it gives now, whichever of the two is larger.
"""

PLACES = 1 << 32
"""A place on the wire is `generation * PLACES + place`."""

GENERATIONS = 1 << 20
"""Generations are 0 (never restored) to this, exclusive: places stay below 2^53, which every JSON reader keeps."""


def begins_anew(after: int, following: int) -> bool:
    """Whether a page that a booth asked for `after` a place, and whose `next` is `following`, is the feed from its
    beginning: the office no longer knew the place."""
    return after > 0 and (following < after or following // PLACES != after // PLACES)
