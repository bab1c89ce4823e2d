"""Is it a living person, or a picture held in front of the lens? Evidence is collected over a session, for staff to
see.

Three kinds of evidence count, and each is yes, no or unknown. The first is a blink: the lids closed to half their usual
gap and opened again. The second is a head that turns by itself: a held picture can be moved and tilted, but the nose in
it does not move relative to the eyes. The third is a backdrop that is still that of the empty booth. The value is the
share of yes among the kinds that are known. The check only warns, because a person who sits still for a few seconds is
also alive.
"""

from dataclasses import dataclass, field

from kiosk.vision.checks.expression import eye_openness
from kiosk.vision.checks.pose import Pose
from kiosk.vision.face.face import Observation

SHUT = 0.5  # an eye is shut if its gap is less than this share of its usual gap
# the head has turned if its yaw or pitch has changed by at least this angle: sitting people sway by half a degree, and
# the measured angle varies by as much
TURNED_DEG = 2.5
BLINK_NS = 12_000_000_000
"""People blink every four seconds, and a blink lasts three frames. On three of seven frames the tracker looks at one
eye, at the two eyes in turn. So a person who was not seen to blink in this time probably does not blink."""
TURN_NS = 6_000_000_000


@dataclass(slots=True)
class _Lids:
    """The usual gap of one eye, and whether the eye was seen shut and then open again."""

    usual: float = 0.0
    shut: bool = False
    blinked: bool = False

    def see(self, gap: float) -> None:
        if gap < SHUT * self.usual:
            self.shut = True
        elif self.shut:
            self.blinked, self.shut = True, False
        self.usual = max(gap, 0.95 * self.usual)


@dataclass(slots=True)
class Liveness:
    """The evidence from the live frames of one session. Nothing of the face itself is kept."""

    _since_ns: int | None = None
    _now_ns: int = 0
    _lids: tuple[_Lids, _Lids] = field(default_factory=lambda: (_Lids(), _Lids()))
    _yaw: tuple[float, float] | None = None
    _pitch: tuple[float, float] | None = None

    def see(self, observation: Observation, turned: Pose | None) -> None:
        """Add the evidence of one live frame and of the head's pose in it."""
        if observation.face is None:
            return
        self._since_ns = observation.at_ns if self._since_ns is None else self._since_ns
        self._now_ns = observation.at_ns
        if observation.eyes_looked_at:
            for lids, eye in zip(self._lids, (observation.face.eye_l, observation.face.eye_r), strict=True):
                lids.see(eye_openness(eye))
        if turned is not None:
            self._yaw, self._pitch = _widened(self._yaw, turned.yaw), _widened(self._pitch, turned.pitch)

    def blinked(self) -> bool | None:
        """Whether a blink was seen; None while this is unknown."""
        return True if any(lids.blinked for lids in self._lids) else self._no_after(BLINK_NS)

    def turned(self) -> bool | None:
        """Whether the head turned by itself; None while this is unknown."""
        spans = [high - low for low, high in (span for span in (self._yaw, self._pitch) if span is not None)]
        return True if any(span >= TURNED_DEG for span in spans) else self._no_after(TURN_NS)

    def score(self, backdrop_holds: bool | None = None) -> float | None:
        """The share of yes, 0..1; None while nothing is known. `backdrop_holds`: whether the backdrop of the picture is
        still that of the empty booth; None in a booth without plates."""
        answers = [answer for answer in (self.blinked(), self.turned(), backdrop_holds) if answer is not None]
        return sum(answers) / len(answers) if answers else None

    def _no_after(self, span_ns: int) -> bool | None:
        return False if self._since_ns is not None and self._now_ns - self._since_ns >= span_ns else None


def _widened(span: tuple[float, float] | None, value: float) -> tuple[float, float]:
    return (value, value) if span is None else (min(span[0], value), max(span[1], value))
