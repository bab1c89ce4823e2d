"""How this person's eyes and mouth are at ease, learnt from the live frames of the session.

Narrow eyes are open at a gap that closed lids of others reach half of; some mouths rest in what would be half a smile
of others. A limit for everyone would hold such people up for ever. So gap and smile are judged as they stand to the
person's own: the gap is multiplied by usual over own, the own rest is subtracted from the smile. Both are bounded by
how far people at ease differ, so that nobody teaches the booth that closed lids or a grin are their nature.

People blink and talk: of the gaps a high quantile is the open eye, of the smiles a low one the rest.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from rules.checks import CheckId

USUAL_GAP = 0.34
"""Lid gap over eye width of the smaller eye: mean of 36 portraits, which range from 0.26 to 0.42."""
NARROWEST, WIDEST = 0.67, 1.25
"""Own over usual gap, at most taken to be: at the first, lids closed to half still measure below the limit."""
OPEN_QUANTILE, REST_QUANTILE = 75, 25
REST = (-0.2, 0.35)
"""Where the own rest lies on the scale of `checks.smile`: 36 portraits spread 0.26 about 0; from 0.48 on it is a
smile."""
TURNED_DEG = 10.0  # frames in which yaw or pitch is larger teach nothing: lids and corners look otherwise
FEWEST, KEPT = 8, 120
"""Frames before anything is said, 1.3 s of the camera's 14 a second of which three of seven tell; the last 20 s."""


@dataclass(slots=True)
class PersonalBaseline:
    """One session's gaps and smiles: two short lists of numbers, nothing of the face itself."""

    _gaps: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _smiles: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    def learn(self, values: Mapping[CheckId, float | None]) -> None:
        """Take in the values of one live frame as they were measured."""
        turned = [values.get(check) for check in (CheckId.YAW, CheckId.PITCH)]
        if any(angle is None or abs(angle) > TURNED_DEG for angle in turned):
            return
        for check, kept in ((CheckId.EYES_OPEN, self._gaps), (CheckId.NEUTRAL, self._smiles)):
            value = values.get(check)
            if value is not None:
                kept.append(value)

    def judged(self, values: Mapping[CheckId, float | None]) -> dict[CheckId, float | None]:
        """`values` with eyes and smile as they stand to the person's own; as they are while those are not known."""
        told = dict(values)
        gap, smile = told.get(CheckId.EYES_OPEN), told.get(CheckId.NEUTRAL)
        if gap is not None and len(self._gaps) >= FEWEST:
            own = float(np.percentile(self._gaps, OPEN_QUANTILE)) / USUAL_GAP
            told[CheckId.EYES_OPEN] = gap / min(max(own, NARROWEST), WIDEST)
        if smile is not None and len(self._smiles) >= FEWEST:
            rest = float(np.percentile(self._smiles, REST_QUANTILE))
            told[CheckId.NEUTRAL] = smile - min(max(rest, REST[0]), REST[1])
        return told
