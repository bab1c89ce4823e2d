"""One sensor in memory (an IMX708, Camera Module 3): what it sees, how it behaves, and which faults it has."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from sim.twins.camera_light import FRAME_NS, AutoExposure, Picture, expose, yuv420

ScenePicture = Callable[[tuple[int, int], int], Picture]
"""(width, height), exposed_ns -> (height, width, 3) uint8 RGB, as a camera with the reference exposure sees it.
If the picture is writable, the camera may change it."""

PIXEL_ARRAY = (4608, 2592)
MODES = ((1536, 864), (2304, 1296), PIXEL_ARRAY)
"""The sizes in which the IMX708 can be read out."""


class Platform(StrEnum):
    """The image processor behind the sensor, by picamera2's names."""

    VC4 = "VC4"  # Raspberry Pi 4
    PISP = "PISP"  # Raspberry Pi 5


@dataclass(slots=True)
class Sensor:
    """The sensor and its faults. A test changes these attributes while the camera runs.

    `frame_s`: seconds between frames. `startup_frames`: how many frames after a start are marked as unusable.
    `control_delay`: controls take effect this many frames after the frame whose request carried them (the sensor's own
    delay; requests that were queued earlier add to it). `sweep_frames`: how many frames autofocus takes.
    """

    picture: ScenePicture
    platform: Platform = Platform.PISP
    frame_s: float = FRAME_NS / 1e9
    # how many times as bright the light is as in `picture`, whose 8-bit values can't show more than white
    brighter: float = 1.0
    startup_frames: int = 2
    control_delay: int = 2
    sweep_frames: int = 8
    focuses: bool = True  # whether autofocus finds a focus
    present: bool = True  # whether the ribbon cable is plugged in
    busy: bool = False  # whether another process uses the camera
    stalled: bool = False  # whether frames no longer come
    hangs_in_stop: bool = False  # whether stopping never returns
    refuses_requests: bool = False  # whether a returned buffer is refused, as when the cable slips out
    dropped: int = 0  # how many frames found no request waiting for them
    configured: list[tuple[str, int, int]] = field(default_factory=list)  # (pixel format, width, height) of the streams
    controls: list[dict[str, object]] = field(
        default_factory=list
    )  # the controls that reached the sensor, the oldest ones first

    def exposed(self, light: AutoExposure, size: tuple[int, int], layout: str, ended_ns: int) -> Picture:
        """The picture of a frame, (height, width, 3) or YUV 4:2:0. `ended_ns`: when the exposure of its first row
        ended."""
        metadata = light.metadata(ended_ns)
        scene = self.picture(size, ended_ns - 1000 * int(metadata["ExposureTime"]))
        light.look_at(scene)
        picture = expose(scene, metadata, self.brighter)
        return yuv420(picture) if layout == "YUV420" else picture
