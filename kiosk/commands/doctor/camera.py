"""`kiosk doctor camera`: open the camera, watch it, take a burst."""

from collections.abc import Callable

from kiosk.commands.doctor.finding import Finding
from kiosk.commands.doctor.watch import Watch, watching
from kiosk.hardware.camera_vendor import PiCamera
from kiosk.ports.clock import Clock
from kiosk.ports.config import CameraConfig
from kiosk.ports.faults import DeviceFault
from kiosk.ports.frames import Frame

WATCH_MS = 2_000
# frames; the full sensor gives 14.35 a second, and fewer than this mean that the machine is starved or overheated
FEWEST_PER_SECOND = 10
DARK = 25  # a mean brightness below this, of 255, is too dark


def examine_camera(config: CameraConfig, factory: Callable[[], PiCamera], clock: Clock) -> Finding:
    """Open the camera, count frames for two seconds, and take a burst with locked exposure."""
    try:
        with watching(config, factory, clock) as watch:
            watch.frames(WATCH_MS // 2)  # the exposure gets steady in this time
            frames = watch.frames(WATCH_MS)
            watch.worker.shoot(1, 1, clock.now_ns())
            asked_ns = clock.now_ns()
            while not watch.bursts and not watch.events:
                watch.frames(100)
            return _judged(watch, frames, (clock.now_ns() - asked_ns) // 1_000_000)
    except DeviceFault as fault:
        return Finding.of_fault("camera", fault)


def _judged(watch: Watch, frames: list[Frame], burst_ms: int) -> Finding:
    per_second = len(frames) * 1000 / WATCH_MS
    metadata = frames[-1].metadata if frames else {}
    brightness = float(frames[-1].rgb.mean()) if frames else 0.0
    details = {
        "frames_per_second": round(per_second, 1),
        "burst_ms": burst_ms,
        "brightness": round(brightness),
        "exposure_us": metadata.get("ExposureTime"),
        "gain": metadata.get("AnalogueGain"),
        "lens_position": metadata.get("LensPosition"),
    }
    if not watch.bursts:
        message = "live pictures come, but a burst with locked exposure failed. Restart the booth; if it stays, update "
        return Finding("camera", False, "no_burst", message + "the system (sudo apt full-upgrade).", details)
    if per_second < FEWEST_PER_SECOND:
        message = "pictures come too slowly. Check heat and power supply (vcgencmd get_throttled)."
        return Finding("camera", False, "slow", message, details)
    if brightness < DARK:
        message = "the picture is nearly black. Take off the lens cap, switch the room's light on."
        return Finding("camera", False, "dark", message, details)
    message = "live pictures and a burst with locked exposure. With a person on the seat, lens_position is the value "
    return Finding("camera", True, "ok", message + "for [camera] lens_position.", details)
