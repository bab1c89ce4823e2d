"""The measurements of a calibration: white balance, lamps, pose, lens, plates. Each returns a result or says why it
failed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from kiosk.commands.doctor.watch import Watch
from kiosk.core.inputs import Measures
from kiosk.core.session.lighting import Lighting, advance, exposure_limit
from kiosk.hardware.exposure import Exposure
from kiosk.hardware.lamps_pwm import LampsDevice
from kiosk.ports.calibration import LampLevels, PlateExposures, Zero
from kiosk.ports.config import LampsConfig
from kiosk.ports.frames import Frame, Rgb
from kiosk.runtime.lights import lamp_range
from kiosk.vision.checks.light import exposure, light_even
from kiosk.vision.checks.pose import pose
from kiosk.vision.face.face import Face
from kiosk.vision.face.track import FaceTracker
from kiosk.vision.pixels import lab, to_light, to_rgb
from rules.checks import CheckId, CheckRule

# how long a step waits until automatic exposure and white balance are steady; they need less than a second
STEADY_MS = 1_500
MEAN_FRAMES_MS = 700  # the time of about ten frames; a plate is their mean, which has a third of one frame's noise
CARD_SHARE = 0.22  # the side of the square that must show the card, as a share of the frame's height
CARD_SPREAD = 0.06  # the largest spread (standard deviation) of the lightness over that square, as a share of its mean
CARD_DARK, CARD_BRIGHT = 40, 245
FACE_MS = 12_000
LOOK_MS = 80  # how long `_faces` waits for the next frame: a little longer than one frame takes
SAME = 0.01  # exposures that differ by less than this share count as equal
POSE_FRAMES = 20
# degrees: how far from 0 the yaw or pitch of a person who looks straight into the lens may be measured, and the largest
# sway (standard deviation) of the head
FARTHEST_ZERO, MOST_SWAY = 20.0, 2.5


class CalibrationRefused(ValueError):
    """A step failed; the message says what was measured and what to do."""


@dataclass(frozen=True, slots=True)
class WhiteBalance:
    """`gains`: the red and blue gains with which the card would be grey. `picture`: the part of a frame that shows only
    the card. `cast`: the card's chroma (Lab) in `picture`, which was taken with the camera's former gains."""

    gains: tuple[float, float]
    cast: float
    picture: Rgb


@dataclass(frozen=True, slots=True)
class Seated:
    """The figures that were measured with a person in the seat; no picture is among them."""

    lens_position: float | None
    lamps: LampLevels
    light_even: float
    zero: Zero


@dataclass(frozen=True, slots=True)
class EmptyBooth:
    """Three pictures of the empty booth: with the lamps dark, with the left lamp alone, with the right lamp alone."""

    exposures: PlateExposures
    plates: dict[str, Rgb]


def grey_card(watch: Watch) -> WhiteBalance:
    """Measure a grey card in the light of the lamps, on the newest frame after a wait."""
    watch.frames(STEADY_MS)
    frame = _newest(watch.frames(MEAN_FRAMES_MS))
    height, width = frame.rgb.shape[:2]
    half = int(CARD_SHARE * height / 2)
    card = frame.rgb[height // 2 - half : height // 2 + half, width // 2 - half : width // 2 + half]
    colour = to_light(card).reshape(-1, 3).mean(axis=0)
    lightness = lab(card)[..., 0]
    if not CARD_DARK <= float(card.mean()) <= CARD_BRIGHT:
        raise CalibrationRefused(
            f"the middle of the picture is too {'dark' if card.mean() < CARD_DARK else 'bright'} for a grey card "
            f"({card.mean():.0f} of 255). Hold a matt grey card (18 %) upright, facing the lens"
        )
    if float(lightness.std()) > CARD_SPREAD * float(lightness.mean()):
        raise CalibrationRefused(
            "the middle of the picture is not one even grey. Hold the card nearer, so that it fills the middle, and "
            "keep your hands off it"
        )
    seen = Exposure.of(frame.metadata)
    if seen is None:
        raise CalibrationRefused("the camera tells no ColourGains. Update the system (sudo apt full-upgrade)")
    red, green, blue = (float(value) for value in colour)
    gains = (round(seen.colour_gains[0] * green / red, 4), round(seen.colour_gains[1] * green / blue, 4))
    return WhiteBalance(gains, float(np.hypot(*lab(card).reshape(-1, 3).mean(axis=0)[1:])), np.ascontiguousarray(card))


def seated(
    watch: Watch, lamps: LampsDevice, config: LampsConfig, tracker: FaceTracker, rules: Sequence[CheckRule]
) -> Seated:
    """Balance the lamps for the face in the seat (`rules`: the profile's live rules, for the limit of the exposure),
    then measure the pose of the face."""
    watch.frames(STEADY_MS)
    levels, even = _balanced(watch, lamps, config, tracker, rules)
    lens: object = None
    turned = []
    for frame, face in _faces(watch, tracker, FACE_MS):
        lens = frame.metadata.get("LensPosition")
        turned.append(pose(face))
        if len(turned) == POSE_FRAMES:
            break
    if len(turned) < POSE_FRAMES:
        raise CalibrationRefused(f"a face was seen in {len(turned)} pictures only. Sit down, uncover the face, look up")
    yaws, pitches = np.array([one.yaw for one in turned]), np.array([one.pitch for one in turned])
    sway = max(float(yaws.std()), float(pitches.std()))
    zero = Zero(yaw=round(float(np.median(yaws)), 2), pitch=round(float(np.median(pitches)), 2))
    if sway > MOST_SWAY:
        raise CalibrationRefused(f"the head moved by {sway:.1f} degrees. Keep still and look into the lens")
    if max(abs(zero.yaw), abs(zero.pitch)) > FARTHEST_ZERO:
        raise CalibrationRefused(
            f"the face is turned by {zero.yaw:.0f} and {zero.pitch:.0f} degrees. Look straight into the lens; if you "
            "do, the camera is mounted askew"
        )
    position = round(float(lens), 3) if isinstance(lens, int | float) else None
    return Seated(position, levels, round(even, 4), zero)


def _balanced(
    watch: Watch, lamps: LampsDevice, config: LampsConfig, tracker: FaceTracker, rules: Sequence[CheckRule]
) -> tuple[LampLevels, float]:
    """Run the booth's own control law until it ends. Returns the levels of the lamps and the evenness that they
    give."""
    bounds = lamp_range(config)
    lighting, limit = Lighting(bounds.working, 0), exposure_limit(rules)
    even = 0.0
    for frame, face in _faces(watch, tracker, FACE_MS):
        even = light_even(face)
        values = {CheckId.LIGHT_EVEN: even, CheckId.EXPOSURE: exposure(frame.rgb, face)}
        measures = Measures(frame.exposed_ns, 1, MappingProxyType(values), _amount_us(frame))
        after = advance(lighting, measures, bounds, watch.now_ns(), limit)
        if after.levels != lighting.levels:
            lamps.set(after.levels.left, after.levels.right)
        lighting = after
        if lighting.done:
            return LampLevels(left=lighting.levels.left, right=lighting.levels.right), even
    raise CalibrationRefused("no face was seen. Sit down before the lens, at eye height, and look into it")


def empty_booth(watch: Watch, lamps: LampsDevice, working: LampLevels, tracker: FaceTracker) -> EmptyBooth:
    """Take the pictures of the empty backdrop: lamps dark, left lamp alone, right lamp alone."""
    plates: dict[str, Rgb] = {}
    exposures: dict[str, float] = {}
    for name, left, right in (("dark", 0, 0), ("left", 1, 0), ("right", 0, 1)):
        lamps.set(left * working.left, right * working.right)
        watch.frames(STEADY_MS)
        frames = watch.frames(MEAN_FRAMES_MS)
        newest = _newest(frames)
        if name != "dark" and tracker.track(newest.rgb, newest.exposed_ns).face is not None:
            raise CalibrationRefused("somebody is in the picture. Leave the booth; nobody may look into it meanwhile")
        tracker.forget()
        amount = _amount_us(newest)
        if amount is None:
            raise CalibrationRefused("the camera tells no exposure. Update the system (sudo apt full-upgrade)")
        steady = [frame for frame in frames if abs((_amount_us(frame) or 0) / amount - 1) < SAME]
        plates[name] = to_rgb(np.asarray(sum(to_light(frame.rgb) for frame in steady) / len(steady), np.float32))
        exposures[name] = amount
    lamps.set(0.0, 0.0)
    return EmptyBooth(PlateExposures(**exposures), plates)


def _faces(watch: Watch, tracker: FaceTracker, milliseconds: int) -> Iterator[tuple[Frame, Face]]:
    """The live frames that show a face, each with its face, for `milliseconds`. Raises `DeviceFault`."""
    end_ns = watch.now_ns() + milliseconds * 1_000_000
    while watch.now_ns() < end_ns:
        for frame in watch.frames(LOOK_MS)[-1:]:
            face = tracker.track(frame.rgb, frame.exposed_ns).face
            if face is not None:
                yield frame, face


def _newest(frames: list[Frame]) -> Frame:
    if not frames:
        raise CalibrationRefused("the camera gave no picture. Run kiosk doctor camera")
    return frames[-1]


def _amount_us(frame: Frame) -> float | None:
    seen = Exposure.of(frame.metadata)
    return None if seen is None else seen.time_us * seen.gain
