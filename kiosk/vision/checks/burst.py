"""Chooses the best frame of a burst: eyes open, mouth closed and relaxed, sharp, upright, and the person did not move
away."""

from dataclasses import dataclass, replace

from kiosk.core.events import ShootFault
from kiosk.core.session.quality import Judgement, judge
from kiosk.ports.frames import Burst, Frame
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks import expression, sharpness
from kiosk.vision.checks.brows import brow_height
from kiosk.vision.checks.checkup import score
from kiosk.vision.checks.personal_baseline import PersonalBaseline
from kiosk.vision.checks.pose import PoseZero, pitch_with_eyes, pose
from kiosk.vision.checks.smile import smile
from kiosk.vision.face.face import Observation
from kiosk.vision.face.square import Points
from rules.checks import CheckId, CheckRule
from rules.profile import Profile

LEEWAY = 1.5
"""A burst is lost if a value is beyond its live limit by more than this factor. The person met the live limits a
moment before, and a person who is just at a limit must not have to start again for a tenth of a degree."""
NEVER_LOST_BY = frozenset({CheckId.NEUTRAL, CheckId.MOUTH_CLOSED})
"""These checks help to choose the frame and are reported with the photo, but they never make a burst lost. A person who
smiles at every shot, with or without teeth, must get a photo, too. Moreover, the booth has only one message for a lost
burst: that the graduate moved."""
JUDGED = (
    CheckId.ROLL,
    CheckId.YAW,
    CheckId.PITCH,
    CheckId.EYES_OPEN,
    CheckId.MOUTH_CLOSED,
    CheckId.NEUTRAL,
    CheckId.SHARP,
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The best frame, and what was seen in it."""

    frame: Frame
    observation: Observation


def best_of(
    burst: Burst,
    analyzer: PictureAnalyzer,
    profile: Profile,
    zero: PoseZero,
    near: Points | None,
    baseline: PersonalBaseline,
    *,
    forgiven: bool = False,
    waived: CheckId | None = None,
) -> Chosen | ShootFault:
    """Choose the best frame. `near`: the mesh (468, 3) last seen live, in pixels of these frames; None if there is
    none. `baseline`: the person's eyes and mouth at ease. `forgiven`: a burst with a face is never lost, however the
    person looks. `waived`: this check does not make the burst lost."""
    rules = tuple(rule for rule in profile.live_rules if rule.check in JUDGED)
    seen = []
    for frame in burst.frames:
        observation = _find(frame, analyzer, near)
        if observation.face is not None:
            near = observation.face.mesh
            seen.append((Chosen(frame, observation), _judged(frame, observation, rules, zero, baseline)))
    if not seen:
        return ShootFault.NO_FACE
    best, judgement = max(seen, key=lambda one: score(one[1]))
    if _lost(judgement, waived) and not forgiven:
        return ShootFault.POSE_LOST
    face = best.observation.face
    assert face is not None, "only frames with a face are judged"
    share = analyzer.second_share(best.frame.rgb, face)
    return replace(best, observation=replace(best.observation, second_share=share))


def _find(frame: Frame, analyzer: PictureAnalyzer, near: Points | None) -> Observation:
    face = None if near is None else analyzer.face_near(frame.rgb, near)
    return analyzer.look(frame.rgb) if face is None else Observation(frame.exposed_ns, face)


def _judged(
    frame: Frame, observation: Observation, rules: tuple[CheckRule, ...], zero: PoseZero, baseline: PersonalBaseline
) -> Judgement:
    face = observation.face
    assert face is not None, "only frames with a face are judged"
    turned = pose(face, zero)
    values: dict[CheckId, float | None] = {
        CheckId.ROLL: turned.roll,
        CheckId.YAW: turned.yaw,
        CheckId.PITCH: pitch_with_eyes(face, zero),
        CheckId.EYES_OPEN: expression.eyes_open(face),
        CheckId.MOUTH_CLOSED: expression.mouth_open(face),
        CheckId.NEUTRAL: smile(face),
        CheckId.SHARP: sharpness.sharp(frame.rgb, face),
    }
    return judge(baseline.judged(values, brow_height(face)), rules)


def _lost(judgement: Judgement, waived: CheckId | None) -> bool:
    return any(
        _far(one.value, one.limit.min, one.limit.max)
        for one in judgement.failing()
        if one.value is not None and one.check not in (*NEVER_LOST_BY, waived)
    )


def _far(value: float, low: float | None, high: float | None) -> bool:
    below = low is not None and value < (low * LEEWAY if low < 0 else low / LEEWAY)
    above = high is not None and value > high * LEEWAY
    return below or above
