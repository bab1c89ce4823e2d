"""Learns from the live frames of a session how this person's eyes and mouth look at ease.

Narrow eyes have a small gap even when they are open, not much larger than the gap of other people's half-closed eyes.
Some mouths at rest look like half a smile of other people. With the same limit for everyone, such people would never
pass the check. So gap and smile are judged relative to the person's own values: the gap is multiplied by the usual gap
and divided by the person's own gap, and the person's value at rest is subtracted from the smile. Both corrections are
limited to the range in which people at ease differ, so that nobody can teach the booth that closed lids or a grin are
normal.

Brows are judged only relative to the person's own rest (`kiosk.vision.checks.brows`): a frown or raised brows fail the
check of a relaxed face, just as a smile does.

Once the booth knows the person's own value at rest, it measures a smile with an error of 0.06. Before that, it uses the
average person's value at rest, and the error is 0.22, because people at rest differ by that much. So that one limit
serves both cases, the change from the person's own value is multiplied by `CHANGE_COUNTS`. People blink and talk. So a
high quantile of the gaps counts as the person's own gap, and a low quantile of the smiles as the value at rest.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from rules.checks import CheckId

USUAL_GAP = 0.34
"""The lid gap divided by the eye width, for the smaller eye: the mean of 36 portraits, which range from 0.26 to
0.42."""
NARROWEST, WIDEST = 0.67, 1.25
"""The bounds of the person's own gap divided by the usual gap. With the first bound, lids that are closed to half still
measure below the limit."""
OPEN_QUANTILE, REST_QUANTILE = 75, 25
REST = (-0.5, 0.5)
"""The bounds of a person's value at rest, on the scale of `checks.smile`. They lie 2.2 times the spread between people
(0.22) below and above 0, the value of the average person."""
CHANGE_COUNTS = 2.6
"""With this factor a change of 0.27 counts as 0.7. 34 of 36 posed smiles change the value by more than 0.27; turning
the head by ten degrees changes it by less."""
BROWS_MOVED = 0.015
"""The change of the brows' height that counts as a smile of `BROWS_COUNT`. The height of one person's brows differs by
0.008 between two sittings; a drawn frown lowers it by 0.014 to 0.024; fully raised brows lift it by 0.028 and more."""
BROWS_COUNT = 0.7
TURNED_DEG = {CheckId.YAW: 10.0, CheckId.PITCH: 10.0}
"""If the head is turned further, the booth does not learn from the frame, because lids and corners look different
then."""
FEWEST, KEPT = 4, 120
"""How many frames are needed before values are adjusted, and how many are kept. The camera sends 14 frames a second,
and three in seven of them count. So the first number of frames takes 0.7 s, and the second covers 20 s. A person who
sits correctly from the start has shown six frames when the shot is taken. If more were needed, a smile at the shot
would be judged without the person's own rest, and then one smile in five would pass."""


@dataclass(slots=True)
class PersonalBaseline:
    """The gaps, smiles and brows of one session: three short lists of numbers, and nothing of the face itself."""

    _gaps: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _smiles: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _brows: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    def learn(self, values: Mapping[CheckId, float | None], brows: float | None = None) -> None:
        """Learn from the measured values of one live frame, and from the height of the brows in it (`brows`)."""
        if any((angle := values.get(check)) is None or abs(angle) > most for check, most in TURNED_DEG.items()):
            return
        for check, kept in ((CheckId.EYES_OPEN, self._gaps), (CheckId.NEUTRAL, self._smiles)):
            value = values.get(check)
            if value is not None:
                kept.append(value)
        if brows is not None:
            self._brows.append(brows)

    def judged(self, values: Mapping[CheckId, float | None], brows: float | None = None) -> dict[CheckId, float | None]:
        """`values` with eyes and smile relative to the person's own; `brows` that moved away from their rest count as a
        smile. While the person's own values are not known, `values` stay as measured."""
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
        """How far the brows have moved from their height at rest, on the scale of a smile. Small moves count little.
        None while the height at rest is not known."""
        if brows is None or len(self._brows) < FEWEST:
            return None
        change = brows - float(np.median(self._brows))
        return BROWS_COUNT * (change / BROWS_MOVED) ** 2
