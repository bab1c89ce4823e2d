"""`kiosk calibrate`: white balance, lamps, pose, lens and the empty booth, step by step; the result is saved with a
date."""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.commands.calibrate.guide import Guide, Step, Terminal
from kiosk.commands.calibrate.steps import CalibrationRefused, empty_booth, grey_card, seated
from kiosk.commands.doctor.watch import Watch, watching
from kiosk.commands.service_account import account_of, give_to_service
from kiosk.hardware.lamps_pwm import LampsDevice
from kiosk.ports.calibration import Calibration, LampLevels
from kiosk.ports.config import BoothConfig, CameraConfig
from kiosk.ports.faults import DeviceFault
from kiosk.ports.frames import Rgb
from kiosk.runtime.calibration import Calibrated, CalibrationFault, applied, load, save
from kiosk.runtime.load import ConfigFault, load_config
from kiosk.runtime.vendors import Vendors, production_vendors
from kiosk.vision.face.track import FaceTracker
from kiosk.vision.models import models_folder
from rules.profile import load_profile

NEUTRAL = 3.0  # a card with at most this chroma (Lab) counts as grey


EXAMPLES = (
    "kiosk calibrate --config /etc/kiosk/booth.toml",
    "kiosk calibrate --config booth.toml --only empty",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--config", type=Path, required=True, help="the booth's configuration; its storage is used")
    parser.add_argument(
        "--only",
        action="append",
        choices=[step.value for step in Step],
        help="only this step (may be given again); the rest stays as it was: grey_card, seated (lens, lamps, pose), "
        "empty (the plates)",
    )
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 when the calibration was saved, 1 with the reason if not."""
    steps = [Step(name) for name in options.only] if options.only else list(Step)
    try:
        config = load_config(options.config)
    except ConfigFault as fault:
        sys.stderr.write(f"kiosk calibrate: {fault}\n")
        return fault.exit_code
    try:
        result = calibrate(config, production_vendors(), Terminal(), steps)
    except (CalibrationRefused, CalibrationFault, DeviceFault, OSError, EOFError) as fault:
        words = "nobody pressed Enter: run it in a terminal" if isinstance(fault, EOFError) else fault
        sys.stderr.write(f"\nkiosk calibrate: {words}. Nothing was saved.\n".replace("..", "."))
        return 1
    if options.json:
        sys.stdout.write(json.dumps(result.report(), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(f"saved: {result.folder}\n")
    return 0


@dataclass(slots=True)
class Result:
    """The parts of a calibration that were made so far, and the folder in which the calibration was saved."""

    calibration: Calibration
    plates: dict[str, Rgb] = field(default_factory=dict)
    pictures: dict[str, Rgb] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    folder: Path | None = None

    def change(self, **values: object) -> None:
        self.calibration = self.calibration.model_copy(update=values)

    def report(self) -> dict[str, object]:
        """The result as JSON values."""
        return {"saved": str(self.folder), **self.calibration.model_dump(mode="json"), "measured": self.figures}


def calibrate(
    config: BoothConfig,
    vendors: Vendors,
    guide: Guide,
    steps: Sequence[Step] = tuple(Step),
    poll_s: float | None = None,
) -> Result:
    """Do the `steps` in their order and save the calibration. The parts that belong to other steps stay as in the
    former calibration.

    Raises `CalibrationRefused` if a step fails; `DeviceFault`; `OSError`; and `CalibrationFault` if the former
    calibration is damaged and some parts are not made again.
    """
    wall, account = vendors.clock.wall(), account_of(config.storage.folder)
    before = _former(config.storage.folder, guide, every=set(steps) == set(Step))
    base = Calibration(moment=wall.moment, clock_synced=wall.synced) if before is None else before.calibration
    result = Result(base, {} if before is None else dict(before.plates))
    result.change(moment=wall.moment.replace(microsecond=0), clock_synced=wall.synced)
    tracker = FaceTracker(models_folder())
    lamps = LampsDevice(config.lamps, vendors.pins)
    lamps.open()
    with closing(lamps):
        for step in (one for one in Step if one in steps):
            guide.ask(step)
            tracker.forget()
            _Booth(config, vendors, lamps, tracker, guide, poll_s).make(step, result)
    result.folder = save(config.storage.folder, Calibrated(result.calibration, result.plates), result.pictures)
    # The service also calibrates, at the panel, and could not replace files that root has left here.
    give_to_service(account, result.folder.parent, result.folder, *result.folder.iterdir())
    guide.tell(f"Saved in {result.folder}. Restart the booth to use it.")
    return result


def _former(storage: Path, guide: Guide, *, every: bool) -> Calibrated | None:
    """The former calibration; None if there is none. If the former calibration is damaged, returns None if `every` part
    is made again, and otherwise raises `CalibrationFault`."""
    try:
        return load(storage)
    except CalibrationFault as fault:
        if not every:
            raise CalibrationFault(f"{fault} All steps are needed: leave --only out.") from fault
        guide.tell(f"{fault} It is replaced now.")
        return None


@dataclass(frozen=True, slots=True)
class _Booth:
    """The devices that a calibration uses, and the steps as methods."""

    config: BoothConfig
    vendors: Vendors
    lamps: LampsDevice
    tracker: FaceTracker
    guide: Guide
    poll_s: float | None

    def make(self, step: Step, result: Result) -> None:
        {Step.GREY_CARD: self._grey_card, Step.SEATED: self._seated, Step.EMPTY: self._empty}[step](result)

    def _camera(self, gains: tuple[float, float] | None) -> CameraConfig:
        """The settings of the camera while the card is measured: with `gains` fixed (None: with automatic white
        balance)."""
        return self.config.camera.model_copy(update={"colour_gains": gains, "lens_position": None})

    def _camera_of_booth(self, result: Result) -> CameraConfig:
        """The settings with which the booth will use the camera. The settings that the configuration leaves out are
        taken from the calibration."""
        return applied(self.config, result.calibration).camera

    def _watching(self, camera: CameraConfig) -> AbstractContextManager[Watch]:
        return watching(camera, self.vendors.camera, self.vendors.clock, self.poll_s, self.guide.go_on)

    def _shine(self) -> None:
        self.lamps.set(self.config.lamps.level, self.config.lamps.level)

    def _grey_card(self, result: Result) -> None:
        self._shine()
        with self._watching(self._camera(None)) as watch:
            first = grey_card(watch)
        with self._watching(self._camera(first.gains)) as watch:
            second = grey_card(watch)
        if second.cast > NEUTRAL:
            raise CalibrationRefused(
                f"the card is still coloured (chroma {second.cast:.1f}) under the gains {first.gains}. Keep the card "
                "still and coloured light away"
            )
        result.change(colour_gains=first.gains)
        result.pictures["grey-card"] = second.picture
        result.figures |= {"cast_before": round(first.cast, 2), "cast_after": round(second.cast, 2)}
        self.guide.tell(f"White balance: red {first.gains[0]}, blue {first.gains[1]}; chroma {second.cast:.1f}.")

    def _seated(self, result: Result) -> None:
        self._shine()
        # The lens position is not fixed, so that the camera focuses once on the seated person.
        camera = self._camera_of_booth(result).model_copy(update={"lens_position": None})
        with self._watching(camera) as watch:
            rules = load_profile(self.config.profile).live_rules
            found = seated(watch, self.lamps, self.config.lamps, self.tracker, rules)
        result.change(lens_position=found.lens_position, lamps=found.lamps, zero=found.zero)
        result.figures["light_even"] = found.light_even
        self.guide.tell(f"Lamps: left {found.lamps.left}, right {found.lamps.right}; evenness {found.light_even:+.3f}.")
        self.guide.tell(f"Straight ahead is yaw {found.zero.yaw}, pitch {found.zero.pitch} degrees here.")
        self.guide.tell(f"Lens position: {found.lens_position}.")

    def _empty(self, result: Result) -> None:
        known = result.calibration
        with self._watching(self._camera_of_booth(result)) as watch:
            level = self.config.lamps.level
            working = known.lamps or LampLevels(left=level, right=level)
            found = empty_booth(watch, self.lamps, working, self.tracker)
        result.change(plates=found.exposures)
        result.plates = found.plates
        self.guide.tell("The empty booth is kept under each lamp.")
