"""Recognises earrings and necklaces.

The network for ears (`ear_network`) recognises earrings. A necklace is a thin band across the neck, lighter or darker
than the skin above and below it, on four fifths of the columns under the chin. Folds of the neck are fainter, and
collars are no bands. If the background is not plain, the check has no result.
"""

import numpy as np

from kiosk.vision.checks.eyewear import thin_bands
from kiosk.vision.checks.headmap import BELOW, HeadMap, window
from kiosk.vision.face.landmarks import CHIN

# the searched part of the neck: half its width, its first and last row below the chin; in units of the head map
NECK_HALF, NECK_FROM, NECK_TO = 0.2, 0.08, 0.62
EARRING_COUNTS = 0.9
"""How sure of an earring the network must be: 3 of 78 pictures of bare ears reach this, of people on whom it was not
trained."""
LINE_COUNTS = 11.0
"""How much darker or lighter than the skin a line must be to count as a necklace, in L*. On one of 54 necks the folds
measure 12, on all others less."""
# this percentile of the line's clearness over the columns of the neck counts, so the line must cross four fifths of the
# columns
CROSSED = 20


def jewellery(head: HeadMap, earring: float | None) -> float | None:
    """How clearly an earring or a necklace is seen, whichever is clearer; from 1 on it counts. None if the background
    is not plain. `earring`: how surely an earring is seen, 0..1; None without a matte."""
    if head.ground is None or earring is None:
        return None
    return max(earring / EARRING_COUNTS, _line(head))


def _line(head: HeadMap) -> float:
    chin = float(head.mesh[CHIN, 1])
    rows, columns = window((-NECK_HALF, chin + NECK_FROM, NECK_HALF, min(chin + NECK_TO, BELOW)))
    if not head.inside[rows, columns].all():
        return 0.0
    bands = thin_bands(np.ascontiguousarray(head.lab[rows, columns, 0]))
    return float(np.percentile(bands.max(axis=0), CROSSED)) / LINE_COUNTS
