"""How this person's eyes and mouth are at ease, learnt from the live frames of the session.

Narrow eyes are open at a gap that closed lids of others reach half of; some mouths rest in what would be half a smile
of others. A limit for everyone would hold such people up for ever. So gap and smile are judged as they stand to the
person's own: the gap is multiplied by usual over own, the own rest is subtracted from the smile. Both are bounded by
how far people at ease differ, so that nobody teaches the booth that closed lids or a grin are their nature.

Brows are judged by the own rest alone (`kiosk.vision.checks.brows`): a frown or raised brows count as no relaxed face,
as a smile does.

The change from the own rest is known to 0.06, a stranger's rest to 0.22: so that one limit serves both, the change
counts `CHANGE_COUNTS` times. People blink and talk: of the gaps a high quantile is the open eye, of the smiles a low
one the rest.
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
REST = (-0.5, 0.5)
"""Where the own rest lies on the scale of `checks.smile`: 2.2 spreads of 0.22, between people, about 0."""
CHANGE_COUNTS = 2.6
"""A change of 0.27, which 34 of 36 posed smiles pass and turning a head by ten degrees does not, counts as 0.7."""
BROWS_MOVED = 0.015
"""Change of the brows' height that counts as `BROWS_COUNT`: a person's own differs by 0.008 between two sittings; drawn
frowns lower it by 0.014 to 0.024, brows raised as far as they go lift it by 0.028 and more."""
BROWS_COUNT = 0.7
TURNED_DEG = {CheckId.YAW: 10.0, CheckId.PITCH: 10.0}
"""Frames in which the head is turned further teach nothing: lids and corners look otherwise."""
FEWEST, KEPT = 4, 120
"""Frames before anything is said, 0.7 s of the camera's 14 a second of which three of seven tell; the last 20 s. Who
sits right at once has shown six when the shot is taken: with more to wait for, their smile at the shot was judged as a
stranger's, and one in five passed."""


@dataclass(slots=True)
class PersonalBaseline:
    """One session's gaps, smiles and brows: three short lists of numbers, nothing of the face itself."""

    _gaps: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _smiles: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _brows: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    def learn(self, values: Mapping[CheckId, float | None], brows: float | None = None) -> None:
        """Take in the values of one live frame as they were measured, and the height of the `brows`."""
        if any((angle := values.get(check)) is None or abs(angle) > most for check, most in TURNED_DEG.items()):
            return
        for check, kept in ((CheckId.EYES_OPEN, self._gaps), (CheckId.NEUTRAL, self._smiles)):
            value = values.get(check)
            if value is not None:
                kept.append(value)
        if brows is not None:
            self._brows.append(brows)

    def judged(self, values: Mapping[CheckId, float | None], brows: float | None = None) -> dict[CheckId, float | None]:
        """`values` with eyes and smile as they stand to the person's own, and a smile's value for `brows` that moved
        away from theirs; as they are while the own is not known."""
        adjusted = dict(values)
        gap, smile = (adjusted.get(check) for check in (CheckId.EYES_OPEN, CheckId.NEUTRAL))
        if gap is not None and len(self._gaps) >= FEWEST:
            own = float(np.percentile(self._gaps, OPEN_QUANTILE)) / USUAL_GAP
            adjusted[CheckId.EYES_OPEN] = gap / min(max(own, NARROWEST), WIDEST)
        if smile is not None and len(self._smiles) >= FEWEST:
            rest = float(np.percentile(self._smiles, REST_QUANTILE))
            change = CHANGE_COUNTS * (smile - min(max(rest, REST[0]), REST[1]))
            moved = self._brows_moved(brows)
            adjusted[CheckId.NEUTRAL] = change if moved is None else max(change, moved)
        return adjusted

    def _brows_moved(self, brows: float | None) -> float | None:
        """How far the brows are from the own rest, on the scale of a smile, where small moves count little; None while
        it is not known."""
        if brows is None or len(self._brows) < FEWEST:
            return None
        change = brows - float(np.median(self._brows))
        return BROWS_COUNT * (change / BROWS_MOVED) ** 2
