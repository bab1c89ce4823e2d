"""Buffers and the requests that carry them to the camera and back."""

import mmap
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ._libcamera import ControlId
from .streams import Stream


class FrameMetadata:
    """The state in which a buffer came back."""

    class Status(Enum):
        Success = 0
        Error = 1
        Cancelled = 2
        Startup = 3

    def __init__(self) -> None:
        self.status = FrameMetadata.Status.Success


class FrameBuffer:
    """Memory for one picture; a file descriptor refers to it."""

    @dataclass
    class Plane:
        fd: int = -1
        offset: int = 0
        length: int = 0

    def __init__(self, planes: list[Plane]) -> None:
        self.planes = planes
        self.metadata = FrameMetadata()

    def write(self, picture: NDArray[np.uint8], stride: int) -> None:
        """Copy `picture` into the memory; its rows are `stride` bytes apart."""
        plane = self.planes[0]
        with mmap.mmap(plane.fd, plane.length) as memory:
            rows = np.frombuffer(memory, np.uint8, stride * picture.shape[0]).reshape(picture.shape[0], stride)
            width = min(stride, picture[0].size)
            rows[:, :width] = picture.reshape(picture.shape[0], -1)[:, :width]
            del rows  # while a view of the memory exists, the memory could not be closed


class Request:
    """A request to the camera: buffers to fill, and controls to set."""

    class Status(Enum):
        Pending = 0
        Complete = 1
        Cancelled = 2

    def __init__(self, cookie: int) -> None:
        self.cookie = cookie
        self.buffers: dict[Stream, FrameBuffer] = {}
        self.controls: dict[ControlId, object] = {}
        self.metadata: dict[ControlId, object] = {}
        self.status = Request.Status.Pending

    def add_buffer(self, stream: Stream, buffer: FrameBuffer) -> None:
        self.buffers[stream] = buffer

    def set_control(self, control: ControlId, value: object) -> None:
        self.controls[control] = value

    def reuse(self) -> None:
        """Make the request ready to be queued again, with the same buffers."""
        self.controls, self.metadata = {}, {}
        self.status = Request.Status.Pending
        for buffer in self.buffers.values():
            buffer.metadata = FrameMetadata()
