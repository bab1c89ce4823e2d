"""The real picamera2 over the stand-in. Only this module handles the differences to a Raspberry Pi. It needs a
process of its own, because picamera2 keeps its platform and its camera manager until the process ends.
"""

import fcntl
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from sim.twins.libcamera_stand_in.sensor import Sensor

SITE = Path(__file__).with_name("site")
UNUSED = {
    "kms": ("PixelFormats",),  # draws a preview on the screen without a desktop
    "pidng": (),
    "pidng.camdefs": ("Picamera2Camera",),  # writes raw files
    "pidng.core": ("PICAM2DNG",),
    "prctl": (),  # runs a child process for video
}
"""Modules that picamera2 imports but the booth never uses: empty modules replace them.

Two of them are not available as a wheel.
"""


def plug_in(sensor: Sensor) -> Any:
    """Let `sensor` be this process's camera; returns the module `picamera2`.

    The packages' folder (`packages.folder()`) must be on the path.
    """
    if str(SITE) not in sys.path:
        sys.path.insert(0, str(SITE))
    for name, members in UNUSED.items():
        sys.modules.setdefault(name, _empty(name, members))
    import libcamera
    import picamera2
    import picamera2.allocators.dmaallocator as buffers
    import picamera2.platform as machine

    chosen = machine.Platform[sensor.platform.value]
    machine._platform = chosen  # noqa: SLF001 - read off /dev/video* at import, which says nothing here
    picamera2.Picamera2.platform = chosen
    buffers.DmaHeap = MemoryHeap
    buffers.fcntl = SimpleNamespace(ioctl=_synchronised)
    libcamera.plug_in(sensor)
    return picamera2


class MemoryHeap:
    """Replaces picamera2's `DmaHeap` without the kernel's heap: buffers are anonymous files. It holds a descriptor, as
    the real one does."""

    def __init__(self) -> None:
        self._handle: int | None = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)

    @property
    def isValid(self) -> bool:  # noqa: N802 - picamera2's name
        return self._handle is not None

    def alloc(self, name: str, size: int) -> Any:
        """A buffer of `size` bytes."""
        from picamera2.dma_heap import UniqueFD

        descriptor = os.memfd_create(name, os.MFD_CLOEXEC)
        os.ftruncate(descriptor, size)
        return UniqueFD(descriptor)

    def close(self) -> None:
        """Release the heap."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _synchronised(descriptor: int, _request: int, _argument: object) -> int:
    """Do nothing, because a process's own memory needs no synchronising; but fail for a closed descriptor."""
    fcntl.fcntl(descriptor, fcntl.F_GETFD)
    return 0


def _empty(name: str, members: tuple[str, ...]) -> ModuleType:
    module = ModuleType(name)
    for member in members:
        setattr(module, member, _Nothing)
    return module


class _AnyName(type):
    def __getattr__(cls, name: str) -> str:
        return name


class _Nothing(metaclass=_AnyName):
    """Has every attribute, because picamera2 makes a table of pixel formats from it when it is imported."""
