"""The package that picamera2 imports as `libcamera`. `plug_in` sets the sensor; before that there is no camera."""

from . import _libcamera, controls, properties
from ._libcamera import (
    ColorSpace,
    ControlId,
    ControlInfo,
    ControlType,
    Orientation,
    PixelFormat,
    Rectangle,
    SensorConfiguration,
    Size,
    StreamRole,
    Transform,
)
from .camera import Camera, CameraManager, plug_in
from .request import FrameBuffer, FrameMetadata, Request
from .streams import CameraConfiguration, Stream, StreamConfiguration

__all__ = [
    "Camera",
    "CameraConfiguration",
    "CameraManager",
    "ColorSpace",
    "ControlId",
    "ControlInfo",
    "ControlType",
    "FrameBuffer",
    "FrameMetadata",
    "Orientation",
    "PixelFormat",
    "Rectangle",
    "Request",
    "SensorConfiguration",
    "Size",
    "Stream",
    "StreamConfiguration",
    "StreamRole",
    "Transform",
    "_libcamera",
    "controls",
    "plug_in",
    "properties",
]
