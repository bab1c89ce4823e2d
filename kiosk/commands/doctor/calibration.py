"""`kiosk doctor calibration`: is there a calibration, is it fresh, and does the empty booth still look as it did when
it was calibrated?"""

from collections.abc import Callable, Sequence

from kiosk.commands.doctor.finding import Finding
from kiosk.commands.doctor.watch import watching
from kiosk.hardware.camera_vendor import PiCamera
from kiosk.ports.clock import Clock
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import DeviceFault
from kiosk.ports.frames import Frame
from kiosk.runtime.calibration import Calibrated, CalibrationFault, applied, load
from kiosk.vision.backdrop.light_mix import Plates

LOOK_MS = 1_500
STILL_THERE = 0.98
"""The share of the picture that must still match the plate. If one upright edge has moved by a fiftieth of the
picture's width, a smaller share matches. In the untouched simulated booth, 0.99 and more of the picture match."""
REMEDY = "Run kiosk calibrate"


def examine_calibration(
    config: BoothConfig, camera: Callable[[], PiCamera], clock: Clock, poll_s: float | None = None
) -> Finding:
    """Look up the newest calibration. If it has plates, compare them with the booth, which must be empty. `poll_s`: the
    longest single wait for a frame."""
    try:
        calibrated = load(config.storage.folder)
    except CalibrationFault as fault:
        return Finding("calibration", False, "damaged", f"{fault}")
    if calibrated is None:
        return Finding("calibration", False, "missing", f"the booth was never calibrated. {REMEDY}.")
    wall = clock.wall()
    days = (wall.moment - calibrated.calibration.moment).days
    details: dict[str, object] = {"days": days, "moment": calibrated.calibration.moment.isoformat(timespec="seconds")}
    if not calibrated.plates:
        return Finding("calibration", False, "no_plate", f"the empty booth was never pictured. {REMEDY}.", details)
    try:
        with watching(applied(config, calibrated.calibration).camera, camera, clock, poll_s) as watch:
            frames = watch.frames(LOOK_MS)
    except DeviceFault as fault:
        return Finding.of_fault("calibration", fault)
    matching = _matching(calibrated, frames)
    details["matching"] = round(matching, 3)
    if matching < STILL_THERE:
        message = (
            f"{100 * (1 - matching):.0f} % of the picture no longer shows the empty booth as it was calibrated. Look "
            f"whether anybody or anything is in the picture; if not, the camera or the backdrop was moved: {REMEDY}."
        )
        return Finding("calibration", False, "moved", message, details)
    if days > config.camera.calibrate_days and wall.synced:
        return Finding("calibration", False, "stale", f"it is {days} days old. {REMEDY}.", details)
    return Finding("calibration", True, "ok", "the empty booth looks as it was calibrated.", details)


def _matching(calibrated: Calibrated, frames: Sequence[Frame]) -> float:
    """The share 0..1 of the newest frame that shows the empty booth as it was when it was calibrated."""
    plates = calibrated.calibration.plates
    assert plates is not None, "pictures without exposures can't be saved"
    mix = Plates.of(calibrated.plates, plates.model_dump())
    if not frames or frames[-1].rgb.shape != calibrated.plates["dark"].shape:
        return 0.0
    return mix.fitted(frames[-1].rgb).matching
