"""Streams and their configuration: sizes, layouts of pixels, strides."""

from collections.abc import Iterator
from enum import Enum

from sim.twins.libcamera_stand_in.sensor import MODES, Platform

from ._libcamera import ColorSpace, Orientation, PixelFormat, SensorConfiguration, Size, StreamRole

BYTES_PER_PIXEL = {"BGR888": 3, "RGB888": 3, "XBGR8888": 4, "XRGB8888": 4, "YUV420": 1}
RAW_FORMAT = "SBGGR10_CSI2P"
# A row takes a multiple of this many bytes; in the luma of YUV 4:2:0, a multiple of twice as many.
STRIDE_STEP = {Platform.VC4: 32, Platform.PISP: 64}


class Stream:
    """One of the camera's outputs."""

    def __init__(self, configuration: "StreamConfiguration") -> None:
        self.configuration = configuration


class StreamFormats:
    """The formats that the raw stream can have."""

    @property
    def pixel_formats(self) -> list[PixelFormat]:
        return [PixelFormat(RAW_FORMAT)]

    def sizes(self, _pixel_format: PixelFormat) -> list[Size]:
        return [Size(*mode) for mode in MODES]


class StreamConfiguration:
    """One stream as the caller wants it; `validate` enters what the hardware can really do."""

    def __init__(self, role: StreamRole) -> None:
        self.role = role
        self.size = Size(640, 480)
        self.pixel_format = PixelFormat("XBGR8888")
        self.buffer_count = 4
        self.stride = 0
        self.frame_size = 0
        self.color_space: ColorSpace | None = ColorSpace.Sycc()
        self.stream = Stream(self)
        self.formats = StreamFormats()

    def settle(self, platform: Platform) -> None:
        """Compute the stride and the size of a frame, in bytes."""
        layout = str(self.pixel_format)
        step = STRIDE_STEP[platform] * (2 if layout == "YUV420" else 1)
        row = self.size.width * BYTES_PER_PIXEL.get(layout, 2)
        self.stride = self.stride or (row + step - 1) // step * step
        self.frame_size = self.stride * self.size.height * (3 if layout == "YUV420" else 2) // 2


class CameraConfiguration:
    """All streams, the orientation of the picture, and the mode of the sensor."""

    class Status(Enum):
        Valid = 0
        Adjusted = 1
        Invalid = 2

    def __init__(self, roles: list[StreamRole], platform: Platform) -> None:
        self._platform = platform
        self._streams = [StreamConfiguration(role) for role in roles]
        self.orientation = Orientation.Rotate0
        self.sensor_config: SensorConfiguration | None = None

    def at(self, index: int) -> StreamConfiguration:
        return self._streams[index]

    def __iter__(self) -> Iterator[StreamConfiguration]:
        return iter(self._streams)

    def validate(self) -> Status:
        for configuration in self._streams:
            configuration.settle(self._platform)
            if str(configuration.pixel_format) not in BYTES_PER_PIXEL:
                return self.Status.Invalid
        small = self._streams[1] if len(self._streams) > 1 else None
        if small is not None and self._platform is Platform.VC4 and str(small.pixel_format) != "YUV420":
            return self.Status.Invalid
        return self.Status.Valid
