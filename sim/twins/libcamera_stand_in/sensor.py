"""One sensor in memory (an IMX708, Camera Module 3): what it sees, how it behaves, and what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from sim.twins.camera_light import FRAME_NS, AutoExposure, Picture, expose, yuv420

ScenePicture = Callable[[tuple[int, int], int], Picture]
"""(width, height), exposed_ns -> (height, width, 3) uint8 RGB, as a camera with the reference exposure sees it."""

PIXEL_ARRAY = (4608, 2592)
MODES = ((1536, 864), (2304, 1296), PIXEL_ARRAY)
"""The sizes the IMX708 reads out."""


class Platform(StrEnum):
    """The image processor behind the sensor, by picamera2's names."""

    VC4 = "VC4"  # Raspberry Pi 4
    PISP = "PISP"  # Raspberry Pi 5


@dataclass(slots=True)
class Sensor:
    """The sensor and its faults. A test changes the attributes while the camera runs.

    `frame_s`: seconds between frames. `startup_frames`: how many of the first are marked as not to be used.
    `control_delay`: controls show this many frames after the frame whose request carried them (the sensor's own delay;
    the requests that were queued before add to it). `sweep_frames`: how long autofocus takes.
    """

    picture: ScenePicture
    platform: Platform = Platform.PISP
    frame_s: float = FRAME_NS / 1e9
    brighter: float = 1.0  # how much brighter the light is than the picture shows
    startup_frames: int = 2
    control_delay: int = 2
    sweep_frames: int = 8
    focuses: bool = True  # autofocus finds a focus
    present: bool = True  # the ribbon cable is in
    busy: bool = False  # another process holds the camera
    stalled: bool = False  # no more frames
    hangs_in_stop: bool = False  # stopping does not return
    refuses_requests: bool = False  # a buffer given back is refused, as when the cable slips out
    dropped: int = 0  # frames that found no request waiting
    configured: list[tuple[str, int, int]] = field(default_factory=list)  # (pixel format, width, height) of the streams
    controls: list[dict[str, object]] = field(
        default_factory=list
    )  # the controls that reached the sensor, the oldest first

    def exposed(self, light: AutoExposure, size: tuple[int, int], layout: str, ended_ns: int) -> Picture:
        """The picture (height, width, 3), or YUV 4:2:0, of a frame whose first row's exposure ended at `ended_ns`."""
        metadata = light.metadata(ended_ns)
        scene = self.picture(size, ended_ns - 1000 * int(metadata["ExposureTime"]))
        light.look_at(scene)
        picture = expose(scene, metadata, self.brighter)
        return yuv420(picture) if layout == "YUV420" else picture
