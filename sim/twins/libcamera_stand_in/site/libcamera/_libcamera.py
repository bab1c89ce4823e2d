"""libcamera's value types, with the names and behaviour that picamera2 relies on."""

from dataclasses import dataclass
from enum import Enum


class ControlType(Enum):
    """The type of a control's value."""

    Null = 0
    Bool = 1
    Byte = 2
    Integer32 = 3
    Integer64 = 4
    Float = 5
    String = 6
    Rectangle = 7
    Size = 8


@dataclass(frozen=True)
class ControlId:
    """A control or property. picamera2 uses its `name` and, where it converts values, its `type`."""

    name: str
    type: ControlType


@dataclass(frozen=True)
class ControlInfo:
    """The range of a control."""

    min: object
    max: object
    default: object


@dataclass
class Size:
    """A size in pixels."""

    width: int = 0
    height: int = 0

    def to_tuple(self) -> tuple[int, int]:
        return (self.width, self.height)


@dataclass
class Rectangle:
    """A part of the sensor's pixel array."""

    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0

    def to_tuple(self) -> tuple[int, int, int, int]:
        return (self.x, self.y, self.width, self.height)


class Transform:
    """Flips and a transposition. picamera2 adds a comparison by value; the constructor can copy another object."""

    def __init__(self, other: "Transform | None" = None, *, hflip: int = 0, vflip: int = 0, transpose: int = 0) -> None:
        self.hflip, self.vflip, self.transpose = bool(hflip), bool(vflip), bool(transpose)
        if other is not None:
            self.hflip, self.vflip, self.transpose = other.hflip, other.vflip, other.transpose

    def __str__(self) -> str:  # picamera2 uses this as the repr, too
        return f"<libcamera.Transform {self.hflip:d}{self.vflip:d}{self.transpose:d}>"


class Orientation(Enum):
    """How the picture is turned, with the numbers of EXIF."""

    Rotate0 = 1
    Rotate0Mirror = 2
    Rotate180 = 3
    Rotate180Mirror = 4
    Rotate90Mirror = 5
    Rotate270 = 6
    Rotate270Mirror = 7
    Rotate90 = 8


class ColorSpace:
    """Primaries, transfer function, YCbCr matrix and range. picamera2 copies an object with the constructor, and then
    changes the copy.
    """

    class Primaries(Enum):
        Raw = 0
        Smpte170m = 1
        Rec709 = 2
        Rec2020 = 3

    class TransferFunction(Enum):
        Linear = 0
        Srgb = 1
        Rec709 = 2

    class YcbcrEncoding(Enum):
        Null = 0
        Rec601 = 1
        Rec709 = 2

    class Range(Enum):
        Full = 0
        Limited = 1

    def __init__(self, other: "ColorSpace | None" = None) -> None:
        self.primaries: ColorSpace.Primaries = other.primaries if other else self.Primaries.Raw
        self.transferFunction: ColorSpace.TransferFunction = (
            other.transferFunction if other else self.TransferFunction.Linear
        )
        self.ycbcrEncoding: ColorSpace.YcbcrEncoding = other.ycbcrEncoding if other else self.YcbcrEncoding.Null
        self.range: ColorSpace.Range = other.range if other else self.Range.Full

    def __str__(self) -> str:  # picamera2 uses this as the repr, too
        return f"<libcamera.ColorSpace {self.primaries.name}>"

    @staticmethod
    def made_of(primaries: Primaries, transfer: TransferFunction, encoding: YcbcrEncoding, span: Range) -> "ColorSpace":
        space = ColorSpace()
        space.primaries, space.transferFunction = primaries, transfer
        space.ycbcrEncoding, space.range = encoding, span
        return space

    @staticmethod
    def Raw() -> "ColorSpace":  # noqa: N802 - libcamera's name
        return ColorSpace()

    @staticmethod
    def Sycc() -> "ColorSpace":  # noqa: N802 - libcamera's name
        kind = ColorSpace
        return kind.made_of(
            kind.Primaries.Rec709, kind.TransferFunction.Srgb, kind.YcbcrEncoding.Rec601, kind.Range.Full
        )

    @staticmethod
    def Smpte170m() -> "ColorSpace":  # noqa: N802 - libcamera's name
        kind = ColorSpace
        return kind.made_of(
            kind.Primaries.Smpte170m, kind.TransferFunction.Rec709, kind.YcbcrEncoding.Rec601, kind.Range.Limited
        )

    @staticmethod
    def Rec709() -> "ColorSpace":  # noqa: N802 - libcamera's name
        kind = ColorSpace
        return kind.made_of(
            kind.Primaries.Rec709, kind.TransferFunction.Rec709, kind.YcbcrEncoding.Rec709, kind.Range.Limited
        )


class PixelFormat:
    """A pixel format, given by its name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __str__(self) -> str:
        return self._name


class StreamRole(Enum):
    """The purpose of a stream."""

    Raw = 0
    StillCapture = 1
    VideoRecording = 2
    Viewfinder = 3


class SensorConfiguration:
    """The way in which the sensor is read out."""

    def __init__(self) -> None:
        self.bit_depth = 0
        self.output_size: Size | None = None
