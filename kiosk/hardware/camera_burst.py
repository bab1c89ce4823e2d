"""Takes a burst: reads the steady exposure and locks it. Only frames that were exposed after the decision, and with the
locked exposure, become part of the burst.

The metadata of each frame prove its exposure. The time-out of a shot is counted in frames of the sensor, not in
seconds. So on a slow machine a burst takes longer, but does not fail.
"""

from kiosk.core.events import ShootFault
from kiosk.hardware.camera_running import FRAME_MS, Frames, RunningCamera
from kiosk.hardware.exposure import Exposure, ExposureHistory, exposed_ns, unlocked
from kiosk.hardware.pixels import rgb_of
from kiosk.ports.config import CameraConfig
from kiosk.ports.frames import Frame


class BurstLost(Exception):
    """There is no burst; `fault` says why."""

    def __init__(self, fault: ShootFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def take_burst(
    camera: RunningCamera, config: CameraConfig, history: ExposureHistory, decided_ns: int
) -> tuple[Frame, ...]:
    """The frames of full size, all exposed after `decided_ns` with one exposure. Raises `BurstLost`."""
    left = Frames(config.shot_timeout_ms // FRAME_MS)
    try:
        exposure = _steady(camera, history, left)
        camera.control(exposure.controls())
        return _frames(camera, config, exposure, decided_ns, left)
    except TimeoutError:
        raise BurstLost(ShootFault.CAMERA_TIMEOUT) from None
    finally:
        camera.control(unlocked(config.colour_gains))


def _steady(camera: RunningCamera, history: ExposureHistory, left: Frames) -> Exposure:
    """Wait until automatic exposure is steady, and return its exposure. If it is not steady after a third of the frames
    that may still arrive (`left`), return the exposure of the newest frame."""
    enough = left.left * 2 // 3
    while not history.steady and (history.newest is None or left.left > enough):
        with camera.captured(left) as request:
            history.add(request.get_metadata())
    assert history.newest is not None
    return history.newest


def _frames(
    camera: RunningCamera, config: CameraConfig, exposure: Exposure, decided_ns: int, left: Frames
) -> tuple[Frame, ...]:
    frames: list[Frame] = []
    first: Exposure | None = None
    others = 0  # how many frames did not have the locked exposure
    after_ns = decided_ns
    while len(frames) < config.burst_frames:
        if left.left < 0:
            raise BurstLost(ShootFault.EXPOSURE_NOT_LOCKED if others and not frames else ShootFault.CAMERA_TIMEOUT)
        try:
            with camera.captured(left, flush=after_ns) as request:
                metadata = request.get_metadata()
                after_ns = exposed_ns(metadata) + 1
                found = Exposure.of(metadata)
                if found is None or not exposure.is_close_to(found):
                    others += 1
                    continue
                if first is not None and not first.is_close_to(found):
                    # The lock took effect between these two frames. Each has nearly the requested exposure, but the two
                    # differ too much from each other.
                    frames.clear()
                first = found if not frames else first
                rgb = rgb_of(request.make_array("main"), "BGR888", config.main_size)
                frames.append(Frame(rgb, after_ns - 1, metadata))
        except TimeoutError:
            if others and not frames:
                raise BurstLost(ShootFault.EXPOSURE_NOT_LOCKED) from None
            raise
    return tuple(frames)
