"""A simulated booth to be calibrated: the twins, and a helper that does what `kiosk calibrate` asks for.

The true values that the calibration should find are known (`Truth`). The clock advances whenever it is read, so the
loops of the command run without any change.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.commands.calibrate import Result, calibrate
from kiosk.commands.calibrate.guide import Step
from kiosk.ports.config import BoothConfig, CameraConfig, StorageConfig
from kiosk.runtime.vendors import Vendors
from sim.people import Light, Pose, drawn
from sim.twins.clock import VirtualClock
from sim.twins.disk import DiskTwin
from sim.twins.kernel_files import KernelFiles
from sim.twins.picamera2 import CameraRig
from sim.twins.pins import LampFault, Pins
from sim.twins.scene import Backdrop, Rgb, Scene
from sim.twins.speaker import Speaker

GREY_CARD = 0.18  # share of the light that the grey card reflects
LOOK_NS = 2_000_000  # how far the clock advances whenever it is read


@dataclass(frozen=True, slots=True)
class Truth:
    """The true properties of the booth, which calibration should find."""

    cast: tuple[float, float] = (1.18, 0.82)  # red and blue of the booth's light relative to green
    tilt_deg: float = 5.0  # the camera looks up from below, so a straight head seems raised by this angle
    turn_deg: float = 0.0  # the camera looks from one side, so a straight head seems turned by this angle
    left_weak: bool = True  # the left lamp gives too little light


class SteppingClock(VirtualClock):
    """A clock that advances whenever it is read, and makes the camera advance with it."""

    rig: CameraRig | None = None

    def now_ns(self) -> int:
        """The present time, which is a little later than at the last call."""
        self.advance(LOOK_NS)
        if self.rig is not None:
            self.rig.step()
        return super().now_ns()


class CalibrationBooth:
    """The twins of one booth in `folder`. The object is also the helper of this booth (`Guide`): it does at once what
    the command asks."""

    def __init__(self, folder: Path, truth: Truth | None = None) -> None:
        self.truth = truth or Truth()
        self.person = drawn(3)
        self.clock = SteppingClock(datetime.fromisoformat("2026-08-01T08:30:00+08:00"))
        self.config = BoothConfig(
            camera=CameraConfig(main_size=(1280, 720)), storage=StorageConfig(folder=folder / "booth")
        )
        self.pins = Pins(self.config.lamps)
        self._kernel = KernelFiles(folder / "machine")
        if self.truth.left_weak:
            self.pins.break_lamp("left", LampFault.WEAK)
        self.rig = CameraRig(
            self._picture, lambda: VirtualClock.now_ns(self.clock), self.clock.advance, cast=self.truth.cast
        )
        self.clock.rig = self.rig
        self.step: Step | None = None
        self.moved_px = 0  # how far the camera is turned after the calibration, in pixels of the small picture
        self.messages: list[str] = []
        self._scene = Scene(Backdrop(shading=1.0))

    @property
    def vendors(self) -> Vendors:
        """The vendor objects that the command uses."""
        mixer = Speaker(self.clock.now_ns).mixer
        return Vendors(self.clock, self.rig.factory, self.pins.factory, DiskTwin(), mixer, self._kernel.folder)

    def calibrate(self, steps: Sequence[Step] = tuple(Step)) -> Result:
        """Calibrate the booth as `kiosk calibrate` does, with this object as the helper."""
        return calibrate(self.config, self.vendors, self, steps, poll_s=0.0)

    def ask(self, step: Step) -> None:
        """Do what the command asks the helper to do."""
        self.step = step

    def tell(self, words: str) -> None:
        """Note a message of the command."""
        self.messages.append(words)

    def go_on(self) -> None:
        """Do nothing, because nobody ends the calibration before it is done."""

    def _picture(self, size: tuple[int, int], _exposed_ns: int) -> Rgb:
        light = Light(self.pins.left, self.pins.right)
        pose = Pose(pitch_deg=self.truth.tilt_deg, yaw_deg=self.truth.turn_deg)
        who = [(self.person, pose)] if self.step is Step.SEATED else []
        picture = _with_a_door(self._scene.picture(size, light, who), light, self.moved_px * size[0] // 1280)
        return _with_card(picture, light) if self.step is Step.GREY_CARD else picture


def _with_a_door(picture: Rgb, light: Light, moved_px: int) -> Rgb:
    """The picture with a dark door frame at the left end of the backdrop; a turned camera sees the frame elsewhere."""
    out = picture.copy()
    edge = max(0, picture.shape[1] // 16 + moved_px)
    out[:, :edge] = _grey(0.03, light)
    return out


def _with_card(picture: Rgb, light: Light) -> Rgb:
    """The picture with a grey card in its middle; the card faces the lens."""
    out = picture.copy()
    height, width = picture.shape[:2]
    half = height // 5
    out[height // 2 - half : height // 2 + half, width // 2 - half : width // 2 + half] = _grey(GREY_CARD, light)
    return out


def _grey(reflects: float, light: Light) -> int:
    level: float = 0.58 * (light.left + light.right) + 1.25 * light.ambient
    return round(255.0 * math.pow(min(1.0, reflects * level), 1 / 2.2))
